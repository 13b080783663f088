import { existsSync, readFileSync } from 'node:fs';
import { builtinModules, isBuiltin } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import type { BuildFailure, BuildOptions, BuildResult, Message } from 'esbuild';
import type { ErrorCode, SerializedError } from '../contract/errors.ts';
import { TreadleError } from '../contract/errors.ts';
import type { SourceLocation } from '../contract/status.ts';
import { suggest } from '../model/suggest.ts';
import { sha256 } from '../files/own-files.ts';
import { isInside, projectPath } from '../files/project-path.ts';
import { type CompiledInput, recordFormat, stampFile } from './compile-record.ts';
import { moduleBanner, originDefines, sourceFiles, withoutUnused } from './source-files.ts';
import { sourceImports } from './source-imports.ts';

export interface BundleRequest {
  readonly root: string;
  readonly entry: string;
  /** Where the module is to lie, absolute. */
  readonly folder: string;
  /** Compiled files of plugins, absolute, by their entries. */
  readonly plugins: ReadonlyMap<string, string>;
  /** Code of the errors that it throws. */
  readonly errorCode: ErrorCode;
}

export interface Bundle {
  readonly code: string;
  readonly map: string;
  readonly hash: string;
  readonly inputs: readonly CompiledInput[];
  /** Entries of plugins that the module imports. */
  readonly shared: readonly string[];
}

const options = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // What Node's own import looks at, so that a package resolves to the file that Node would run.
  mainFields: ['main'],
  conditions: ['module-sync', 'node-addons'],
  sourcemap: 'external',
  sourcesContent: false,
  charset: 'utf8',
  legalComments: 'none',
  define: originDefines,
  banner: { js: moduleBanner },
} as const satisfies BuildOptions;

const underWay = new Set<Promise<void>>();

/** Bundles an entry and the project's files that it imports into one module. Loads esbuild, which takes time. */
export async function bundle(request: BundleRequest): Promise<Bundle> {
  const { root, entry, folder, plugins } = request;
  const { build } = await import('esbuild');
  const sources = new Map<string, CompiledInput>();
  const findings = { packages: new Map<string, string>(), linked: new Set<string>(), shared: new Set<string>() };
  let result: BuildResult<{ write: false }>;
  const work = Promise.withResolvers<void>();
  underWay.add(work.promise);
  try {
    result = await build({
      ...options,
      entryPoints: [entry],
      absWorkingDir: root,
      outfile: join(folder, 'module.mjs'),
      write: false,
      logLevel: 'silent',
      plugins: [sourceImports({ folder, plugins, findings }), sourceFiles({ root, folder }, sources)],
    });
  } catch (error) {
    if (isBuildFailure(error)) throw bundleError(request, error.errors);
    throw error;
  } finally {
    underWay.delete(work.promise);
    work.resolve();
  }
  const text = (end: string): string => result.outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
  const settings = settingsFiles(root, sources.keys());
  const inputs = [
    ...sources.values(),
    ...[...settings, ...findings.linked, ...findings.packages.keys()].map((file): CompiledInput => ({
      ...stampFile(root, file),
      role: 'settings',
    })),
  ].toSorted(byPath);
  return {
    code: withoutUnused(text('.mjs')),
    map: text('.map'),
    hash: identity(
      root,
      inputs,
      findings.packages,
      [...findings.shared].map((file) => basename(plugins.get(file) ?? '')),
    ),
    inputs,
    shared: [...findings.shared].toSorted(),
  };
}

/** Ends esbuild's process once it has nothing to do; a later bundle starts it again. */
export async function stopBundling(): Promise<void> {
  const { stop } = await import('esbuild');
  // One project may be loaded while another is closed.
  while (underWay.size > 0) await Promise.all(underWay);
  await stop();
}

function identity(
  root: string,
  inputs: readonly CompiledInput[],
  packages: ReadonlyMap<string, string>,
  shared: readonly string[],
): string {
  const parts = inputs.map(({ path, sha256: content }) => {
    // A dependency counts with its version: its manifest differs between installers.
    const version = packages.get(resolve(root, path));
    return version ?? `${path}:${content}`;
  });
  return sha256(JSON.stringify([recordFormat(), options, parts.toSorted(), shared.toSorted()]));
}

function byPath(left: CompiledInput, right: CompiledInput): number {
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}

/** The tsconfig.json files that decide how imports of the sources resolve, and those that they extend. */
function settingsFiles(root: string, sources: Iterable<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const start of new Set([...sources].map((file) => dirname(file)))) {
    if (start.includes('node_modules')) continue;
    for (let folder = start; ; folder = dirname(folder)) {
      const file = join(folder, 'tsconfig.json');
      if (existsSync(file)) {
        addWithBases(file, found);
        break;
      }
      // Where there is none, a new one beside the pipeline file would count.
      if (folder === root) found.add(file);
      if (folder === dirname(folder)) break;
    }
  }
  return found;
}

function addWithBases(file: string, found: Set<string>): void {
  if (found.has(file)) return;
  found.add(file);
  // Only paths: a base from a package changes with its version, and seldom has paths.
  const bases = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(existsSync(file) ? readFileSync(file, 'utf8') : '')?.[1] ?? '';
  for (const [, base = ''] of bases.matchAll(/"(\.[^"]*)"/g)) {
    const path = resolve(dirname(file), base);
    addWithBases(path.endsWith('.json') ? path : `${path}.json`, found);
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function bundleError({ root, entry, errorCode }: BundleRequest, messages: readonly Message[]): TreadleError {
  const problems = messages.map((message): SerializedError => {
    const location = locationOf(root, message);
    const hint = hintFor(message);
    return {
      code: errorCode,
      name: 'TreadleError',
      message: location === undefined ? message.text : `${location.file}:${location.line}:${location.column}: ${message.text}`,
      ...(hint === undefined ? {} : { hint }),
      ...(location === undefined ? {} : { location }),
    };
  });
  const [first, ...others] = problems;
  return new TreadleError(
    errorCode,
    others.length === 0
      ? (first?.message ?? 'The file cannot be compiled.')
      : `${projectPath(root, entry)} cannot be compiled, for ${problems.length} reasons.`,
    {
      ...(first?.hint === undefined || others.length > 0 ? {} : { hint: first.hint }),
      ...(first?.location === undefined ? {} : { location: first.location }),
      ...(others.length === 0 ? {} : { errors: problems }),
    },
  );
}

function locationOf(root: string, { location }: Message): SourceLocation | undefined {
  if (location === null) return undefined;
  // esbuild counts columns in bytes from 0.
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  const file = resolve(root, location.file);
  return { file: isInside(root, file) ? location.file : file, line: location.line, column: before.length + 1 };
}

function hintFor({ text }: Message): string | undefined {
  const name = /^Could not resolve "([^"]*)"/.exec(text)?.[1];
  if (name === undefined) return undefined;
  if (name.startsWith('.') || name.startsWith('/')) return 'Check the path: no such file.';
  if (name.startsWith('node:')) {
    // The part that can be misspelt: the common beginning would make all of them alike.
    const meant = suggest(name.slice('node:'.length), builtinModules);
    return meant === undefined ? `Node.js ${process.versions.node} has no such module.` : `Did you mean "node:${meant}"?`;
  }
  const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
  if (isBuiltin(packageName)) return `Check the spelling: Node.js has a module ${packageName}, but no ${name}.`;
  return `Install it, as with "npm install --save-dev ${packageName}", or check the spelling.`;
}
