import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunEvent } from '../../../core/contract/events.ts';
import type { PlanNode } from '../../../core/contract/plan.ts';
import { createReporter as createJson } from '../../../core/reporters/json.ts';
import { createReporter as createLine } from '../../../core/reporters/line.ts';
import { createReporter as createNdjson } from '../../../core/reporters/ndjson.ts';
import { applyEvent, createRunView, stepsOf, type RunView } from '../../../core/reporters/run-view.ts';
import { createReporter as createTree } from '../../../core/reporters/tree.ts';
import { fateOf, plans } from '../../support/imagined-plans.ts';
import { report } from '../../support/reported.ts';
import { recordedRun } from '../../support/recorded-run.ts';
import { imagineRun } from '../../support/run-events.ts';

const runs = fc.tuple(plans, fc.nat()).map(([plan, seed]) => imagineRun(plan, 'run-1', fateOf(seed)));

function fold(events: readonly RunEvent[]): RunView {
  const view = createRunView();
  for (const event of events) applyEvent(view, event);
  return view;
}

describe('the view of a run', () => {
  it('ends with what the last events said: states, durations, attempts, errors, counts', () => {
    fc.assert(
      fc.property(runs, (events) => {
        const view = fold(events);
        for (const { node, ...seen } of view.nodes.values()) {
          const end = events.findLast((event) => (event.type === 'step:end' || event.type === 'group:end') && event.id === node.id);
          if (end?.type === 'step:end') {
            const { status, durationMs, attempts, flaky, error, reason } = end;
            assert.deepEqual([seen.state, seen.durationMs, seen.attempt, seen.flaky], [status, durationMs, attempts, flaky], node.id);
            assert.deepEqual([seen.error, seen.reason], [error, reason], node.id);
          } else if (end?.type === 'group:end') assert.deepEqual([seen.state, seen.durationMs], [end.status, end.durationMs], node.id);
        }
        const last = events.at(-1);
        assert.equal(view.end, last);
        assert.ok(last?.type === 'run:end');
        const count = (state: string): number => stepsOf(view).filter((step) => step.state === state).length;
        const { passed, failed, timedOut, cancelled, skipped, steps } = last.counts;
        assert.deepEqual(
          [count('passed'), count('failed'), count('timed-out'), count('cancelled'), count('skipped'), stepsOf(view).length],
          [passed, failed, timedOut, cancelled, skipped, steps],
        );
      }),
    );
  });

  it('keeps of tests and findings those of the last attempt, of output and warnings all', () => {
    fc.assert(
      fc.property(runs, (events) => {
        for (const { node, tests, diagnostics, warnings, output } of fold(events).nodes.values()) {
          const own = events.filter((event) => 'id' in event && event.id === node.id);
          const lastTry = own.slice(own.findLastIndex(({ type }) => type === 'step:retry') + 1);
          assert.deepEqual(tests, ofType(lastTry, 'step:test').map(unstamped));
          assert.deepEqual(diagnostics, ofType(lastTry, 'step:diagnostic').map(unstamped));
          assert.deepEqual(
            warnings,
            ofType(own, 'step:warning').map(({ message }) => message),
          );
          assert.equal(
            output.toString(),
            ofType(own, 'step:output')
              .map(({ text }) => text)
              .join(''),
          );
        }
      }),
    );
  });

  it('leaves no sequence running when the run has ended, and fails it with its steps', () => {
    fc.assert(
      fc.property(runs, (events) => {
        const view = fold(events);
        for (const { node, state } of view.nodes.values()) {
          if (node.kind !== 'sequence') continue;
          assert.ok(state !== 'running' && state !== 'pending', `${node.id} of ${outline(view.plan)}`);
          const failed = node.children.some(
            (child) => child.kind === 'step' && child.critical && view.nodes.get(child.id)?.state === 'failed',
          );
          if (failed) assert.notEqual(state, 'passed', `${node.id} of ${outline(view.plan)}`);
        }
      }),
    );
  });
});

describe('every reporter', () => {
  const factories = { tree: createTree, line: createLine, json: createJson, ndjson: createNdjson };

  it('lives with events that are missing, come twice or in another order', async () => {
    await fc.assert(
      fc.asyncProperty(runs, fc.nat(), async (events, seed) => {
        const fate = fateOf(seed);
        const disturbed = events.flatMap((event) => {
          const what = fate.pick(6);
          return what === 0 ? [] : what === 1 ? [event, event] : [event];
        });
        for (let swaps = fate.pick(4); swaps > 0; swaps -= 1) {
          const at = fate.pick(Math.max(1, disturbed.length - 1));
          disturbed.splice(at, 2, ...disturbed.slice(at, at + 2).toReversed());
        }
        for (const create of Object.values(factories)) await report(create, disturbed, { cwd: '/project' });
      }),
      { numRuns: 50 },
    );
  });

  it('passes over events and nodes that it does not know', async () => {
    // What a newer engine may send.
    const unknown: readonly unknown[] = [
      { type: 'step:rested', id: 'install' },
      { type: 'engine:news', text: 'hello' },
      { type: 'step:start', id: 'nobody', attempt: 1, executor: 'inline' },
      { type: 'step:output', id: '__proto__', stream: 'stdout', text: 'x' },
    ];
    const [start, ...others] = recordedRun;
    assert.ok(start !== undefined);
    // A cast at the boundary: the events are not of this version on purpose.
    const strange: RunEvent[] = unknown.map((event) => Object.assign({}, start, event));
    for (const name of ['tree', 'line', 'json'] as const) {
      const plain = await report(factories[name], recordedRun, { cwd: '/project' });
      assert.equal(await report(factories[name], [start, ...strange, ...others], { cwd: '/project' }), plain, name);
    }
  });

  it('says what is known of a run that was killed', async () => {
    const killed = recordedRun.slice(0, 14);
    for (const name of ['tree', 'line'] as const)
      assert.match(
        await report(factories[name], killed, { cwd: '/project' }),
        /✔ install 639 ms[\s\S]*The run was stopped before it could end\.\n$/,
      );
    const document: unknown = JSON.parse(await report(createJson, killed, { cwd: '/project' }));
    assert.ok(typeof document === 'object' && document !== null && 'nodes' in document && Array.isArray(document.nodes));
    assert.equal('status' in document, false);
    assert.deepEqual(
      document.nodes.slice(0, 3).map(({ id, status }: { id: string; status: string }) => `${id} ${status}`),
      ['install passed', 'checks running', 'types running'],
    );
  });
});

function ofType<T extends RunEvent['type']>(events: readonly RunEvent[], type: T): Extract<RunEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}

function outline(node: PlanNode | undefined): string {
  if (node === undefined) return '';
  return node.kind === 'step' ? node.id : `${node.id}(${node.children.map(outline).join(' ')})`;
}

/** What an event says of a step, without what makes it an event. */
function unstamped(event: RunEvent): object {
  const stamp = new Set(['v', 'seq', 'ts', 'runId', 'type', 'id']);
  return Object.fromEntries(Object.entries(event).filter(([key]) => !stamp.has(key)));
}
