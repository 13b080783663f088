import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { RunEvent, RunEventOf, RunEventType } from '../../core/contract/events.ts';
import type { PlanNode } from '../../core/contract/plan.ts';
import { startCli } from '../support/cli.ts';
import { markProcesses } from '../support/processes.ts';

const storefront = join(import.meta.dirname, '../../fixtures/storefront');

function only<T extends RunEventType>(events: readonly RunEvent[], type: T): RunEventOf<T>[] {
  const matches = (event: RunEvent): event is RunEventOf<T> & RunEvent => event.type === type;
  return events.filter(matches);
}

function find(nodes: readonly PlanNode[], id: string): PlanNode | undefined {
  for (const node of nodes) {
    const found = node.id === id ? node : node.kind === 'step' ? undefined : find(node.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('the storefront', () => {
  it('passes as a whole, and leaves no process', async () => {
    const mark = markProcesses();
    try {
      const { exitCode, events, stdout, stderr } = await startCli(storefront, ['run', '--reporter', 'ndjson'], { env: mark.env }).ended;
      assert.equal(exitCode, 0, stdout + stderr);
      const [start] = only(events, 'run:start');
      const [end] = only(events, 'run:end');
      assert.equal(start?.pipeline, 'storefront');
      assert.equal(end?.status, 'passed');
      // How fast the machine is, which step `load` measures, decides on nothing here: it is not critical.
      const failed = only(events, 'step:end').filter(({ id, status }) => status !== 'passed' && id !== 'load');
      assert.deepEqual(failed, []);
      assert.ok(end.counts.steps >= 10, `${end.counts.steps} steps`);

      const reachable = find(start.plan.children, 'reachable');
      assert.ok(reachable?.kind === 'group' && reachable.operator === 'any');
      assert.deepEqual(
        reachable.children.map(({ id }) => id),
        ['live', 'snapshot'],
      );
      assert.equal(only(events, 'group:end').find(({ id }) => id === 'reachable')?.status, 'passed');

      const cases = only(events, 'step:test');
      assert.ok(cases.some(({ id, path, name }) => id === 'unit' && path[0] === 'a cart' && name === 'adds up lines and shipping'));
      assert.equal(cases.filter(({ id }) => id === 'catalogue').length, 12);
      assert.ok(cases.every(({ status }) => status === 'passed'));
      assert.ok(only(events, 'step:progress').some(({ id }) => id === 'load'));
      assert.deepEqual(end.results['catalogue'], { products: 12, soldOut: 1 });
      assert.deepEqual(await mark.leftovers(), []);
    } finally {
      mark.kill();
    }
  });
});
