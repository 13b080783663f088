import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorCode } from '../contract/errors.ts';
import { compiledFolder, entryLabel, makeCompiledFolder, writeCompiled } from './compiled-folder.ts';
import { projectPath } from '../files/project-path.ts';
import { type CompileRecord, compareInputs, readRecord, recordFormat, stampFile, writeRecord } from './compile-record.ts';
import { ownModules } from './own-modules.ts';

/** A module that is ready to be imported, on any thread. */
export interface CompiledModule {
  /** Its source, absolute. */
  readonly entry: string;
  /** File URL of the compiled module. */
  readonly url: string;
  /** Name of the compiled file. */
  readonly output: string;
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
  const record = readRecord(root, entry);
  if (record !== undefined && sharesSame(root, record, plugins) && existsSync(outputFile(root, record.output))) {
    const state = compareInputs(root, record.inputs);
    if (state !== 'changed') {
      if (state === 'touched')
        await writeRecord(root, {
          ...record,
          inputs: record.inputs.map((input) => ({ ...input, ...stampFile(root, resolve(root, input.path)) })),
        });
      return compiledModule(root, record, true);
    }
  }
  return compiledModule(root, await compileAnew(request, plugins, record), false);
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
  previous: CompileRecord | undefined,
): Promise<CompileRecord> {
  bundling ??= import('./bundle.ts');
  const { bundle } = await bundling;
  const outputs = new Map([...plugins.values()].filter((plugin) => plugin.entry !== entry).map((plugin) => [plugin.entry, plugin.output]));
  const bundled = await bundle({ root, entry, plugins: outputs, errorCode });
  const output = `${entryLabel(entry)}-${bundled.hash.slice(0, 16)}.mjs`;
  await makeCompiledFolder(root);
  // The map first: whoever sees the module can read its map.
  await writeCompiled(`${outputFile(root, output)}.map`, bundled.map);
  await writeCompiled(outputFile(root, output), `${bundled.code}//# sourceMappingURL=${encodeURIComponent(output)}.map\n`);
  const older = [previous?.output, ...(previous?.superseded ?? [])].filter((name) => name !== undefined && name !== output);
  const record: CompileRecord = {
    format: recordFormat(),
    treadle: ownModules().treadle,
    entry: projectPath(root, entry),
    output,
    hash: bundled.hash,
    inputs: bundled.inputs,
    shared: bundled.shared.map((file) => ({ path: projectPath(root, file), output: outputs.get(file) ?? '' })),
    superseded: [...new Set(older)].filter((name) => name !== undefined).slice(0, keptVersions),
    ...(previous?.plugins === undefined ? {} : { plugins: previous.plugins }),
  };
  await writeRecord(root, record);
  for (const name of older.slice(keptVersions)) {
    await rm(outputFile(root, name ?? ''), { force: true });
    await rm(`${outputFile(root, name ?? '')}.map`, { force: true });
  }
  return record;
}

/** Whether an entry imports the same plugins, at the same versions, as when it was compiled. */
function sharesSame(root: string, record: CompileRecord, plugins: ReadonlyMap<string, CompiledModule>): boolean {
  const sameVersions = record.shared.every(({ path, output }) => plugins.get(resolve(root, path))?.output === output);
  const entry = resolve(root, record.entry);
  const heldAsCode = record.inputs.some(({ path }) => resolve(root, path) !== entry && plugins.has(resolve(root, path)));
  return sameVersions && !heldAsCode;
}

function compiledModule(root: string, record: CompileRecord, cached: boolean): CompiledModule {
  return {
    entry: resolve(root, record.entry),
    url: pathToFileURL(outputFile(root, record.output)).href,
    output: record.output,
    hash: record.hash,
    inputs: record.inputs.filter((input) => input.sha256 !== '').map((input) => resolve(root, input.path)),
    cached,
  };
}

function outputFile(root: string, output: string): string {
  return join(compiledFolder(root), output);
}
