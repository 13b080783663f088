import assert from 'node:assert/strict';
import { chmodSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findNode, type NodeSearch, type NodeSearchOptions } from '../../../extension/src/engine/find-node.ts';
import { compareVersions, fitsVersion } from '../../../extension/src/engine/node-version.ts';
import { addFiles, makeProject, removeProjects } from '../../support/project.ts';

const editor = { path: '/opt/editor/editor', version: '22.20.0' };

/** A program that says a version, as `node --version` does. */
function addNode(root: string, path: string, version: string, says = `v${version}`): string {
  addFiles(root, { [path]: `#!/bin/sh\necho ${says}\n` });
  chmodSync(join(root, path), 0o755);
  return join(root, path);
}

function search(root: string, options: Partial<NodeSearchOptions> = {}, env: NodeJS.ProcessEnv = {}): Promise<NodeSearch> {
  return findNode({ folder: root, home: join(root, 'home'), editor, env: { PATH: '/nowhere', ...env }, ...options });
}

function found(result: NodeSearch): readonly [string, string, string] | readonly string[] {
  return result.kind === 'found' ? [result.node.path, result.node.version, result.node.why] : result.tried;
}

describe('finding Node.js', function () {
  before(function () {
    // The programs of these tests are shell scripts.
    if (process.platform === 'win32') this.skip();
  });
  after(removeProjects);

  it('takes the first on the PATH that is new enough, and passes over relative entries', async () => {
    const root = makeProject({});
    const old = addNode(root, 'old/node', '20.1.0');
    const good = addNode(root, 'good/node', '22.22.1');
    addNode(root, 'better/node', '24.0.0');
    const path = ['.', 'good', join(root, 'old'), join(root, 'good'), join(root, 'better')].join(delimiter);
    const result = await search(root, {}, { PATH: path });
    assert.deepEqual(found(result), [good, '22.22.1', 'PATH']);
    const none = await search(root, {}, { PATH: join(root, 'old') });
    assert.deepEqual(found(none), [
      `${old} (PATH): 20.1.0 is older than 22.22`,
      '/opt/editor/editor (the editor itself): 22.20.0 is older than 22.22',
    ]);
  });

  it('asks the login shell, whatever its start files print, and gives its PATH to the engine', async () => {
    const root = makeProject({});
    const node = addNode(root, 'shell/node', '24.1.0');
    const path = `${join(root, 'shell')}:/usr/bin`;
    const shell = join(root, 'sh');
    addFiles(root, { sh: `#!/bin/sh\necho "Welcome!"\nPATH='${path}'\nshift 3\neval "$1"\necho "Bye!"\n` });
    chmodSync(shell, 0o755);
    const result = await search(root, {}, { SHELL: shell });
    assert.deepEqual(found(result), [node, '24.1.0', "the login shell's PATH"]);
    assert.deepEqual(result.kind === 'found' && result.node.env, { PATH: path });
  });

  it('takes what a version manager has: what the version file asks for, else the newest', async () => {
    const root = makeProject({ 'packages/shop/a.txt': '' });
    const nvm = addNode(root, 'home/.nvm/versions/node/v22.23.0/bin/node', '22.23.0');
    const fnm = addNode(root, 'home/.local/share/fnm/node-versions/v24.9.0/installation/bin/node', '24.9.0');
    addNode(root, 'home/.volta/tools/image/node/24.10.0/bin/node', '24.10.0');
    const folder = join(root, 'packages/shop');
    assert.deepEqual(found(await search(root, { folder }))[1], '24.10.0');
    addFiles(root, { '.nvmrc': 'v22\n' });
    assert.deepEqual(found(await search(root, { folder })), [nvm, '22.23.0', 'nvm, as .nvmrc says']);
    addFiles(root, { 'packages/shop/.node-version': '24.9\n' });
    assert.deepEqual(found(await search(root, { folder })), [fnm, '24.9.0', 'fnm, as .node-version says']);
  });

  it('runs the engine with the editor itself when there is nothing else', async () => {
    const result = await search(makeProject({}), { editor: { path: '/opt/editor/editor', version: '24.1.0' } });
    assert.deepEqual(found(result), ['/opt/editor/editor', '24.1.0', 'the editor itself']);
    assert.deepEqual(result.kind === 'found' && result.node.env, { ELECTRON_RUN_AS_NODE: '1' });
  });

  it('uses the setting or refuses it, and looks no further', async () => {
    const root = makeProject({ 'not-node': '' });
    const node = addNode(root, 'home/my/node', '24.0.0');
    addNode(root, 'good/node', '24.5.0');
    const env = { PATH: join(root, 'good') };
    for (const configured of ['home/my/node', node, '~/my/node', 'home/my']) {
      assert.deepEqual(found(await search(root, { configured }, env)), [node, '24.0.0', 'setting treadle.nodePath']);
    }
    const why = '(setting treadle.nodePath)';
    assert.deepEqual(found(await search(root, { configured: 'gone' }, env)), [`${join(root, 'gone')} ${why}: there is no such program`]);
    assert.deepEqual(found(await search(root, { configured: 'not-node' }, env)), [`${join(root, 'not-node')} ${why}: it may not be run`]);
    const odd = addNode(root, 'odd', '', 'hello');
    assert.deepEqual(found(await search(root, { configured: odd }, env)), [`${odd} ${why}: it does not say a version of Node.js`]);
  });

  it('asks each program once, however many names it has', async () => {
    const root = makeProject({ 'links/a.txt': '' });
    const old = addNode(root, 'old/node', '18.0.0');
    symlinkSync(old, join(root, 'links/node'));
    const result = await search(root, {}, { PATH: [join(root, 'old'), join(root, 'links')].join(delimiter) });
    assert.equal(found(result).length, 2);
  });

  it('compares versions as versions', () => {
    assert.ok(compareVersions('22.100.0', '22.22') > 0);
    assert.ok(compareVersions('v22.3.0', '22.22') < 0);
    assert.equal(compareVersions('24', '24.0.0'), 0);
    assert.ok(
      fitsVersion('24.1.0', 'v24') && fitsVersion('24.1.0', '24.1') && !fitsVersion('24.10.0', '24.1') && !fitsVersion('24.1.0', 'lts/*'),
    );
  });
});
