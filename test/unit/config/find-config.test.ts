import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'mocha';
import { findConfig } from '../../../core/config/find-config.ts';
import { makeProject, removeProjects } from '../../support/project.ts';

describe('findConfig', () => {
  after(removeProjects);

  it('finds each form, in the folder and above it', () => {
    for (const extension of ['ts', 'mts', 'js', 'mjs', 'json']) {
      const root = makeProject({ [`treadle.config.${extension}`]: '', 'a/b/c.txt': '' });
      const file = join(root, `treadle.config.${extension}`);
      assert.equal(findConfig(root), file);
      assert.equal(findConfig(join(root, 'a/b')), file);
    }
  });

  it('takes the nearest, and does not look beyond the repository', () => {
    const root = makeProject({ 'treadle.config.ts': '', 'a/treadle.config.js': '', 'a/b/c.txt': '', 'repo/x/y.txt': '' });
    mkdirSync(join(root, 'repo/.git'));
    assert.equal(findConfig(join(root, 'a/b')), join(root, 'a/treadle.config.js'));
    assert.throws(() => findConfig(join(root, 'repo/x')), { code: 'E_CONFIG_NOT_FOUND', message: /repo\/x or above it/ });
  });

  it('does not choose between several', () => {
    const root = makeProject({ 'treadle.config.ts': '', 'treadle.config.json': '' });
    assert.throws(() => findConfig(root), {
      code: 'E_CONFIG_INVALID',
      message: /several pipeline files: treadle\.config\.json, treadle\.config\.ts/,
    });
    assert.equal(findConfig(root, 'treadle.config.json'), join(root, 'treadle.config.json'));
  });

  it('takes the named file, whatever it is called', () => {
    const root = makeProject({ 'ci/pipeline.ts': '', 'pipeline.txt': '' });
    assert.equal(findConfig(root, 'ci/pipeline.ts'), join(root, 'ci/pipeline.ts'));
    assert.equal(findConfig(join(root, 'ci'), join(root, 'ci/pipeline.ts')), join(root, 'ci/pipeline.ts'));
    assert.throws(() => findConfig(root, 'gone.ts'), { code: 'E_CONFIG_NOT_FOUND' });
    assert.throws(() => findConfig(root, 'pipeline.txt'), { code: 'E_CONFIG_INVALID' });
    assert.throws(() => findConfig(root, 'ci'), { code: 'E_CONFIG_INVALID' });
  });
});
