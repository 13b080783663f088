import fc from 'fast-check';
import type { ChildNode, Plan, PlanNode } from '../../core/contract/plan.ts';
import { shareWeights } from '../../core/model/weights.ts';
import { groupNode, pipelineNode, sequenceNode, stepNode } from './plans.ts';
import type { Fate } from './run-events.ts';

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
