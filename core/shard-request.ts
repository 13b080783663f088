import type { RunShard } from './contract/events.ts';
import { stepIds, type Plan } from './contract/plan.ts';
import { sha256 } from './files/own-files.ts';
import { dividePlan, type Line } from './model/shard.ts';

/** Which part of a plan to run. */
export interface ShardRequest {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  /** How long steps take, in milliseconds, by id: the same for all shards, or they do not fit together. */
  readonly expected: ReadonlyMap<string, number>;
}

/** A part of a plan, and what is told of it: see {@link dividePlan}. */
export function chooseShard(
  whole: Plan,
  { index, count, expected }: ShardRequest,
  lines?: readonly Line[],
): { readonly plan: Plan; readonly shard: RunShard } {
  const parts = dividePlan(whole, count, expected, lines);
  const division = sha256(JSON.stringify(parts.map(stepIds))).slice(0, 16);
  return { plan: parts[index - 1] ?? { ...whole, children: [] }, shard: { index, count, division, plan: whole } };
}
