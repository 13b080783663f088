import { TreadleError } from '../contract/errors.ts';
import type { RunRequest } from '../engine.ts';
import { StepTimes } from '../history/step-times.ts';
import { mostShards } from '../model/shard.ts';
import type { Runner } from './follow-run.ts';

/** Adds what the division goes by. Runs of one shard do not count: the first would change how the second divides. */
export function divided(engine: Runner, request: RunRequest): RunRequest {
  const { shard, ...whole } = request;
  if (shard === undefined) return request;
  const times = StepTimes.read(engine.project.root, engine.nameOf(request), { shards: false });
  const expected = times.expected(engine.plan(whole));
  return { ...whole, shard: { ...shard, expected } };
}

/** Why a shard has nothing to run. */
export function emptyShard(engine: Runner, { shard, ...whole }: RunRequest): TreadleError | undefined {
  if (shard === undefined) return undefined;
  const can = mostShards(engine.plan(whole));
  if (can === 0) return undefined;
  return new TreadleError(
    'E_NO_STEPS',
    `Nothing is left for shard ${shard.index}/${shard.count}: the pipeline can be divided among ${can}.`,
    {
      hint: `Use fewer shards, put steps that do not need each other in a group, or allow an empty shard with --pass-with-no-steps.`,
    },
  );
}
