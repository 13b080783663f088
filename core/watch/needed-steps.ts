import type { Plan, PlanNode, StepNode } from '../contract/plan.ts';
import { affectedBy } from './affected.ts';

/** Built-in plugins that change neither the context nor, by themselves, a file, and start nothing that stays. */
const leaveNothing = new Set(['shell', 'wait-for', 'tests', 'assert']);

/**
 * Why a step has to run: a file that it depends on changed; a later step that has to run may need what it leaves; or it
 * is in a group with such a step of which not all need to pass.
 */
export type Need =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'later-step'; readonly stepId: string }
  | { readonly kind: 'same-group'; readonly stepId: string };

/**
 * The steps of a plan that files call for: those that depend on them, and what comes before those and may leave
 * something for them.
 *
 * @param files - relative to the project, with `/`
 */
export function neededSteps(files: readonly string[], plan: Plan): ReadonlyMap<string, Need> {
  const needs = new Map<string, Need>([...affectedBy({ files }, plan)].map(([id, file]) => [id, { kind: 'file', file }]));
  visit(plan, undefined, needs);
  return needs;
}

/**
 * From the end to the beginning.
 *
 * @param later - a step that runs after the node
 * @returns the node's first step that has to run, or `later`
 */
function visit(node: PlanNode, later: string | undefined, needs: Map<string, Need>): string | undefined {
  if (node.kind === 'step') {
    if (!needs.has(node.id) && later !== undefined && mayLeaveSomething(node)) needs.set(node.id, { kind: 'later-step', stepId: later });
    return needs.has(node.id) ? node.id : later;
  }
  if (node.kind === 'group') {
    const found = node.children.map((child) => visit(child, later, needs)).find((id) => id !== later);
    // Where not all have to pass, one alone cannot tell how the group ends.
    if (found !== undefined && node.operator !== 'all') addAll(node, found, needs);
    return found ?? later;
  }
  return node.children.reduceRight((next, child) => visit(child, next, needs), later);
}

function addAll(node: PlanNode, stepId: string, needs: Map<string, Need>): void {
  if (node.kind !== 'step') for (const child of node.children) addAll(child, stepId, needs);
  else if (!needs.has(node.id)) needs.set(node.id, { kind: 'same-group', stepId });
}

function mayLeaveSomething(step: StepNode): boolean {
  const { uses, with: options, outputs = [] } = step;
  if (uses === undefined || !leaveNothing.has(uses) || outputs.length > 0) return true;
  return typeof options === 'object' && options !== null && 'saveAs' in options;
}
