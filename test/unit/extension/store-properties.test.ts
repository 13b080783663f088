import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunEvent } from '../../../core/contract/events.ts';
import type { Plan, PlanNode } from '../../../core/contract/plan.ts';
import type { NodeRecord } from '../../../extension/src/store/records.ts';
import type { Store } from '../../../extension/src/store/store.ts';
import { imagineRun } from '../../support/run-events.ts';
import { byPerson, fateOf, idsOf, inBatches, pipelineOf, plans, project, recordsOf, somePart, started, storeWith } from './imagined.ts';

const seeds = fc.nat();
const ended = new Set(['passed', 'failed', 'timed-out', 'cancelled', 'skipped']);

/** Some runs of parts of a plan, one after the other. */
function imagineRuns(plan: Plan, seed: number): { readonly part: Plan; readonly events: readonly RunEvent[] }[] {
  const fate = fateOf(seed);
  return Array.from({ length: 1 + fate.pick(3) }, (_, index) => {
    const part = index === 0 ? plan : somePart(plan, fate);
    return { part, events: imagineRun(part, `run-${index}`, fate) };
  });
}

function replay(
  store: Store,
  plan: Plan,
  seed: number,
  batchesOf: (events: readonly RunEvent[]) => readonly (readonly RunEvent[])[],
): void {
  for (const { part, events } of imagineRuns(plan, seed)) {
    const runId = events[0]?.runId ?? '';
    store.beginRun(project, started(runId, part), byPerson);
    for (const batch of batchesOf(events)) store.applyBatch({ runId, events: batch });
    const end = events.at(-1);
    if (end?.type === 'run:end') store.endRun({ runId, pipeline: 'ci', status: end.status, counts: end.counts });
  }
}

function endOf(events: readonly RunEvent[], id: string): RunEvent | undefined {
  return events.findLast((event) => (event.type === 'step:end' || event.type === 'group:end') && event.id === id);
}

describe('the store, whatever happens in a run', () => {
  it('says the same of all nodes and runs however the events are batched', () => {
    fc.assert(
      fc.property(plans, seeds, (plan, seed) => {
        const one = storeWith(pipelineOf(plan));
        const other = storeWith(pipelineOf(plan));
        replay(one, plan, seed, (events) => events.map((event) => [event]));
        replay(other, plan, seed, (events) => inBatches(events, fateOf(seed + 1)));
        assert.deepEqual(recordsOf(one, plan), recordsOf(other, plan));
        assert.deepEqual(one.runs, other.runs);
        for (const id of idsOf(plan)) {
          const key = one.nodeKey(project, 'ci', id);
          assert.equal(one.output(key), other.output(key));
        }
      }),
    );
  });

  it('ends with what the last events said of each node', () => {
    fc.assert(
      fc.property(plans, seeds, (plan, seed) => {
        const store = storeWith(pipelineOf(plan));
        replay(store, plan, seed, (events) => inBatches(events, fateOf(seed)));
        const runs = imagineRuns(plan, seed);
        for (const [id, record] of recordsOf(store, plan)) {
          const last = runs.findLast(({ part }) => idsOf(part).includes(id));
          const events = last?.events.filter((event) => 'id' in event && event.id === id) ?? [];
          const end = endOf(events, id);
          if (end?.type === 'step:end' || end?.type === 'group:end') {
            // What passed in part may hold something that failed earlier, and was left out.
            const isContradicted = end.status === 'passed' && last?.part !== plan && record.kind !== 'step';
            if (!isContradicted || record.state !== 'failed') assert.equal(record.state, end.status, id);
            assert.equal(record.durationMs, end.durationMs);
            assert.deepEqual(record.error, end.error);
          }
          if (record.kind !== 'step') continue;
          const begun = events.findLastIndex(({ type }) => type === 'step:start' || type === 'step:retry');
          if (begun === -1) continue;
          const tests = events.slice(begun).flatMap((event) => (event.type === 'step:test' ? [event.name] : []));
          assert.deepEqual(
            record.tests.map(({ name }) => name),
            tests,
          );
          const problems = events.slice(begun).flatMap((event) => (event.type === 'step:diagnostic' ? [event.message] : []));
          assert.deepEqual(
            record.diagnostics.map(({ message }) => message),
            problems,
          );
        }
      }),
    );
  });

  it('gives groups the percentage of their children by weight, and counts failed steps below', () => {
    fc.assert(
      fc.property(plans, seeds, (plan, seed) => {
        const store = storeWith(pipelineOf(plan));
        store.onDidChange(() => checkBranches(plan, recordsOf(store, plan)));
        replay(store, plan, seed, (events) => inBatches(events, fateOf(seed)));
      }),
    );
  });

  it('tells of exactly the nodes whose record changed, and replaces no other', () => {
    fc.assert(
      fc.property(plans, seeds, (plan, seed) => {
        const store = storeWith(pipelineOf(plan));
        let before = recordsOf(store, plan);
        store.onDidChange(({ nodes }) => {
          const now = recordsOf(store, plan);
          for (const [id, record] of now) {
            assert.equal(nodes.has(record.key), record !== before.get(id), id);
            if (nodes.has(record.key)) assert.notDeepEqual(record, before.get(id));
          }
          before = now;
        });
        replay(store, plan, seed, (events) => inBatches(events, fateOf(seed)));
        assert.deepEqual(recordsOf(store, plan), before);
      }),
    );
  });

  it('leaves nothing queued or running once a run has ended, even if its engine was lost', () => {
    fc.assert(
      fc.property(plans, seeds, (plan, seed) => {
        const store = storeWith(pipelineOf(plan));
        const fate = fateOf(seed);
        const whole = imagineRun(plan, 'first', fate);
        const cut = fate.pick(whole.length + 1);
        store.beginRun(project, started('first', plan), byPerson);
        store.applyBatch({ runId: 'first', events: whole.slice(0, cut) });
        store.loseRun('first', 'The engine ended.', 'failed');
        for (const [id, { state }] of recordsOf(store, plan)) assert.ok(state === 'idle' || ended.has(state), `${id} is ${state}`);
        assert.notEqual(store.run('first')?.state, 'running');
        assert.ok(store.run('first')?.spans.every(({ state, endedAt }) => state !== 'running' && endedAt !== undefined));
      }),
    );
  });
});

function checkBranches(node: PlanNode, records: ReadonlyMap<string, NodeRecord>): void {
  if (node.kind === 'step') return;
  for (const child of node.children) checkBranches(child, records);
  const record = records.get(node.id);
  const children = node.children.flatMap((child) => {
    const found = records.get(child.id);
    return found === undefined ? [] : [{ child, found }];
  });
  assert.ok(record);
  assert.equal(
    record.failedSteps,
    children.reduce((sum, { found }) => sum + found.failedSteps, 0),
  );
  if (record.state === 'idle') return assert.equal(record.percent, 0);
  if (node.kind !== 'sequence' && ended.has(record.state)) return assert.equal(record.percent, 100);
  const part = children.filter(({ found }) => found.runId === record.runId);
  const total = part.reduce((sum, { child }) => sum + child.weight, 0);
  if (total === 0) return;
  const expected = part.reduce((sum, { child, found }) => sum + (child.weight * found.percent) / total, 0);
  assert.ok(Math.abs(record.percent - expected) < 1e-6, `${node.id}: ${record.percent}, not ${expected}`);
}
