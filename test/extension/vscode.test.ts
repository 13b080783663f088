import assert from 'node:assert/strict';
import { describe, it, Suite, Test } from 'mocha';
import { runInProcess } from './run-in-process.ts';
import type { TestResult } from './host/results.ts';

/** For the suites of the extension, beyond which they stop themselves, and for installing an editor before. */
const timeoutMs = 480_000;

for (const [kind, title] of [
  ['suite', 'the extension in VS Code'],
  ['drive', 'the extension before a person'],
] as const) {
  describe(title, function () {
    this.timeout(2 * timeoutMs);
    // The tests in there become tests out here once they have run.
    it('runs its tests in an editor, which leaves no process', async () => {
      const { exitCode, results, text } = await runInProcess(kind, ['--timeout', String(timeoutMs)]);
      for (const result of results) add(this, result);
      const failed = results.some(({ status }) => status === 'failed');
      assert.ok(results.length > 0 && (exitCode === 0 || failed), `exit code ${exitCode}:\n${text}`);
    });
  });
}

function add(root: Suite, { path, title: name, status, error, notes = [] }: TestResult): void {
  let suite = root;
  for (const part of path) suite = suite.suites.find(({ title: existing }) => existing === part) ?? Suite.create(suite, part);
  const title = notes.length === 0 ? name : `${name} [${notes.join('; ')}]`;
  const outcome = (): void => {
    if (status === 'failed') throw Object.assign(new Error(title), { stack: error });
  };
  suite.addTest(status === 'skipped' ? new Test(title) : new Test(title, outcome));
}
