import type { Plan, PlanNode } from '../../../core/contract/plan.ts';
import type { NodeRecord } from '../store/records.ts';

/** Below a node with more children than this, and in a larger pipeline, unfolding is the person's choice: each row costs the editor. */
const mostChildren = 200;
const mostNodes = 500;

const sizes = new WeakMap<Plan, number>();

/** Whether the children of a node show from the start. */
export function beginsUnfolded({ kind, children }: Pick<NodeRecord, 'kind' | 'children'>, plan: Plan): boolean {
  if (kind === 'step' || children.length > mostChildren) return false;
  return kind === 'pipeline' || sizeOf(plan) <= mostNodes;
}

function sizeOf(plan: Plan): number {
  const size = sizes.get(plan) ?? count(plan);
  sizes.set(plan, size);
  return size;
}

function count(node: PlanNode): number {
  return node.kind === 'step' ? 1 : node.children.reduce((sum, child) => sum + count(child), 1);
}
