import assert from 'node:assert/strict';
import { type CTRFReport, validateStrict } from 'ctrf';
import fc from 'fast-check';
import { createReporter } from '../../../core/reporters/ctrf.ts';
import { fateOf, plans } from '../../support/imagined-plans.ts';
import { makeProject, removeProjects } from '../../support/project.ts';
import { report } from '../../support/reported.ts';
import { recordedAt, recordedRun, recordedSource } from '../../support/recorded-run.ts';
import { imagineRun } from '../../support/run-events.ts';

describe('the ctrf reporter', () => {
  let cwd: string;
  before(() => {
    cwd = makeProject({ 'src/price.js': recordedSource });
  });
  after(removeProjects);

  /** Reads a report. Throws where it is not valid. */
  function read(text: string): CTRFReport {
    const document: unknown = JSON.parse(text);
    validateStrict(document);
    return document;
  }

  it('counts cases, and says of each how it ended', async () => {
    const { summary, tests } = read(await report(createReporter, recordedRun, { cwd })).results;
    assert.deepEqual(
      { ...summary },
      {
        ...{ tests: 13, passed: 5, failed: 3, skipped: 5, pending: 0, other: 0, flaky: 1, suites: 4 },
        ...{ start: recordedAt, stop: recordedAt + 2772, duration: 2772 },
      },
    );
    const lint = tests.find(({ name }) => name === 'lint');
    assert.deepEqual([lint?.status, lint?.flaky, lint?.retries, lint?.suite], ['passed', true, 1, ['ci', 'checks']]);
    assert.deepEqual(
      lint?.retryAttempts?.map(({ attempt, status, message, duration }) => [attempt, status, message, duration]),
      [[1, 'failed', '`oxlint` exited with 137', 59]],
    );
    const slow = tests.find(({ name }) => name === 'slow');
    assert.deepEqual([slow?.status, slow?.rawStatus], ['skipped', 'timed-out']);
    const rounds = tests.find(({ name }) => name.endsWith('rounds'));
    assert.deepEqual([rounds?.filePath, rounds?.line, rounds?.message], ['test/cart.test.js', 14, 'Expected values to be strictly equal:']);
    assert.deepEqual(tests.find(({ name }) => name === 'price')?.stdout, ['cart of 3 items']);
  });

  it('is valid, and has failures if and only if the run did not pass', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(), fc.boolean(), async (plan, seed, killed) => {
        const all = imagineRun(plan, 'run-1', fateOf(seed));
        const events = killed ? all.slice(0, 1 + (seed % all.length)) : all;
        const { summary } = read(await report(createReporter, events, { cwd })).results;
        const end = events.at(-1);
        assert.equal(summary.failed > 0, end?.type !== 'run:end' || end.status !== 'passed');
        assert.equal(summary.passed + summary.failed + summary.skipped + summary.pending, summary.tests);
      }),
      // Its validator compiles the schema each time.
      { numRuns: 15 },
    );
  });
});
