import { mayLeaveSomething } from '../contract/leavings.ts';
import { stepIds, type ChildNode, type Plan, type PlanNode } from '../contract/plan.ts';
import { selectSteps } from './select.ts';

/** Nodes in order, some of which may run only after those of other lines: the pipeline of a package, or a pipeline by itself. */
export interface Line {
  readonly name: string;
  readonly children: readonly ChildNode[];
  /** Names of lines that come before this one. */
  readonly after: readonly string[];
}

/** A part of a plan that is not divided any further. */
interface Unit {
  readonly node: ChildNode;
  /** The name of its line. */
  readonly line: string;
  /** Where it is in the order of its line: what has a higher one comes after it. */
  readonly stage: number;
  /** Whether what comes after it needs it, wherever that runs. */
  readonly needed: boolean;
  /** Whether it tidies up or tells about the rest, so that it belongs to each shard that has something of its line. */
  readonly always: boolean;
  /** Expected milliseconds. */
  readonly cost: number;
}

interface Shard {
  readonly units: Set<Unit>;
  targets: number;
  load: number;
}

/** For each line, the names of those before it, also behind others. */
type Order = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Divides a plan among machines so that each has about the same to do. Concurrent groups whose children all have to pass are
 * divided into those; sequences and other groups are kept whole. What comes before, in order, runs in each shard that has
 * something after it: all of it, except the children of divided groups that leave nothing behind. Deterministic.
 *
 * @param expected - how long steps took, in milliseconds; one that is not known counts as much as the average one
 * @param lines - what of the plan is in order; by default, its children
 * @returns as many plans as asked for. Together they hold every step; those that nothing is left for hold none.
 */
export function dividePlan(
  plan: Plan,
  count: number,
  expected: ReadonlyMap<string, number>,
  lines: readonly Line[] = [lineOf(plan)],
): readonly Plan[] {
  const units = unitsOf(lines, costsOf(plan, expected));
  const order = orderOf(lines);
  const targets = targetsOf(units, order);
  const shards = Array.from({ length: count }, (): Shard => ({ units: new Set(), targets: 0, load: 0 }));
  // The longest first: what is short evens out what is left.
  const sorted = targets.toSorted((a, b) => b.cost - a.cost);
  for (const [index, target] of sorted.entries()) {
    const empty = shards.filter((shard) => shard.targets === 0);
    const mustFill = sorted.length - index <= empty.length;
    const needed = units.filter((unit) => unit.needed && !unit.always && isBefore(unit, target, order));
    place([target, ...needed], mustFill ? empty : shards);
  }
  return shards.map((shard) => planOf(plan, shard, units));
}

/** Among how many shards a plan can be divided. */
export function mostShards(plan: Plan, lines: readonly Line[] = [lineOf(plan)]): number {
  const units = unitsOf(lines, () => 1);
  return targetsOf(units, orderOf(lines)).length;
}

function lineOf({ id, children }: Plan): Line {
  return { name: id, children, after: [] };
}

/** @param together - what is shared out, and what it needs */
function place(together: readonly Unit[], candidates: readonly Shard[]): void {
  const choices = candidates.map((shard) => {
    const added = together.filter((unit) => !shard.units.has(unit));
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
function targetsOf(units: readonly Unit[], order: Order): readonly Unit[] {
  const working = units.filter(({ always }) => !always);
  const lastStages = new Map<string, number>();
  for (const { line, stage } of working) lastStages.set(line, Math.max(stage, lastStages.get(line) ?? 0));
  const followed = new Set([...lastStages.keys()].flatMap((line) => [...(order.get(line) ?? [])]));
  const targets = working.filter(({ line, stage, needed }) => !needed || (stage === lastStages.get(line) && !followed.has(line)));
  // Of lines with nothing but steps that tidy up, the first.
  const others = new Map<string, Unit>();
  for (const unit of units) if (!lastStages.has(unit.line) && !others.has(unit.line)) others.set(unit.line, unit);
  return [...targets, ...others.values()];
}

function orderOf(lines: readonly Line[]): Order {
  const byName = new Map(lines.map((line) => [line.name, line]));
  const before = new Map<string, ReadonlySet<string>>();
  const visit = ({ name, after }: Line): ReadonlySet<string> => {
    const known = before.get(name);
    if (known !== undefined) return known;
    const found = new Set(after);
    for (const each of after) {
      const line = byName.get(each);
      for (const other of line === undefined ? [] : visit(line)) found.add(other);
    }
    before.set(name, found);
    return found;
  };
  for (const line of lines) visit(line);
  return before;
}

function isBefore(earlier: Unit, later: Unit, order: Order): boolean {
  return earlier.line === later.line ? earlier.stage < later.stage : order.get(later.line)?.has(earlier.line) === true;
}

function planOf(plan: Plan, shard: Shard, units: readonly Unit[]): Plan {
  if (shard.targets === 0) return { ...plan, children: [] };
  const lines = new Set([...shard.units].map(({ line }) => line));
  const only = units.filter((unit) => shard.units.has(unit) || (unit.always && lines.has(unit.line)));
  return selectSteps(plan, { only: only.map(({ node }) => node.id) });
}

function unitsOf(lines: readonly Line[], costOf: (id: string) => number): readonly Unit[] {
  const cost = (node: ChildNode): number => stepIds(node).reduce((sum, id) => sum + costOf(id), 0);
  return lines.flatMap(({ name: line, children }) =>
    children.flatMap((child, stage): readonly Unit[] => {
      const parts = partsOf(child);
      if (parts !== undefined) {
        return parts.map((node) => ({ node, line, stage, needed: leavesSomething(node), always: false, cost: cost(node) }));
      }
      const always = child.kind === 'step' && (child.when === 'always' || child.when === 'on-failure');
      return [{ node: child, line, stage, needed: true, always, cost: cost(child) }];
    }),
  );
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
