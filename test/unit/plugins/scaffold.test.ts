import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'mocha';
import { compilePlugins, loadPlugins } from '../../../core/plugins/registry.ts';
import { scaffoldPlugin } from '../../../core/plugins/scaffold.ts';
import { makeProject, removeProjects } from '../../support/project.ts';

describe('scaffoldPlugin', () => {
  after(removeProjects);

  it('writes a plugin that loads, a pipeline and a test', async () => {
    const root = makeProject({});
    const { files } = await scaffoldPlugin({ root, name: 'check-links' });
    assert.deepEqual(files, [
      join(root, 'plugins/check-links.ts'),
      join(root, 'test/plugins/check-links/treadle.config.ts'),
      join(root, 'test/plugins/check-links.test.ts'),
    ]);
    const registry = await loadPlugins(await compilePlugins(root, undefined));
    assert.deepEqual(registry.problems, []);
    assert.ok(registry.get('check-links'));
    const pipeline = readFileSync(files[1] ?? '', 'utf8');
    assert.match(pipeline, /import checkLinks from '\.\.\/\.\.\/\.\.\/plugins\/check-links\.ts';/);
  });

  it('writes a test that Node takes for a module, whatever the manifest says', async () => {
    for (const [manifest, test] of [
      ['{ "type": "commonjs" }', 'test/plugins/a.test.mts'],
      ['{ "type": "module" }', 'test/plugins/a.test.ts'],
      ['{}', 'test/plugins/a.test.ts'],
    ] as const) {
      const root = makeProject({ 'package.json': manifest });
      const { files } = await scaffoldPlugin({ root, name: 'a' });
      assert.equal(files[2], join(root, test));
    }
  });

  it('writes the schema with the library that the project has', async () => {
    for (const [library, expected] of [
      ['zod', /z\.object\(/],
      ['valibot', /v\.object\(/],
      ['arktype', /type\(\{/],
    ] as const) {
      const root = makeProject({ 'package.json': JSON.stringify({ devDependencies: { [library]: '*' } }) });
      const { files } = await scaffoldPlugin({ root, name: 'greet', folder: 'tools/steps' });
      assert.equal(files[0], join(root, 'tools/steps/greet.ts'));
      assert.match(readFileSync(files[0] ?? '', 'utf8'), expected);
    }
  });

  it('gives a variable that is no word of the language', async () => {
    const { files } = await scaffoldPlugin({ root: makeProject({}), name: 'delete' });
    assert.match(
      readFileSync(files[1] ?? '', 'utf8'),
      /import deletePlugin from .*\n\nexport default definePipeline\(\[deletePlugin\('delete'/,
    );
  });

  it('refuses names that cannot be one', async () => {
    const root = makeProject({});
    for (const name of ['', 'Upper', '../up', 'a b', '-a', 'a--b', '_a', 'a.b', 'shell', 'wait-for']) {
      await assert.rejects(scaffoldPlugin({ root, name }), { code: 'E_USAGE' }, name);
    }
    await assert.rejects(scaffoldPlugin({ root, name: 'fine', folder: '../other' }), { code: 'E_PATH_OUTSIDE' });
  });

  it('overwrites nothing, and writes nothing when something is there', async () => {
    for (const file of ['plugins/greet.js', 'plugins/greet/index.ts', 'test/plugins/greet.test.ts']) {
      const root = makeProject({ [file]: 'mine' });
      await assert.rejects(scaffoldPlugin({ root, name: 'greet' }), { code: 'E_USAGE', message: /exists already/ });
      assert.equal(readFileSync(join(root, file), 'utf8'), 'mine');
      await assert.rejects(async () => readFileSync(join(root, 'plugins/greet.ts')), { code: 'ENOENT' });
    }
  });
});
