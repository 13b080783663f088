import { mayChangeContext, mayLeaveSomething } from '../contract/leavings.ts';
import type { Plan, PlanNode, StepNode } from '../contract/plan.ts';
import { patternsMeet } from '../files/listed-files.ts';
import { affectedBy, stepsOf } from './affected.ts';

/** Built-in plugins that look at nothing of the context. */
const readNothing = new Set(['shell', 'wait-for', 'tests', 'service', 'http']);

/**
 * Why a step has to run: it was asked for; a file that it depends on changed; an earlier step that has to run may leave it
 * something else than before; a later step that has to run may need what it leaves; or it is in a group with such a step
 * of which not all need to pass.
 */
export type Need =
  | { readonly kind: 'asked' }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'earlier-step' | 'later-step' | 'same-group'; readonly stepId: string };

type Needs = Map<string, Need>;

/**
 * The steps of a plan that files call for: those that depend on them, those that may see what these leave, and what
 * comes before any of them and may leave something for them.
 *
 * @param files - relative to the project, with `/`
 */
export function neededSteps(files: readonly string[], plan: Plan): ReadonlyMap<string, Need> {
  const needs: Needs = new Map([...affectedBy({ files }, plan)].map(([id, file]) => [id, { kind: 'file', file }]));
  visitForwards(plan, [], needs);
  visitBackwards(plan, undefined, needs);
  return needs;
}

/** These steps, and what comes before them and may leave something for them. */
export function withWhatTheyNeed(ids: readonly string[], plan: Plan): readonly string[] {
  const needs: Needs = new Map(ids.map((id) => [id, { kind: 'asked' }]));
  visitBackwards(plan, undefined, needs);
  return stepsOf(plan).flatMap(({ id }) => (needs.has(id) ? [id] : []));
}

/**
 * From the beginning to the end.
 *
 * @param before - steps that have to run, and have ended when the node begins
 * @returns all that have ended when it has
 */
function visitForwards(node: PlanNode, before: readonly StepNode[], needs: Needs): readonly StepNode[] {
  if (node.kind === 'step') {
    const source = needs.has(node.id) ? undefined : before.find((earlier) => mayLeaveFor(earlier, node));
    if (source !== undefined) needs.set(node.id, { kind: 'earlier-step', stepId: source.id });
    return needs.has(node.id) ? [...before, node] : before;
  }
  if (node.kind !== 'group') return node.children.reduce((sofar, child) => visitForwards(child, sofar, needs), before);
  return [...before, ...node.children.flatMap((child) => visitForwards(child, before, needs).slice(before.length))];
}

/**
 * From the end to the beginning.
 *
 * @param later - a step that runs after the node
 * @returns the node's first step that has to run, or `later`
 */
function visitBackwards(node: PlanNode, later: string | undefined, needs: Needs): string | undefined {
  if (node.kind === 'step') {
    if (!needs.has(node.id) && later !== undefined && mayLeaveSomething(node)) needs.set(node.id, { kind: 'later-step', stepId: later });
    return needs.has(node.id) ? node.id : later;
  }
  if (node.kind === 'group') {
    const found = node.children.map((child) => visitBackwards(child, later, needs)).find((id) => id !== later);
    // Where not all have to pass, one alone cannot tell how the group ends.
    if (found !== undefined && node.operator !== 'all') addAll(node, found, needs);
    return found ?? later;
  }
  return node.children.reduceRight((next, child) => visitBackwards(child, next, needs), later);
}

function addAll(node: PlanNode, stepId: string, needs: Needs): void {
  if (node.kind !== 'step') for (const child of node.children) addAll(child, stepId, needs);
  else if (!needs.has(node.id)) needs.set(node.id, { kind: 'same-group', stepId });
}

/** Whether a step may see something that an earlier one left: in the context, or in a file that it says it reads. */
function mayLeaveFor(earlier: StepNode, { uses, inputs = [] }: StepNode): boolean {
  if (mayChangeContext(earlier) && (uses === undefined || !readNothing.has(uses))) return true;
  return patternsMeet(earlier.outputs ?? [], inputs);
}
