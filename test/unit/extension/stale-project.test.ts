import assert from 'node:assert/strict';
import { reloadAfter, type KnownProject } from '../../../extension/src/engine/stale-project.ts';

const record = { plugins: [{ name: 'lint', file: '/work/shop/tools/lint.ts' }, { name: 'shell' }], problem: undefined };
const project: KnownProject = {
  configFile: '/work/shop/treadle.config.ts',
  folder: '/work/shop',
  sources: new Set(['/work/shop/treadle.config.ts', '/work/shop/tools/lint.ts', '/work/shared/steps.ts']),
  record,
};

describe('whether a project is loaded again after a change', function () {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  for (const [file, expected] of [
    ['/work/shop/treadle.config.ts', 'if-stale'],
    ['/work/shared/steps.ts', 'if-stale'],
    ['/work/shop/tools/lint.ts', 'if-stale'],
    ['/work/shop/src/cart.ts', 'no'],
    ['/work/shop/package.json', 'no'],
    // A plugin that is new.
    ['/work/shop/plugins/deploy.ts', 'surely'],
    ['/work/shop/tools/deploy.ts', 'surely'],
    ['/work/shop/plugins/node_modules/x/index.js', 'no'],
    ['/work/plugins/deploy.ts', 'no'],
  ] as const) {
    it(`${expected}: ${file} of one that works`, () => {
      assert.equal(reloadAfter([file], project), expected);
    });
  }

  it('surely: any file of one that is broken, which may be the one that was missing', () => {
    const broken: KnownProject = { ...project, record: { ...record, problem: { kind: 'config', errors: [] } } };
    assert.equal(reloadAfter(['/work/shop/src/steps.ts'], broken), 'surely');
    assert.equal(reloadAfter(['/work/shop/.treadle/compiled/a.js'], broken), 'no');
    assert.equal(reloadAfter(['/work/other/steps.ts'], broken), 'no');
  });

  it('surely: what an installation writes, where Treadle was missing', () => {
    const missing: KnownProject = { ...project, sources: new Set(), record: { plugins: [], problem: { kind: 'no-treadle' } } };
    assert.equal(reloadAfter(['/work/shop/package-lock.json'], missing), 'surely');
    assert.equal(reloadAfter(['/work/pnpm-lock.yaml'], missing), 'surely');
    assert.equal(reloadAfter(['/work/shop/packages/api/package.json'], missing), 'no');
    assert.equal(reloadAfter(['/work/shop/src/cart.ts'], missing), 'no');
  });
});
