import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'mocha';
import { makeProject, removeProjects } from '../support/project.ts';

const repository = resolve(import.meta.dirname, '../..');

/** Projects whose own tsconfig.json takes in the pipeline file: how it must be written depends on their settings. */
const projects = [
  { what: 'ES modules of Node', type: 'module', options: { module: 'nodenext' }, pipeline: 'treadle.config.ts' },
  {
    what: 'CommonJS of Node',
    type: 'commonjs',
    options: { module: 'nodenext', verbatimModuleSyntax: true },
    pipeline: 'treadle.config.mts',
  },
  {
    what: 'a bundler',
    type: 'module',
    options: { module: 'esnext', moduleResolution: 'bundler', allowImportingTsExtensions: true, noEmit: true },
    pipeline: 'treadle.config.ts',
  },
  { what: 'a bundler, and no type in package.json', type: undefined, options: { module: 'preserve' }, pipeline: 'treadle.config.ts' },
] as const;

describe("what treadle init writes, under a project's own compiler, for", function () {
  this.timeout(60_000);
  after(removeProjects);

  for (const { what, type, options, pipeline } of projects) {
    it(what, () => {
      const root = makeProject({
        'package.json': JSON.stringify({
          name: 'typed',
          ...(type === undefined ? {} : { type }),
          devDependencies: { typescript: '^7.0.0' },
        }),
        'tsconfig.json': JSON.stringify({
          compilerOptions: { target: 'es2024', strict: true, skipLibCheck: true, types: ['node'], ...options },
        }),
        'src/main.ts': '// TODO\nexport {};\n',
      });
      mkdirSync(join(root, 'node_modules'));
      symlinkSync(repository, join(root, 'node_modules/treadle'));
      symlinkSync(join(repository, 'node_modules/@types'), join(root, 'node_modules/@types'));
      const treadle = join(repository, 'dist/bin.cjs');
      run(root, treadle, 'init', '--yes');
      assert.ok(readdirSync(root).includes(pipeline), readdirSync(root).join(' '));
      run(root, treadle, 'run', '--only', 'notes');
      run(root, join(repository, 'node_modules/typescript/bin/tsc'), '--noEmit');
    });
  }
});

function run(cwd: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}
