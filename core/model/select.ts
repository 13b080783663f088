import { TreadleError } from '../contract/errors.ts';
import type { ChildNode, Plan, PlanNode } from '../contract/plan.ts';
import { problemsError, type Problem } from './problem.ts';
import { suggest } from './suggest.ts';
import { shareWeights, type WeightTree } from './weights.ts';

/** Which part of a plan to run. */
export interface Selection {
  /** Ids of steps, or of groups and sequences with all that is in them. Absent: everything. */
  readonly only?: readonly string[];
  /** Id of the step, group or sequence to start at. */
  readonly from?: string;
}

/**
 * The part of a plan that a selection names, in the structure that encloses it. Ids stay; weights are shared anew in the
 * same proportions; a group needs no more children to pass than it has left.
 *
 * `from` skips what is ordered before the node: earlier nodes of the pipeline and of the sequences that hold it. Children
 * of a group run at the same time, so that none of them comes before another.
 *
 * @throws `E_STEP_UNKNOWN` with a suggestion for ids that the plan does not have; `E_USAGE` when `from` skips all of `only`.
 */
export function selectSteps(plan: Plan, selection: Selection): Plan {
  const { only, from } = selection;
  checkIds(plan, [...(only ?? []), ...(from === undefined ? [] : [from])]);
  let children = plan.children;
  if (from !== undefined && from !== plan.id) children = startAt(children, from, true);
  if (only !== undefined && !only.includes(plan.id)) {
    children = keep(children, new Set(only));
    if (children.length === 0 && only.length > 0) throw nothingLeft(only, from);
  }
  return children === plan.children ? plan : reweigh({ ...plan, children });
}

function checkIds(plan: Plan, wanted: readonly string[]): void {
  const known = new Set(idsOf(plan));
  const problems = [...new Set(wanted)].filter((id) => !known.has(id)).map((id) => unknown(id, known));
  const [first, ...others] = problems;
  if (first !== undefined) throw problemsError('The selection', [first, ...others]);
}

function unknown(id: string, known: ReadonlySet<string>): Problem {
  const parts = id.split(',').map((part) => part.trim());
  if (parts.length > 1 && parts.every((part) => known.has(part))) {
    const hint = `Name them one by one: ${parts.map((part) => (/\s/.test(part) ? `"${part}"` : part)).join(' ')}.`;
    return { code: 'E_STEP_UNKNOWN', message: `There is no step or group "${id}".`, hint };
  }
  const near = suggest(id, known);
  const some = [...known].slice(1, 9).join(', ');
  const hint = near === undefined ? `There are: ${some}${known.size > 9 ? ', …' : ''}.` : `Did you mean "${near}"?`;
  return { code: 'E_STEP_UNKNOWN', message: `There is no step or group "${id}".`, hint };
}

function nothingLeft(only: readonly string[], from: string | undefined): TreadleError {
  const names = only.map((id) => `"${id}"`).join(', ');
  return new TreadleError('E_USAGE', `Nothing is left to run: ${names} comes before "${from}".`, {
    hint: 'Leave out --from, or start earlier.',
  });
}

function* idsOf(node: PlanNode): Iterable<string> {
  yield node.id;
  if (node.kind !== 'step') for (const child of node.children) yield* idsOf(child);
}

function startAt(children: readonly ChildNode[], id: string, inOrder: boolean): readonly ChildNode[] {
  const index = children.findIndex((child) => holds(child, id));
  return children.flatMap((child, position) => {
    if (position < index && inOrder) return [];
    return position === index ? [startInside(child, id)] : [child];
  });
}

function startInside(node: ChildNode, id: string): ChildNode {
  if (node.kind === 'step' || node.id === id) return node;
  return withChildren(node, startAt(node.children, id, node.kind === 'sequence'));
}

function holds(node: ChildNode, id: string): boolean {
  return node.id === id || (node.kind !== 'step' && node.children.some((child) => holds(child, id)));
}

function keep(children: readonly ChildNode[], ids: ReadonlySet<string>): readonly ChildNode[] {
  return children.flatMap((child) => {
    if (ids.has(child.id)) return [child];
    if (child.kind === 'step') return [];
    const kept = keep(child.children, ids);
    return kept.length === 0 ? [] : [withChildren(child, kept)];
  });
}

function withChildren(node: Exclude<ChildNode, { readonly kind: 'step' }>, children: readonly ChildNode[]): ChildNode {
  if (node.kind === 'sequence') return { ...node, children };
  return { ...node, required: node.operator === 'any' ? 1 : Math.min(node.required, children.length), children };
}

/** With every weight explicit, sharing keeps their proportions. */
function reweigh(plan: Plan): Plan {
  const weights = shareWeights(plan);
  return Object.freeze({ ...plan, weight: 100, children: plan.children.map((child) => reweighChild(child, weights)) });
}

function reweighChild(node: ChildNode, weights: ReadonlyMap<WeightTree, number>): ChildNode {
  const weight = weights.get(node) ?? 0;
  if (node.kind === 'step') return Object.freeze({ ...node, weight });
  return Object.freeze({ ...node, weight, children: node.children.map((child) => reweighChild(child, weights)) });
}
