import assert from 'node:assert/strict';
import { TreadleError } from '../../core/contract/errors.ts';
import { createEngine } from '../../core/engine.ts';
import { withProject } from '../support/cli.ts';

describe('a request for a run', () => {
  it('is refused with a number that would keep the run from ever beginning or ending', async () => {
    await withProject({ 'treadle.config.json': '{ "steps": [{ "id": "a", "uses": "shell", "with": "true" }] }' }, async ({ root }) => {
      const engine = await createEngine({ cwd: root });
      try {
        for (const request of [{ concurrency: 0 }, { concurrency: Number.NaN }, { timeoutMs: -1 }, { maxFailures: 0.5 }]) {
          assert.throws(
            () => engine.start(request),
            (error) =>
              error instanceof TreadleError && error.code === 'E_USAGE' && /^The run cannot begin: \w+ must be /.test(error.message),
            JSON.stringify(request),
          );
        }
        const { status } = await engine.start({ concurrency: 1, timeoutMs: 60_000, maxFailures: 1 }).result;
        assert.equal(status, 'passed');
      } finally {
        await engine.close();
      }
    });
  });
});
