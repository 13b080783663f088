// Builds the npm package (bundles, declarations and JSON Schemas, into dist/) and the VS Code extension (into extension/dist/).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleCommandLine } from './scripts/command-line.ts';
import { keepPublicTypes } from './scripts/public-types.ts';
import { writeNotices } from './scripts/write-notices.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
for (const folder of ['dist', 'extension/dist']) rmSync(new URL(folder, import.meta.url), { recursive: true, force: true });

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22.22',
  outdir: 'dist',
  define: { __VERSION__: JSON.stringify(version) },
  // Only white space and syntax: names stay readable in the stacks that people send us.
  minifyWhitespace: true,
  minifySyntax: true,
  // Node knows them: made by constructors instead, libraries' unused ones of emoji would be built at every start.
  supported: { 'regexp-unicode-property-escapes': true },
  // Licences of what is bundled stand in THIRD-PARTY-NOTICES.txt.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** @type {import('esbuild').BuildOptions} */
const modules = {
  ...common,
  format: 'esm',
  external: ['esbuild', 'tinypool'],
  // jsonc-parser's main file is UMD, which requires its parts in a way that cannot be bundled.
  mainFields: ['module', 'main'],
};

/** Leaves dynamic imports of own modules to bundles of their own, of the same name. @type {import('esbuild').Plugin} */
const loadedLater = {
  name: 'loaded-later',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/.*\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: path.replace(/\.ts$/, '.js'), external: true } : undefined,
    );
  },
};

/** Packages that only some commands load, each in a file of its own: the command line is read anew with every start. */
const seldom = { 'vscode-jsonrpc/node': 'jsonrpc', chokidar: 'chokidar', picomatch: 'picomatch' };

/** @type {import('esbuild').Plugin} */
const loadedSeldom = {
  name: 'loaded-seldom',
  setup({ onResolve }) {
    for (const [name, file] of Object.entries(seldom)) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: `./${file}.cjs`, external: true }));
    }
  },
};

/** CommonJS that knows where it is. @type {import('esbuild').BuildOptions} */
const commonJs = {
  ...modules,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { ...common.define, 'import.meta.url': '__fileUrl' },
  banner: { js: "const __fileUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/** What `treadle` and `treadle/plugins` export. */
const library = "export * from './core/index.ts'; export * from './plugins/index.ts';";

/**
 * Where the command line offers its own copy of the library to the pipeline files that it runs, so that it is loaded
 * once; each installation has a place of its own.
 */
const shared = (/** @type {string} */ folder) => `Symbol.for('treadle library ' + new URL('.', ${folder}))`;

/**
 * A script that gives a function, which bin.cjs calls: joining texts at start would take memory, and touching
 * memory takes time. Imports go through a function, as code needs it that Node did not load itself. And Node's own
 * modules are loaded when they are first used, which for many is never: crypto alone takes 10 ms.
 */
function asFunction(/** @type {string} */ parameters, /** @type {string} */ text, result = '') {
  const imports = /(?<![.\w$])import\((?=url\d*\)|"(?:esbuild|tinypool|\.\/run-tests\.js)"\))/g;
  const body = text
    .replaceAll(imports, '__import(')
    .replaceAll(/(?<![.\w$])import\("part:([^":]*):([^"]*)"\)/g, '__part("$1", "$2")')
    .replaceAll(/__toESM\(require\(("node:(?!process")[\w/]+")\)(?:,1)?\)/g, '__later($1)')
    .replaceAll(/(?<![.\w$])require\(("node:(?!process")[\w/]+")\)/g, '__later($1)');
  const others = body.match(/(?<![.\w$'"`])import\([\w"'`]/g);
  if (others !== null) throw new Error(`The command line has imports that the build does not know: ${others.join(' ')}`);
  // eslint-disable-next-line no-control-regex
  const foreign = /[^\x00-\x7f]/.exec(body);
  if (foreign !== null)
    throw new Error(
      `The command line must be ASCII; write "${foreign[0]}" as an escape: ${body.slice(foreign.index - 40, foreign.index + 40)}`,
    );
  const later = `const __later = (name) => {
    let loaded;
    return new Proxy({}, { get: (_, key, proxy) => (key === 'default' ? proxy : (loaded ??= require(name))[key]) });
  };`;
  // The global performance loads Node's perf_hooks: 2 ms.
  const clock = 'const __now = () => { const [seconds, rest] = process.hrtime(); return seconds * 1000 + rest / 1e6; };';
  return `(function (${parameters}) {${later}${clock}${body};${result}})`;
}

// The command line is three files: resolving forty small ones takes longer than reading one that is mostly not run.
// It is CommonJS: an ES module reads every export of each of Node's modules that it imports, lazy ones included.
const commandLine = await bundleCommandLine(
  {
    ...modules,
    define: { ...common.define, 'import.meta.url': '__fileUrl', 'performance.now': '__now' },
    plugins: [
      {
        name: 'command-line',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\/library$/ }, () => ({ path: 'library', namespace: 'library' }));
          onLoad({ filter: /.*/, namespace: 'library' }, () => ({ contents: library, resolveDir: root }));
          // A function, loaded with the first pattern of files.
          onResolve({ filter: /^picomatch$/ }, () => ({ path: 'picomatch', namespace: 'later' }));
          onLoad({ filter: /.*/, namespace: 'later' }, () => ({
            contents: `const load = () => require('./picomatch.cjs');
            module.exports = Object.assign((...args) => load()(...args), { scan: (...args) => load().scan(...args) });`,
          }));
          onResolve({ filter: /^\.\/picomatch\.cjs$/ }, ({ path }) => ({ path, external: true }));
          // What builds large regular expressions when it is loaded, for text that few runs print.
          onResolve({ filter: /^fast-string-truncated-width$/ }, ({ path, namespace }) =>
            namespace === 'when-called' ? undefined : { path, namespace: 'when-called' },
          );
          onLoad({ filter: /.*/, namespace: 'when-called' }, ({ path }) => ({
            contents: `export default (...args) => require(${JSON.stringify(path)}).default(...args);`,
            resolveDir: root,
          }));
          onResolve({ filter: /^\.\/run-tests\.ts$/ }, () => ({ path: './run-tests.js', external: true }));
          // Importing it runs it, though the package says that importing has no effects.
          onResolve({ filter: /^\.\/core\/cli\/main\.ts$/ }, ({ path }) => ({
            path: fileURLToPath(new URL(path, import.meta.url)),
            sideEffects: true,
          }));
        },
      },
      loadedSeldom,
    ],
  },
  `import './core/cli/main.ts';\nObject.defineProperty(globalThis, ${shared('__fileUrl')}, { get: () => require('./library') });`,
);
const head = "const __fileUrl = require('node:url').pathToFileURL(__filename).href;";
// What other scripts need of the first is put together when one is loaded: not before the first has been evaluated.
const loadOthers = `let __share;
const __loaded = {};
const __load = async (name) => (await undefined, __script(name)(require, __filename, __dirname, __import, __part, (await __share()).parts));
const __part = async (script, name) => (await (__loaded[script] ??= __load(script)))[name]();`;
const scripts = {
  'cli.cjs': asFunction('require, __filename, __dirname, __import, __script', head + loadOthers + commandLine.first),
  ...Object.fromEntries(
    Object.entries(commandLine.others).map(([name, text]) => [
      name,
      asFunction('require, __filename, __dirname, __import, __part, __parts', `let __modules;${head}${text}`, 'return __modules;'),
    ]),
  ),
};
mkdirSync(new URL('dist', import.meta.url), { recursive: true });
for (const [name, text] of Object.entries(scripts)) writeFileSync(new URL(`dist/${name}`, import.meta.url), text);

const results = await Promise.all([
  // The process entry is CommonJS and tiny: it starts as fast as Node does.
  build({
    ...common,
    entryPoints: { bin: 'core/bin.cts' },
    format: 'cjs',
    // It has to parse on versions that are too old, to say so.
    target: 'node14',
    outExtension: { '.js': '.cjs' },
    banner: { js: '#!/usr/bin/env node' },
    define: {
      ...common.define,
      __BUILD__: JSON.stringify(createHash('sha256').update(Object.values(scripts).join('')).digest('hex').slice(0, 16)),
    },
  }),
  build({
    ...modules,
    entryPoints: Object.fromEntries(Object.entries(seldom).map(([name, file]) => [file, name])),
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  }),
  // What project code imports is one file too, and so is each part that it loads when it is needed.
  build({
    ...commonJs,
    stdin: { contents: library, resolveDir: root, loader: 'ts' },
    outdir: undefined,
    outfile: 'dist/library.cjs',
    plugins: [loadedLater],
  }),
  build({
    ...modules,
    plugins: [loadedSeldom],
    entryPoints: {
      runtime: 'core/runtime.ts',
      'run-tests': 'plugins/tests/run-tests.ts',
      worker: 'core/executors/threads/worker.ts',
    },
  }),
  // Loaded by test runners, in their processes: each file stands alone.
  build({
    ...common,
    entryPoints: ['mocha', 'jest', 'vitest', 'playwright'].map((name) => `plugins/tests/runner-reporters/${name}.ts`),
    outdir: 'dist/runner-reporters',
    format: 'esm',
  }),
]);
const extension = await build({
  ...common,
  entryPoints: { extension: 'extension/src/extension.ts' },
  outdir: 'extension/dist',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // The oldest editor that the manifest allows runs extensions on Node 22.15.
  target: 'node22.15',
  external: ['vscode'],
  mainFields: ['module', 'main'],
});
// The page of the timeline runs in a browser.
await build({
  ...common,
  entryPoints: ['extension/src/timeline/webview/main.ts', 'extension/src/timeline/webview/timeline.css'],
  outdir: 'extension/dist',
  entryNames: 'timeline',
  platform: 'browser',
  target: 'chrome128',
  format: 'iife',
});
// So does the page of a report, which stands alone in one file.
await build({
  ...common,
  minify: true,
  entryPoints: ['core/reporters/html/page/main.ts', 'core/reporters/html/page/report.css'],
  entryNames: 'report',
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
});
const exported = Object.keys(await import('./core/index.ts'));
const builtIn = Object.keys(await import('./plugins/index.ts'));
if (exported.some((name) => builtIn.includes(name))) throw new Error('treadle and treadle/plugins must not export the same name.');
// What compiled code imports has all of them: one file instead of two to find and to read at each start.
for (const [entry, names] of Object.entries({ index: exported, plugins: builtIn, modules: [...exported, ...builtIn] })) {
  // Without imports, which take longer than all that this file does.
  writeFileSync(
    new URL(`dist/${entry}.js`, import.meta.url),
    `const library = globalThis[${shared('import.meta.url')}] ?? process.getBuiltinModule('node:module').createRequire(import.meta.url)('./library.cjs');
export const { ${names.join(', ')} } = library;
`,
  );
}
chmodSync(new URL('dist/bin.cjs', import.meta.url), 0o755);
writeNotices(
  root,
  'dist',
  [commandLine, ...results].flatMap(({ metafile }) => Object.keys(metafile.inputs)),
);
writeNotices(root, 'extension/dist', Object.keys(extension.metafile.inputs));

const run = (/** @type {string[]} */ ...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
run('scripts/write-schemas.ts');
// Editors without Treadle in the folder complete and check JSON pipeline files, too.
copyFileSync(new URL('dist/schema/pipeline.json', import.meta.url), new URL('extension/dist/pipeline.schema.json', import.meta.url));
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
keepPublicTypes(fileURLToPath(new URL('dist/types', import.meta.url)), ['core/index.d.ts', 'plugins/index.d.ts']);
