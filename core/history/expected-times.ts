import { stepIds, type Plan } from '../contract/plan.ts';
import { storedRuns } from './run-digest.ts';
import { median } from './step-statistics.ts';

/** So many passes of a step are looked at, and so many runs at most to find them. */
const passes = 7;
const furthest = 30;

/** What of the history counts. */
export interface ExpectedTimesOptions {
  /** Whether runs of one shard count. Default: true. */
  readonly shards?: boolean;
}

/** How long the steps of a plan usually take, in milliseconds: the median of their last passes. Those that never passed are left out. */
export function expectedTimes(
  root: string,
  pipeline: string,
  plan: Plan,
  { shards = true }: ExpectedTimesOptions = {},
): ReadonlyMap<string, number> {
  const wanted = new Map(stepIds(plan).map((id): [string, number[]] => [id, []]));
  let open = wanted.size;
  let runs = 0;
  for (const run of storedRuns(root, pipeline)) {
    if (open === 0 || runs >= furthest) break;
    runs += 1;
    if (run.isShard && !shards) continue;
    for (const { id, status, cached, durationMs } of run.steps) {
      const found = wanted.get(id);
      if (found === undefined || status !== 'passed' || cached || found.length >= passes) continue;
      if (found.push(durationMs) === passes) open -= 1;
    }
  }
  return new Map(
    [...wanted].flatMap(([id, found]): [string, number][] => {
      const middle = median(found);
      return middle === undefined ? [] : [[id, middle]];
    }),
  );
}
