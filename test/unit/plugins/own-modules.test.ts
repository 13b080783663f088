import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { after, describe, it } from 'mocha';
import { type OwnModules, ownModuleFor, ownModules } from '../../../core/plugins/own-modules.ts';
import { makeProject, removeProjects } from '../../support/project.ts';

describe('ownModules', () => {
  after(removeProjects);

  it('finds the sources when it runs from them', () => {
    assert.ok(existsSync(fileURLToPath(ownModules().treadle)));
    assert.match(ownModules().plugins, /\/plugins\/index\.ts$/);
    assert.match(ownModules().version, /^\d+\.\d+\.\d+/);
    assert.equal(ownModuleFor('treadle'), ownModules().treadle);
    assert.equal(ownModuleFor('treadle/plugins'), ownModules().plugins);
    assert.equal(ownModuleFor('treadle-plugin-x'), undefined);
  });

  it('finds the built package', async () => {
    const root = makeProject({ 'package.json': '{ "type": "module" }', 'dist/modules.js': '' });
    const outfile = join(root, 'dist/bundle.js');
    const entry = fileURLToPath(new URL('../../../core/plugins/own-modules.ts', import.meta.url));
    const define = { __VERSION__: '"7.8.9"' };
    await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', define, logLevel: 'silent' });
    const built: { ownModules(): OwnModules } = await import(pathToFileURL(outfile).href);
    assert.deepEqual(built.ownModules(), {
      treadle: pathToFileURL(join(root, 'dist/modules.js')).href,
      plugins: pathToFileURL(join(root, 'dist/modules.js')).href,
      version: '7.8.9',
    });
  });
});
