import { mayLeaveSomething } from '../contract/leavings.ts';
import { stepIds, type ChildNode, type Plan, type PlanNode } from '../contract/plan.ts';
import { selectSteps } from './select.ts';

/** A part of a plan that is not divided any further. */
interface Unit {
  readonly node: ChildNode;
  /** Where it is in the order of the pipeline: what has a higher one comes after it. */
  readonly stage: number;
  /** Whether what comes after it needs it, wherever that runs. */
  readonly needed: boolean;
  /** Whether it tidies up or tells about the rest, so that it belongs to each shard. */
  readonly always: boolean;
  /** Expected milliseconds. */
  readonly cost: number;
}

interface Shard {
  readonly units: Set<Unit>;
  targets: number;
  load: number;
}

/**
 * Divides a plan among machines so that each has about the same to do. Concurrent groups whose children all have to pass are
 * divided into those; sequences and other groups are kept whole. What comes before, in order, runs in each shard that has
 * something after it: all of it, except the children of divided groups that leave nothing behind. Deterministic.
 *
 * @param expected - how long steps took, in milliseconds; one that is not known counts as much as the average one
 * @returns as many plans as asked for. Together they hold every step; those that nothing is left for hold none.
 */
export function dividePlan(plan: Plan, count: number, expected: ReadonlyMap<string, number>): readonly Plan[] {
  const units = unitsOf(plan, costsOf(plan, expected));
  const targets = targetsOf(units);
  const shards = Array.from({ length: count }, (): Shard => ({ units: new Set(), targets: 0, load: 0 }));
  // The longest first: what is short evens out what is left.
  const sorted = targets.toSorted((a, b) => b.cost - a.cost);
  for (const [index, target] of sorted.entries()) {
    const empty = shards.filter((shard) => shard.targets === 0);
    const mustFill = sorted.length - index <= empty.length;
    place(target, mustFill ? empty : shards, units);
  }
  return shards.map((shard) => planOf(plan, shard, units));
}

/** Among how many shards a plan can be divided. */
export function mostShards(plan: Plan): number {
  return targetsOf(unitsOf(plan, () => 1)).length;
}

function place(target: Unit, candidates: readonly Shard[], units: readonly Unit[]): void {
  const choices = candidates.map((shard) => {
    const added = [target, ...neededFor(target, units)].filter((unit) => !shard.units.has(unit));
    return { shard, added, load: shard.load + added.reduce((sum, { cost }) => sum + cost, 0) };
  });
  const best = choices.reduce((left, right) =>
    right.load < left.load || (right.load === left.load && right.shard.targets < left.shard.targets) ? right : left,
  );
  best.shard.targets += 1;
  best.shard.load = best.load;
  for (const unit of best.added) best.shard.units.add(unit);
}

/** Those that are shared out; the others run where something needs them. */
function targetsOf(units: readonly Unit[]): readonly Unit[] {
  const working = units.filter(({ always }) => !always);
  const last = working.reduce((latest, { stage }) => Math.max(latest, stage), 0);
  const targets = working.filter(({ stage, needed }) => stage === last || !needed);
  // Nothing but steps that tidy up.
  return targets.length === 0 ? units.slice(0, 1) : targets;
}

function neededFor(target: Unit, units: readonly Unit[]): readonly Unit[] {
  return units.filter(({ stage, needed, always }) => needed && !always && stage < target.stage);
}

function planOf(plan: Plan, shard: Shard, units: readonly Unit[]): Plan {
  if (shard.targets === 0) return { ...plan, children: [] };
  const ids = units.filter((unit) => unit.always || shard.units.has(unit)).map(({ node }) => node.id);
  return selectSteps(plan, { only: ids });
}

function unitsOf(plan: Plan, costOf: (id: string) => number): readonly Unit[] {
  const cost = (node: ChildNode): number => stepIds(node).reduce((sum, id) => sum + costOf(id), 0);
  return plan.children.flatMap((child, stage): readonly Unit[] => {
    const parts = partsOf(child);
    if (parts !== undefined) {
      return parts.map((node) => ({ node, stage, needed: leavesSomething(node), always: false, cost: cost(node) }));
    }
    const always = child.kind === 'step' && (child.when === 'always' || child.when === 'on-failure');
    return [{ node: child, stage, needed: true, always, cost: cost(child) }];
  });
}

/** What a group can be divided into; `undefined` for what stays whole. */
function partsOf(node: ChildNode): readonly ChildNode[] | undefined {
  // Where its children decide together, or their conflicts do, one machine has to see all of them.
  if (node.kind !== 'group' || node.operator !== 'all' || node.onConflict === 'error') return undefined;
  return node.children.flatMap((child) => partsOf(child) ?? [child]);
}

function leavesSomething(node: PlanNode): boolean {
  return node.kind === 'step' ? mayLeaveSomething(node) : node.children.some(leavesSomething);
}

function costsOf(plan: Plan, expected: ReadonlyMap<string, number>): (id: string) => number {
  const known = stepIds(plan).flatMap((id) => expected.get(id) ?? []);
  const average = known.length === 0 ? 1 : known.reduce((sum, ms) => sum + ms, 0) / known.length;
  return (id) => expected.get(id) ?? average;
}
