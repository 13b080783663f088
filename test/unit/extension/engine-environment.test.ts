import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { engineEnvironment } from '../../../extension/src/engine/engine-environment.ts';

describe('the environment of an engine', function () {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  const node = { path: '/opt/node/bin/node', version: '24.0.0', why: 'PATH', env: {} };

  it("has what the editor's has, without what belongs to the editor alone", () => {
    const editor = { HOME: '/home/me', PATH: `/opt/node/bin${delimiter}/bin`, VSCODE_PID: '7', ELECTRON_RUN_AS_NODE: '1', LANG: 'de' };
    assert.deepEqual(engineEnvironment(editor, node, {}), { HOME: '/home/me', PATH: `/opt/node/bin${delimiter}/bin`, LANG: 'de' });
  });

  it('lets steps find the Node.js that runs them', () => {
    assert.equal(engineEnvironment({ PATH: '/bin' }, node, {})['PATH'], `/opt/node/bin${delimiter}/bin`);
    assert.equal(engineEnvironment({ PATH: '/bin' }, { ...node, env: { PATH: '/opt/node/bin' } }, {})['PATH'], '/opt/node/bin');
    // The editor's folder holds no program that steps look for.
    const editor = { ...node, env: { ELECTRON_RUN_AS_NODE: '1' } };
    assert.deepEqual(engineEnvironment({ PATH: '/bin' }, editor, {}), { PATH: '/bin', ELECTRON_RUN_AS_NODE: '1' });
  });

  it('is as the settings say in the end', () => {
    const env = engineEnvironment({ PATH: '/opt/node/bin', TOKEN: 'secret' }, node, { TOKEN: null, MODE: 'test' });
    assert.deepEqual(env, { PATH: '/opt/node/bin', MODE: 'test' });
  });
});
