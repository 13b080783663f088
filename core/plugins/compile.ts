import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorCode } from '../contract/errors.ts';
import { entryLabel, makeCompiledFolder, positionsFile, writeCompiled } from './compiled-folder.ts';
import { projectPath } from '../files/project-path.ts';
import {
  type CompileRecord,
  compareInputs,
  type FoundRecord,
  readRecord,
  recordFormat,
  stampFile,
  touchRecord,
  writeRecord,
} from './compile-record.ts';
import { ownModules } from './own-modules.ts';

/** A module that is ready to be imported, on any thread. */
export interface CompiledModule {
  /** Its source, absolute. */
  readonly entry: string;
  /** File URL of the compiled module. */
  readonly url: string;
  /** The compiled file, absolute. */
  readonly file: string;
  /** Identity of the code: the same wherever the project lies. */
  readonly hash: string;
  /** Source files, absolute, and the settings files that decide how they resolve. */
  readonly inputs: readonly string[];
  /** Whether nothing had to be compiled. */
  readonly cached: boolean;
}

export interface CompileRequest {
  /** The project's folder, absolute and without symbolic links. */
  readonly root: string;
  /** The file to compile, absolute and without symbolic links. */
  readonly entry: string;
  /** Plugins that the entry shares instead of holding their code, by entry. */
  readonly plugins?: ReadonlyMap<string, CompiledModule>;
  /** Code of the error when the file cannot be compiled. */
  readonly errorCode: ErrorCode;
}

/** How many compiled versions of an entry stay besides the present one: another process may be about to import one. */
const keptVersions = 3;

/**
 * Compiles a file with all that it imports from the project, unless that has been done: an unchanged entry costs
 * a look at its files, and esbuild is not even loaded.
 *
 * @throws The request's error code, located, when the file cannot be compiled.
 */
export async function compileModule(request: CompileRequest): Promise<CompiledModule> {
  const { root, entry, plugins = new Map<string, CompiledModule>() } = request;
  const found = readRecord(root, entry);
  if (found !== undefined && sharesSame(root, found, plugins) && existsSync(join(found.folder, found.record.output))) {
    const state = compareInputs(root, found.record.inputs);
    if (state !== 'changed') {
      if (state === 'touched') {
        const inputs = found.record.inputs.map((input) => ({ ...input, ...stampFile(root, resolve(root, input.path)) }));
        await touchRecord(root, { ...found, record: { ...found.record, inputs } });
      }
      return compiledModule(root, found, true);
    }
  }
  return compiledModule(root, await compileAnew(request, plugins, found), false);
}

/** Set once something had to be compiled. */
let bundling: Promise<typeof import('./bundle.ts')> | undefined;

/** Ends the compiler's process, if there is one; a later compilation starts it again. */
export async function stopCompiler(): Promise<void> {
  if (bundling !== undefined) await (await bundling).stopBundling();
}

async function compileAnew(
  { root, entry, errorCode }: CompileRequest,
  plugins: ReadonlyMap<string, CompiledModule>,
  previous: FoundRecord | undefined,
): Promise<FoundRecord> {
  bundling ??= import('./bundle.ts');
  const { bundle } = await bundling;
  const folder = await makeCompiledFolder(root);
  const others = new Map([...plugins.values()].filter((plugin) => plugin.entry !== entry).map((plugin) => [plugin.entry, plugin.file]));
  const bundled = await bundle({ root, entry, folder, plugins: others, errorCode });
  const output = `${entryLabel(entry)}-${bundled.hash.slice(0, 16)}.mjs`;
  // The map first: whoever sees the module can read its map.
  await writeCompiled(join(folder, `${output}.map`), bundled.map);
  await writeCompiled(join(folder, output), `${bundled.code}//# sourceMappingURL=${encodeURIComponent(output)}.map\n`);
  const before = previous?.folder === folder ? [previous.record.output, ...previous.record.superseded] : [];
  const older = [...new Set(before)].filter((name) => name !== output);
  const record: CompileRecord = {
    format: recordFormat(),
    treadle: ownModules().treadle,
    entry: projectPath(root, entry),
    output,
    hash: bundled.hash,
    inputs: bundled.inputs,
    shared: bundled.shared.map((file) => ({ path: projectPath(root, file), output: projectPath(folder, others.get(file) ?? '') })),
    superseded: older.slice(0, keptVersions),
    ...(previous?.record.plugins === undefined ? {} : { plugins: previous.record.plugins }),
  };
  await writeRecord(root, { folder, record });
  for (const name of older.slice(keptVersions)) {
    const file = join(folder, name);
    for (const each of [file, `${file}.map`, positionsFile(file)]) await rm(each, { force: true });
  }
  return { folder, record };
}

/** Whether an entry imports the same plugins, at the same versions, as when it was compiled. */
function sharesSame(root: string, { folder, record }: FoundRecord, plugins: ReadonlyMap<string, CompiledModule>): boolean {
  const sameVersions = record.shared.every(({ path, output }) => plugins.get(resolve(root, path))?.file === resolve(folder, output));
  const entry = resolve(root, record.entry);
  const heldAsCode = record.inputs.some(({ path }) => resolve(root, path) !== entry && plugins.has(resolve(root, path)));
  return sameVersions && !heldAsCode;
}

function compiledModule(root: string, { folder, record }: FoundRecord, cached: boolean): CompiledModule {
  const file = join(folder, record.output);
  return {
    entry: resolve(root, record.entry),
    url: pathToFileURL(file).href,
    file,
    hash: record.hash,
    inputs: record.inputs.filter((input) => input.sha256 !== '').map((input) => resolve(root, input.path)),
    cached,
  };
}
