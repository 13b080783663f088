import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findTreadle } from '../../../extension/src/engine/find-treadle.ts';
import { addFiles, makeProject, removeProjects } from '../../support/project.ts';

function packageFiles(folder: string, version: string, bin: unknown = { treadle: './dist/bin.cjs' }): Record<string, string> {
  return { [`${folder}/package.json`]: JSON.stringify({ name: 'treadle', version, bin }), [`${folder}/dist/bin.cjs`]: '' };
}

const none = { path: '', relativeTo: '/' };

describe("finding the project's Treadle", () => {
  after(removeProjects);

  it('takes the nearest, as Node.js would', async () => {
    const root = makeProject({
      ...packageFiles('node_modules/treadle', '1.0.0'),
      ...packageFiles('packages/shop/node_modules/treadle', '2.0.0', './dist/bin.cjs'),
      'packages/api/package.json': '{"name":"api"}',
    });
    const folder = join(root, 'packages/shop/node_modules/treadle');
    const shop = await findTreadle({ folder: join(root, 'packages/shop'), configured: none });
    assert.deepEqual(shop, { kind: 'found', treadle: { folder, version: '2.0.0', bin: join(folder, 'dist/bin.cjs') } });
    const api = await findTreadle({ folder: join(root, 'packages/api') });
    assert.equal(api.kind === 'found' && api.treadle.version, '1.0.0');
  });

  it('follows the links that pnpm makes', async () => {
    const real = 'node_modules/.pnpm/treadle@1.2.0/node_modules/treadle';
    const root = makeProject({ ...packageFiles(real, '1.2.0'), 'packages/shop/a.txt': '' });
    mkdirSync(join(root, 'packages/shop/node_modules'));
    symlinkSync(join(root, real), join(root, 'packages/shop/node_modules/treadle'));
    const found = await findTreadle({ folder: join(root, 'packages/shop') });
    assert.equal(found.kind === 'found' && found.treadle.folder, join(root, real));
  });

  it("takes the package that the pipeline file is part of: Treadle's own repository", async () => {
    const root = makeProject(packageFiles('.', '3.0.0'));
    const found = await findTreadle({ folder: root });
    assert.equal(found.kind === 'found' && found.treadle.version, '3.0.0');
  });

  it('takes the package that the settings name, or says that it is none', async () => {
    const root = makeProject({
      ...packageFiles('tools/treadle', '4.0.0'),
      'other/package.json': '{"name":"other","version":"1","bin":"a"}',
    });
    const found = await findTreadle({ folder: root, configured: { path: 'tools/treadle', relativeTo: root } });
    assert.equal(found.kind === 'found' && found.treadle.version, '4.0.0');
    for (const path of ['other', 'gone']) {
      const refused = await findTreadle({ folder: root, configured: { path, relativeTo: root } });
      assert.match(refused.kind === 'unusable' ? refused.message : '', /treadle\.packagePath names .*(other|gone), which is not/);
    }
  });

  it('says what is wrong with one that cannot be used', async () => {
    const root = makeProject({ 'node_modules/treadle/package.json': '{"name":"treadle","version":"1.0.0","bin":"dist/bin.cjs"}' });
    const half = await findTreadle({ folder: root });
    assert.match(half.kind === 'unusable' ? half.message : '', /dist\/bin\.cjs does not exist.*Install the packages again/);
    addFiles(root, { 'node_modules/treadle/package.json': '{"name":"treadle","version":"1.0.0","bin":"../../evil.js"}', 'evil.js': '' });
    const outside = await findTreadle({ folder: root });
    assert.match(outside.kind === 'unusable' ? outside.message : '', /outside of its package/);
    const pnp = await findTreadle({ folder: makeProject({ '.pnp.cjs': '' }) });
    assert.match(pnp.kind === 'unusable' ? pnp.message : '', /Plug'n'Play/);
  });

  it('finds none where there is none, or where it cannot be read', async () => {
    for (const text of ['{}', 'not JSON', '[]', '{"name":"treadle"}']) {
      const root = makeProject({ 'node_modules/treadle/package.json': text });
      assert.deepEqual(await findTreadle({ folder: root }), { kind: 'missing' });
    }
  });
});
