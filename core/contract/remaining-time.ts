import type { PlanNode } from './plan.ts';

/** How a step stands, for {@link remainingTime}. */
export interface StepStanding {
  readonly state: 'pending' | 'running' | 'ended';
  /** Milliseconds since it began. */
  readonly elapsedMs?: number;
}

/**
 * How many milliseconds a run will still take: steps in order one after another, those of a group at the same time, as far as
 * they may. A step that is not known counts as much as the others on average.
 *
 * @param expected - how long steps usually take, by id
 * @returns `undefined` where nothing is known
 */
export function remainingTime(
  plan: PlanNode,
  expected: ReadonlyMap<string, number>,
  standingOf: (stepId: string) => StepStanding,
): number | undefined {
  if (expected.size === 0) return undefined;
  const average = [...expected.values()].reduce((sum, ms) => sum + ms, 0) / expected.size;
  const atOnce = plan.kind === 'pipeline' ? plan.concurrency : undefined;
  /** Of a node: until it ends, and how much work that is. */
  const visit = (node: PlanNode): { readonly time: number; readonly work: number } => {
    if (node.kind === 'step') {
      const { state, elapsedMs = 0 } = standingOf(node.id);
      const time = state === 'ended' ? 0 : Math.max(0, (expected.get(node.id) ?? average) - elapsedMs);
      return { time, work: time };
    }
    const children = node.children.map(visit);
    const work = children.reduce((sum, child) => sum + child.work, 0);
    if (node.kind !== 'group') return { time: children.reduce((sum, child) => sum + child.time, 0), work };
    const workers = Math.min(node.maxWorkers ?? Number.POSITIVE_INFINITY, atOnce ?? Number.POSITIVE_INFINITY);
    const longest = children.reduce((most, { time }) => Math.max(most, time), 0);
    return { time: Math.max(longest, work / workers), work };
  };
  return visit(plan).time;
}
