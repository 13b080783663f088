import { TreadleError } from '../contract/errors.ts';

/** What `--shard 2/5` says. */
export interface ShardChoice {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** So many machines are a mistake. */
const most = 1000;

/** @throws `E_USAGE` */
export function parseShard(text: string): ShardChoice {
  const parts = /^(\d+)\/(\d+)$/.exec(text);
  const [index, count] = [Number(parts?.[1]), Number(parts?.[2])];
  const hint = 'Such as --shard 2/5: the second of five parts.';
  if (parts === null) throw new TreadleError('E_USAGE', `--shard must be two numbers, not "${text}".`, { hint });
  if (count < 1 || count > most) throw new TreadleError('E_USAGE', `--shard ${text}: there can be 1 to ${most} shards.`, { hint });
  if (index < 1) throw new TreadleError('E_USAGE', `--shard ${text}: shards count from 1.`, { hint });
  if (index > count) throw new TreadleError('E_USAGE', `--shard ${text}: there are only ${count} shards.`, { hint });
  return { index, count };
}
