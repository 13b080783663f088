import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { createReporter, type JsonNode, type JsonReport } from '../../../core/reporters/json.ts';
import { fateOf, plans } from '../../support/imagined-plans.ts';
import { report } from '../../support/reported.ts';
import { recordedAt, recordedRun } from '../../support/recorded-run.ts';
import { imagineRun } from '../../support/run-events.ts';

async function documentOf(events: Parameters<typeof report>[1]): Promise<JsonReport> {
  return JSON.parse(await report(createReporter, events, { cwd: '/nowhere' }));
}

const nodeOf = ({ nodes }: JsonReport, id: string): JsonNode => {
  const node = nodes.find((each) => each.id === id);
  assert.ok(node !== undefined, `${id} is not in the report`);
  return node;
};

describe('the json reporter', () => {
  it('writes one document, when the run has ended', async () => {
    const text = await report(createReporter, recordedRun, { cwd: '/nowhere' });
    const { plan, nodes, errors, ...rest }: JsonReport = JSON.parse(text);
    assert.ok(text.endsWith('}\n'));
    assert.deepEqual(rest, {
      version: 1,
      runId: 'run-1',
      pipeline: 'ci',
      status: 'failed',
      startedAt: new Date(recordedAt).toISOString(),
      durationMs: 2772,
      counts: { steps: 11, passed: 4, failed: 3, timedOut: 1, cancelled: 1, skipped: 2, flaky: 1, cached: 0 },
      results: { report: { total: 3 } },
    });
    assert.deepEqual(
      plan?.children.map(({ id }) => id),
      ['install', 'checks', 'mirrors', 'sequence(build,upload)', 'report'],
    );
    assert.deepEqual(
      errors.map(({ stepId }) => stepId),
      ['price', 'types', 'unit', 'slow'],
    );
    assert.deepEqual(
      nodes.map(({ id, kind, status, attempts }) => [id, kind, status, attempts]),
      [
        ['install', 'step', 'passed', 1],
        ['checks', 'group', 'failed', 0],
        ['types', 'step', 'failed', 1],
        ['lint', 'step', 'passed', 2],
        ['unit', 'step', 'failed', 1],
        ['price', 'step', 'failed', 1],
        ['slow', 'step', 'timed-out', 1],
        ['mirrors', 'group', 'passed', 0],
        ['east', 'step', 'cancelled', 1],
        ['west', 'step', 'passed', 1],
        ['sequence(build,upload)', 'sequence', 'skipped', 0],
        ['build', 'step', 'skipped', 0],
        ['upload', 'step', 'skipped', 0],
        ['report', 'step', 'passed', 1],
      ],
    );
  });

  it('has of each step what it found, said and left, as data and not as events', async () => {
    const document = await documentOf(recordedRun);
    assert.deepEqual(nodeOf(document, 'unit').tests[1], {
      name: 'rounds',
      path: ['cart', 'total'],
      status: 'failed',
      durationMs: 5,
      error: { message: 'Expected values to be strictly equal:', expected: '12.30', actual: '12.3' },
      location: { file: 'test/cart.test.js', line: 14, column: 5 },
    });
    assert.deepEqual(nodeOf(document, 'types').diagnostics[1], {
      file: 'src/price.js',
      line: 12,
      column: 1,
      severity: 'warning',
      message: 'Unreachable code detected.',
      source: 'tsc',
    });
    const { error, output } = nodeOf(document, 'price');
    assert.deepEqual(
      [error?.name, error?.location?.line, error?.cause?.message, output],
      ['TypeError', 3, 'No currency for XX', 'cart of 3 items\n'],
    );
    assert.equal(nodeOf(document, 'build').reason, 'an earlier step failed');
    assert.deepEqual(nodeOf(document, 'report').warnings, ['left 1 timer open']);
    assert.deepEqual(nodeOf(document, 'checks').conflicts, [{ path: 'results.report.total', stepIds: ['lint', 'unit'], kept: 'unit' }]);
    assert.equal(nodeOf(document, 'lint').flaky, true);
  });

  it('says of a run that was killed what is known, and no status', async () => {
    const document = await documentOf(recordedRun.slice(0, -1));
    assert.deepEqual([document.status, document.counts, document.durationMs], [undefined, undefined, undefined]);
    assert.equal(nodeOf(document, 'price').status, 'failed');
    assert.deepEqual(document.results, {});
  });

  it('agrees with the events of any run', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(), async (plan, seed) => {
        const events = imagineRun(plan, 'run-1', fateOf(seed));
        const document = await documentOf(events);
        const end = events.findLast((event) => event.type === 'run:end');
        assert.equal(document.status, end?.status);
        const steps = document.nodes.filter(({ kind }) => kind === 'step');
        for (const event of events) {
          if (event.type !== 'step:end') continue;
          const { status, attempts, flaky, error } = nodeOf(document, event.id);
          assert.deepEqual([status, attempts, flaky, error], [event.status, event.attempts, event.flaky, event.error]);
        }
        assert.equal(steps.filter(({ status }) => status === 'passed').length, document.counts?.passed);
      }),
      { numRuns: 50 },
    );
  });
});
