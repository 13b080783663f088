// Builds the npm package (bundles, declarations and JSON Schemas, into dist/) and the VS Code extension (into extension/dist/).
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
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
  }),
  // The command line is one file: resolving forty small ones takes longer than reading one that is mostly not run.
  // It is CommonJS: an ES module reads every export of each of Node's modules that it imports, lazy ones included.
  build({
    ...modules,
    entryPoints: { cli: 'core/cli/main.ts' },
    plugins: [loadedSeldom],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { ...common.define, 'import.meta.url': '__fileUrl' },
    banner: { js: "const __fileUrl = require('node:url').pathToFileURL(__filename).href;" },
  }),
  build({
    ...modules,
    entryPoints: Object.fromEntries(Object.entries(seldom).map(([name, file]) => [file, name])),
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  }),
  // What project code imports is one file too, and so is each part that it loads when it is needed.
  build({
    ...modules,
    stdin: { contents: "export * from './core/index.ts'; export * from './plugins/index.ts';", resolveDir: root, loader: 'ts' },
    outdir: undefined,
    outfile: 'dist/library.js',
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
for (const [entry, source] of [
  ['index', './core/index.ts'],
  ['plugins', './plugins/index.ts'],
]) {
  const names = Object.keys(await import(source)).join(', ');
  writeFileSync(new URL(`dist/${entry}.js`, import.meta.url), `export { ${names} } from './library.js';\n`);
}
chmodSync(new URL('dist/bin.cjs', import.meta.url), 0o755);
writeNotices(
  root,
  'dist',
  results.flatMap(({ metafile }) => Object.keys(metafile.inputs)),
);
writeNotices(root, 'extension/dist', Object.keys(extension.metafile.inputs));

const run = (/** @type {string[]} */ ...args) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
run('scripts/write-schemas.ts');
// Editors without Treadle in the folder complete and check JSON pipeline files, too.
copyFileSync(new URL('dist/schema/pipeline.json', import.meta.url), new URL('extension/dist/pipeline.schema.json', import.meta.url));
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
