import { TreadleError } from '../contract/errors.ts';
import type { RunEvent, RunEventOf, RunShard } from '../contract/events.ts';
import { stepIds, type PlanNode } from '../contract/plan.ts';

/** What one shard of a run left. */
export interface ShardFile {
  /** Of its file, for messages. */
  readonly name: string;
  readonly start: RunEventOf<'run:start'>;
  readonly events: readonly RunEvent[];
}

/** One that is known to be a shard. */
export interface ShardRun extends ShardFile {
  readonly shard: RunShard;
}

/**
 * The shards in order.
 *
 * @throws `E_USAGE` when they are not all of one run
 */
export function checkShards(files: readonly ShardFile[]): readonly ShardRun[] {
  const shards = files.map((file): ShardRun => {
    const { shard } = file.start;
    if (shard !== undefined) return { ...file, shard };
    throw refusal(
      `${file.name} is not a shard: its run was not divided.`,
      'Merge what treadle run --shard wrote. treadle report makes reports of other runs.',
    );
  });
  const [first, ...others] = shards;
  if (first === undefined) throw refusal('There is nothing to merge.', 'Name the files of the shards, or a folder that holds them.');
  for (const other of others) checkPair(first, other);
  checkTwice(shards);
  const sorted = shards.toSorted((a, b) => a.shard.index - b.shard.index);
  checkMissing(sorted, first.shard);
  return sorted;
}

function checkPair(first: ShardRun, other: ShardRun): void {
  const both = `${first.name} and ${other.name}`;
  if (first.start.pipeline !== other.start.pipeline) {
    throw refusal(
      `${both} are of different pipelines: "${first.start.pipeline}" and "${other.start.pipeline}".`,
      'Merge the shards of each pipeline by themselves.',
    );
  }
  if (first.shard.count !== other.shard.count) {
    throw refusal(
      `${both} do not fit together: one of ${first.shard.count} shards, and one of ${other.shard.count}.`,
      'Give each shard the same number of shards.',
    );
  }
  const difference = firstDifference(first.shard.plan, other.shard.plan);
  if (difference !== undefined) {
    throw refusal(`${both} have different plans: ${difference}.`, 'Run all shards of the same commit, with the same options.');
  }
  if (first.shard.division !== other.shard.division) {
    throw refusal(
      `${both} were divided in different ways, so that steps may be missing: the shards had different histories.`,
      'Give all shards the same .treadle/runs, or none.',
    );
  }
}

function checkTwice(shards: readonly ShardRun[]): void {
  const byIndex = new Map<number, ShardRun>();
  for (const run of shards) {
    const { index, count } = run.shard;
    const other = byIndex.get(index);
    if (other !== undefined) {
      throw refusal(
        `Shard ${index}/${count} is there twice: ${other.name} and ${run.name}.`,
        'Leave one of them out, such as that of an earlier attempt.',
      );
    }
    byIndex.set(index, run);
  }
}

/** A shard that had nothing to run need not be there. */
function checkMissing(shards: readonly ShardRun[], { plan, count }: RunShard): void {
  const covered = new Set(shards.flatMap(({ start }) => stepIds(start.plan)));
  const lost = stepIds(plan).filter((id) => !covered.has(id));
  if (lost.length === 0) return;
  const there = new Set(shards.map(({ shard }) => shard.index));
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((index) => !there.has(index));
  const names = missing.map((index) => `${index}/${count}`).join(', ');
  const steps = `${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}`;
  throw refusal(
    `${missing.length === 1 ? `Shard ${names} is` : `Shards ${names} are`} missing, and with ${missing.length === 1 ? 'it' : 'them'}: ${steps}.`,
    'Collect the files of all shards, also of those that failed.',
  );
}

/** What differs between two plans that should be the same, in words. */
function firstDifference(left: PlanNode, right: PlanNode): string | undefined {
  const differ = left.id === right.id && left.kind === right.kind ? undefined : `where one has "${left.id}", the other has "${right.id}"`;
  if (left.kind === 'step' || right.kind === 'step') return differ;
  const index = left.children.findIndex((child, at) => {
    const other = right.children[at];
    return other === undefined || firstDifference(child, other) !== undefined;
  });
  const [mine, theirs] = [left.children[index], right.children[index]];
  // What is in it says more: ids of groups are often made of those of their children.
  if (mine !== undefined && theirs !== undefined) return firstDifference(mine, theirs);
  const only = mine ?? right.children[left.children.length];
  return only === undefined ? differ : `only one has "${only.id}"`;
}

function refusal(message: string, hint: string): TreadleError {
  return new TreadleError('E_USAGE', message, { hint });
}
