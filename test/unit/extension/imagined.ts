import fc from 'fast-check';
import type { ChildNode, Plan, PlanNode } from '../../../core/contract/plan.ts';
import type { RunEvent } from '../../../core/contract/events.ts';
import type { PipelineInfo, RunStarted } from '../../../core/contract/rpc.ts';
import { selectSteps } from '../../../core/model/select.ts';
import { shareWeights } from '../../../core/model/weights.ts';
import { createStore } from '../../../extension/src/store/create-store.ts';
import type { NodeRecord } from '../../../extension/src/store/records.ts';
import type { Store } from '../../../extension/src/store/store.ts';
import { groupNode, pipelineNode, sequenceNode, stepNode } from '../../support/plans.ts';
import type { Fate } from '../../support/run-events.ts';

// Plans, runs and stores for the tests of what the editor shows.

export const project = '/project/treadle.config.ts';

/** Plans with groups and sequences in each other, and the weights that the engine would give. */
export const plans: fc.Arbitrary<Plan> = fc
  .letrec<{ readonly node: ChildNode }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc
        .record({ retries: fc.integer({ min: 0, max: 2 }), critical: fc.boolean() })
        .map(({ retries, critical }): ChildNode => stepNode('', { retries, critical })),
      fc
        .tuple(fc.array(tie('node'), { maxLength: 4 }), fc.constantFrom('all' as const, 'any' as const), fc.boolean())
        .map(([children, operator, first]): ChildNode => {
          return groupNode('', children, { operator, required: operator === 'any' ? 1 : children.length, settle: first ? 'first' : 'all' });
        }),
      fc.array(tie('node'), { maxLength: 4 }).map((children): ChildNode => sequenceNode('', children)),
    ),
  }))
  .node.chain((node) => fc.tuple(fc.constant(node), fc.boolean()))
  .map(([node, failFast]) => finished(pipelineNode([stepNode(''), node, stepNode('')], { failFast })));

/** With ids and weights. */
export function finished(plan: Plan): Plan {
  const weights = shareWeights({ children: plan.children.map(withoutWeights) });
  let count = 0;
  const shares = weights.values();
  const number = <Node extends PlanNode>(node: Node): Node => {
    const id = node.kind === 'pipeline' ? 'ci' : node.id || `${node.kind}-${(count += 1)}`;
    const weight = shares.next().value ?? 0;
    return node.kind === 'step' ? { ...node, id, weight } : { ...node, id, weight, children: node.children.map(number) };
  };
  return number(plan);
}

function withoutWeights(node: ChildNode): { readonly children?: readonly object[] } {
  return node.kind === 'step' ? {} : { children: node.children.map(withoutWeights) };
}

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

/** Decisions by a number that is drawn once. */
export function fateOf(seed: number): Fate {
  let state = seed >>> 0;
  return {
    pick: (count) => {
      // A small generator (mulberry32) is enough, and is the same everywhere.
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return count === 0 ? 0 : ((mixed ^ (mixed >>> 14)) >>> 0) % count;
    },
  };
}
