import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'jsonc-parser';
import { matchesPatterns } from '../files/file-patterns.ts';
import { isRecord } from './manifest.ts';

/** What a project's tsconfig.json means for a pipeline file beside it. */
export interface TypeScriptFacts {
  /** `tsc` by itself writes nothing. */
  readonly onlyChecks: boolean;
  /** It only names other tsconfig files: `tsc` checks nothing without `--build`. */
  readonly isSolution: boolean;
  /** It takes in files of the project's own folder, so that `tsc` checks the pipeline file as well. */
  readonly takesInRoot: boolean;
  /** Its settings can make sense of a pipeline file in TypeScript. */
  readonly understandsPipelines: boolean;
  /** It treats `.ts` files of a package without `"type": "module"` as CommonJS. */
  readonly followsPackageType: boolean;
  /** Imports may end in `.ts`. */
  readonly allowsTsImports: boolean;
}

type Options = Readonly<Record<string, unknown>>;

/** Reads tsconfig.json with all that it extends; `undefined` where there is none. */
export function readTypeScriptFacts(root: string, typescript: string | undefined): TypeScriptFacts | undefined {
  const file = join(root, 'tsconfig.json');
  if (!existsSync(file)) return undefined;
  const config = readConfig(file, 0);
  const options = config.options;
  const modern = majorOf(root, typescript) >= 6;
  const moduleKind = lower(options['module']) ?? (modern ? 'esnext' : 'commonjs');
  const isNode = /^node(?:16|18|20|next)$/.test(moduleKind);
  const resolution =
    lower(options['moduleResolution']) ?? (isNode ? moduleKind : modern || moduleKind === 'preserve' ? 'bundler' : 'node10');
  const rootDir = options['rootDir'];
  return {
    onlyChecks: options['noEmit'] === true,
    isSolution: config.isSolution,
    takesInRoot: config.takesInRoot,
    understandsPipelines:
      /^(?:bundler|node16|nodenext)$/.test(resolution) && (typeof rootDir !== 'string' || resolve(root, rootDir) === root),
    followsPackageType: isNode,
    allowsTsImports: options['allowImportingTsExtensions'] === true || options['rewriteRelativeImportExtensions'] === true,
  };
}

interface Config {
  readonly options: Options;
  readonly isSolution: boolean;
  readonly takesInRoot: boolean;
}

function readConfig(file: string, depth: number): Config {
  const value: unknown = parse(readFileSync(file, 'utf8'), [], { allowTrailingComma: true });
  const own = isRecord(value) ? value : {};
  const bases = depth > 8 ? [] : [own['extends']].flat().filter((each) => typeof each === 'string');
  const inherited = bases.map((base) => findBase(dirname(file), base)).filter((base) => base !== undefined);
  const options = Object.assign({}, ...inherited.map((base) => readConfig(base, depth + 1).options), own['compilerOptions']);
  const include = textsOf(own['include']);
  const files = textsOf(own['files']);
  const pipelineFiles = ['treadle.config.ts', 'treadle.config.mts'];
  const includes = include === undefined ? files === undefined : pipelineFiles.some((name) => matchesPatterns(include, name));
  const excludes = pipelineFiles.some((name) => matchesPatterns(textsOf(own['exclude']) ?? [], name));
  return {
    options,
    isSolution: files?.length === 0 && include === undefined,
    takesInRoot: includes && !excludes,
  };
}

/** The file that `extends` names: a path, or a file of an installed package. */
function findBase(folder: string, name: string): string | undefined {
  const starts = name.startsWith('.') || name.startsWith('/') ? [resolve(folder, name)] : packagePaths(folder, name);
  return starts
    .flatMap((start) => [start, `${start}.json`, join(start, 'tsconfig.json')])
    .find((path) => path.endsWith('.json') && existsSync(path));
}

function packagePaths(folder: string, name: string): readonly string[] {
  const paths: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    paths.push(join(at, 'node_modules', name));
    if (at === dirname(at)) return paths;
  }
}

/** The installed TypeScript, else the one that package.json asks for; the newest where neither says. */
function majorOf(root: string, range: string | undefined): number {
  const file = join(root, 'node_modules/typescript/package.json');
  const installed: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const version = isRecord(installed) && typeof installed['version'] === 'string' ? installed['version'] : range;
  const major = /\d+/.exec(version ?? '')?.[0];
  return major === undefined ? 6 : Number(major);
}

function lower(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
}
