import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repository } from '../repository.ts';

const runner = join(import.meta.dirname, '../suite/run-suites.ts');

/**
 * Bundles test files as one CommonJS module, which is what an extension host loads.
 *
 * @param folder - its files `*.suite.ts` are the tests
 * @returns the module. Its folder lies in this repository, so that it finds mocha, and is the caller's to remove.
 */
export async function bundleSuite(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.suite.ts'));
  // Loaded later: mocha must be ready for `describe` first.
  const loaders = files.sort().map((file) => `() => import(${JSON.stringify(join(folder, file))})`);
  await mkdir(join(repository, 'build'), { recursive: true });
  const output = await mkdtemp(join(repository, 'build/suite-'));
  await build({
    stdin: {
      contents: `import { runSuites } from ${JSON.stringify(runner)};\nexport const run = () => runSuites([${loaders.join(', ')}]);\n`,
      resolveDir: repository,
      loader: 'ts',
    },
    outfile: join(output, 'suites.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  // Source maps count for modules that are loaded once they are enabled.
  const module = join(output, 'index.cjs');
  await writeFile(module, "process.setSourceMapsEnabled(true);\nmodule.exports = require('./suites.cjs');\n");
  return module;
}
