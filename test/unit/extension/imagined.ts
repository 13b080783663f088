import type { Plan, PlanNode } from '../../../core/contract/plan.ts';
import type { RunEvent } from '../../../core/contract/events.ts';
import type { PipelineInfo, RunStarted } from '../../../core/contract/rpc.ts';
import { selectSteps } from '../../../core/model/select.ts';
import { createStore } from '../../../extension/src/store/create-store.ts';
import type { NodeRecord } from '../../../extension/src/store/records.ts';
import type { Store } from '../../../extension/src/store/store.ts';
import type { Fate } from '../../support/run-events.ts';

// Runs and stores for the tests of what the editor shows.

export { fateOf, finished, plans } from '../../support/imagined-plans.ts';

export const project = '/project/treadle.config.ts';

export function pipelineOf(plan: Plan, name = 'ci'): PipelineInfo {
  return { name, plan, isDefault: true };
}

/** A store that holds one project with these pipelines. */
export function storeWith(...pipelines: readonly PipelineInfo[]): Store {
  const store = createStore();
  store.setProject({ key: project, label: 'project', configFile: project, root: '/project', state: 'loading' });
  store.setPipelines(project, { root: '/project', pipelines, plugins: [], problems: [] });
  return store;
}

export function started(runId: string, plan: Plan, pipeline = 'ci'): RunStarted {
  return { runId, pipeline, plan, outputFolder: `/project/.treadle/output/${runId}` };
}

export const byPerson = { trigger: { kind: 'person' }, only: [] } as const;

/** All nodes of a plan as a store has them, by id. */
export function recordsOf(store: Store, plan: Plan): Map<string, NodeRecord> {
  const records = new Map<string, NodeRecord>();
  const walk = (node: PlanNode): void => {
    const record = store.node(store.nodeKey(project, 'ci', node.id));
    if (record !== undefined) records.set(node.id, record);
    if (node.kind !== 'step') node.children.forEach(walk);
  };
  walk(plan);
  return records;
}

export function idsOf(node: PlanNode): readonly string[] {
  return node.kind === 'step' ? [node.id] : [node.id, ...node.children.flatMap(idsOf)];
}

/** The part of a plan that a fate chooses: all of it, or one node. */
export function somePart(plan: Plan, fate: Fate): Plan {
  const ids = idsOf(plan);
  return selectSteps(plan, { only: [ids[fate.pick(ids.length)] ?? plan.id] });
}

/** Cuts events into batches, as the fate wants it. */
export function inBatches(events: readonly RunEvent[], fate: Fate): RunEvent[][] {
  const batches: RunEvent[][] = [];
  for (let from = 0; from < events.length;) {
    const size = 1 + fate.pick(20);
    batches.push(events.slice(from, from + size));
    from += size;
  }
  return batches;
}
