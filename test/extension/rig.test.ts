import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { writeTinyExtension } from './rig/tiny-extension.ts';
import { runInProcess } from './run-in-process.ts';

describe('running tests in an editor', function () {
  this.timeout(180_000);
  const extension = mkdtempSync(join(tmpdir(), 'treadle-tiny-'));
  const run = (kind: 'suite' | 'drive', tests: string, timeoutMs = 120_000) =>
    runInProcess(kind, ['--extension', extension, '--tests', join(import.meta.dirname, 'rig', tests), '--timeout', String(timeoutMs)]);
  before(() => writeTinyExtension(extension));
  after(() => rmSync(extension, { recursive: true, force: true }));

  it('passes when they pass, in the extension host', async () => {
    const { exitCode, results, text } = await run('suite', 'passing');
    assert.equal(exitCode, 0, text);
    assert.deepEqual(
      results.map(({ path, title, status }) => ({ path, title, status })),
      [
        { path: ['greeting'], title: 'comes from the extension', status: 'passed' },
        { path: ['greeting'], title: 'is left out', status: 'skipped' },
      ],
    );
  });

  it('passes when they pass, before the workbench', async () => {
    const { exitCode, results, text } = await run('drive', 'passing');
    assert.equal(exitCode, 0, text);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['passed'],
    );
  });

  it('fails with what a failed test says, and where', async () => {
    const { exitCode, results } = await run('suite', 'failing');
    assert.equal(exitCode, 1);
    assert.match(results[0]?.error ?? '', /'hello' !== 'goodbye'[^]*rig\/failing\/greeting\.suite\.ts:4:/);
  });

  it('fails when no test runs', async () => {
    const { exitCode, text } = await run('suite', 'empty');
    assert.equal(exitCode, 1);
    assert.match(text, /No test ran/);
  });

  it('stops a test that blocks the extension host, and keeps the results before it', async () => {
    const { exitCode, results, text } = await run('suite', 'hanging', 20_000);
    assert.equal(exitCode, 1);
    assert.deepEqual(
      results.map(({ title, status }) => ({ title, status })),
      [{ title: 'passes', status: 'passed' }],
    );
    assert.match(text, /have not ended after 20000 ms/);
  });
});
