import { readFileSync, statSync } from 'node:fs';
import { extname, relative } from 'node:path';
import type { Loader, OnLoadResult, Plugin } from 'esbuild';
import { sha256 } from '../files/own-files.ts';
import { projectPath } from '../files/project-path.ts';
import type { CompiledInput } from './compile-record.ts';

const loaders: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
};

const originNamespace = 'treadle-origin';

/** Expressions that tell a file where it is, and what they become; each file defines the names for itself. */
export const originDefines: Readonly<Record<string, string>> = {
  'import.meta.url': '__treadle_url',
  'import.meta.filename': '__treadle_filename',
  'import.meta.dirname': '__treadle_dirname',
  'import.meta.resolve': '__treadle_resolve',
  __filename: '__treadle_filename',
  __dirname: '__treadle_dirname',
};

/** Linters and formatters of the project that look into hidden folders have nothing to find in what was compiled. */
const notForLinters = `/* eslint-disable */
// biome-ignore-all lint: compiled
// biome-ignore-all assist: compiled
// biome-ignore-all format: compiled
`;

const forCommonJs =
  "import { createRequire as __treadle_createRequire } from 'node:module'; const __treadle_here = import.meta; const require = __treadle_createRequire(__treadle_here.url);";

/** Beginning of every compiled module: what CommonJS sources and {@link sourceFiles} need. */
export const moduleBanner = notForLinters + forCommonJs;

/**
 * Leaves out what few modules need and takes time in each. Its line stays, empty: the source map counts lines.
 *
 * @param code - of a module that begins with {@link moduleBanner}
 */
export function withoutUnused(code: string): string {
  const rest = code.replace(forCommonJs, '');
  return /\b(?:require|__treadle_here)\b/.test(rest) ? code : rest;
}

interface Places {
  readonly root: string;
  /** Where the module is to lie, absolute. */
  readonly folder: string;
}

/**
 * Reads the source files: remembers which version of each was compiled, and lets `import.meta.url` and its like
 * tell the place of the source instead of that of the compiled module.
 */
export function sourceFiles(places: Places, inputs: Map<string, CompiledInput>): Plugin {
  return {
    name: 'treadle-source-files',
    setup(build) {
      build.onLoad({ filter: /.*/, namespace: 'file' }, ({ path }) => readSource(places, path, inputs));
      build.onResolve({ filter: /^treadle-origin:/ }, ({ path }) => ({
        path: path.slice(originNamespace.length + 1),
        namespace: originNamespace,
      }));
      build.onLoad({ filter: /.*/, namespace: originNamespace }, ({ path }) => ({ contents: originModule(path), loader: 'js' }));
    },
  };
}

function readSource({ root, folder }: Places, file: string, inputs: Map<string, CompiledInput>): OnLoadResult | undefined {
  const loader = loaders[extname(file)];
  if (loader === undefined) return undefined;
  const times = statSync(file);
  const content = readFileSync(file);
  inputs.set(file, {
    path: projectPath(root, file),
    size: times.size,
    mtimeMs: times.mtimeMs,
    sha256: sha256(content),
    role: 'source',
  });
  const text = content.toString('utf8').replace(/^\uFEFF/, '');
  return { contents: loader === 'json' || loader === 'text' ? text : withOrigin(folder, file, text), loader };
}

/** Adds the definitions where no position of the source moves: imports are hoisted from the end of a file. */
function withOrigin(folder: string, file: string, text: string): string {
  if (!/\bimport\.meta\b|\b__(?:filename|dirname)\b/.test(text)) return text;
  const from = JSON.stringify(`${originNamespace}:${originPath(folder, file)}`);
  if (isModule(file, text)) {
    return `${text}\nimport { url as __treadle_url, filename as __treadle_filename, dirname as __treadle_dirname, resolve as __treadle_resolve } from ${from};\n`;
  }
  const definition = `const { filename: __treadle_filename, dirname: __treadle_dirname } = require(${from});`;
  return text.startsWith('#!') ? text.replace(/\n|$/, `\n${definition} `) : `${definition} ${text}`;
}

function isModule(file: string, text: string): boolean {
  if (/\.[cm][jt]s$/.test(file)) return !/\.c[jt]s$/.test(file);
  return /\.tsx?$/.test(file) || /^\s*(?:import\s*[\w{*'"]|export\s*[\w{*])|\bimport\.meta\b/m.test(text);
}

function originPath(folder: string, file: string): string {
  return relative(folder, file).replaceAll('\\', '/');
}

function originModule(path: string): string {
  return [
    "import { dirname as parentOf } from 'node:path';",
    "import { fileURLToPath } from 'node:url';",
    `export const url = new URL(${JSON.stringify(urlPath(path))}, __treadle_here.url).href;`,
    'export const filename = fileURLToPath(url);',
    'export const dirname = parentOf(filename);',
    'export const resolve = (specifier) => /^\\.{0,2}\\//.test(specifier) ? new URL(specifier, url).href : __treadle_here.resolve(specifier);',
    '',
  ].join('\n');
}

/** A file path as the path of a URL, relative or absolute. */
export function urlPath(path: string): string {
  return encodeURI(path).replaceAll(/[?#]/g, encodeURIComponent);
}
