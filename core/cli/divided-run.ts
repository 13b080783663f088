import { stepIds } from '../contract/plan.ts';
import type { RunRequest } from '../engine.ts';
import { StepTimes } from '../history/step-times.ts';
import type { Runner } from './follow-run.ts';
import type { ShardChoice } from './shard-option.ts';

/** Adds the part to run, and what the division goes by. Runs of one shard do not count: the first would change how the second divides. */
export function divided(engine: Runner, request: RunRequest, shard: ShardChoice | undefined): RunRequest {
  if (shard === undefined) return request;
  const times = StepTimes.read(engine.project.root, engine.nameOf(request), { shards: false });
  return { ...request, shard: { ...shard, expected: times.expected(engine.plan(request)) } };
}

/**
 * Why a shard has nothing to run; `undefined` when it has, or when there is nothing to divide.
 *
 * @param nothingChosen - whether steps were to be chosen, and none was
 */
export function emptyShard(engine: Runner, request: RunRequest, nothingChosen: boolean): string | undefined {
  const { shard, ...whole } = request;
  if (shard === undefined || stepIds(engine.plan(request)).length > 0) return undefined;
  if (nothingChosen) return `Nothing is left for shard ${shard.index}/${shard.count}, so it passes.`;
  const can = engine.mostShards(whole);
  if (can === 0) return undefined;
  const division = can === 1 ? 'what is to run cannot be divided' : `what is to run can be divided among ${can}`;
  return (
    `Nothing is left for shard ${shard.index}/${shard.count}, so it passes: ${division}.\n` +
    'Steps that do not need each other can be shared out when they are in a group; steps in order stay together.'
  );
}
