import { TreadleError, type SerializedError } from '../contract/errors.ts';
import type { RunCounts, RunEvent, RunEventOf } from '../contract/events.ts';
import { stepIds, type Plan } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import type { ShardRun } from './check-shards.ts';

/** Which of the outcomes that a step had in several shards counts: the first of these. */
const stepOutcomes: readonly (Status | undefined)[] = [undefined, 'failed', 'timed-out', 'passed', 'cancelled', 'skipped'];
/** The same of groups and runs. */
const outcomes: readonly Status[] = ['failed', 'timed-out', 'cancelled', 'passed', 'skipped'];

/** What the merged run is called, and where it is at home. */
export interface MergedRun {
  readonly runId: string;
  readonly cwd: string;
}

interface Placed {
  readonly event: RunEvent;
  readonly shard: ShardRun;
  /** Never falls within a shard, whatever its clock did. */
  readonly at: number;
}

type GroupEnd = RunEventOf<'group:end'>;

/**
 * The events of the whole run. A step is told of by the shard that ran it; where several did, by one in which it failed. A group
 * that was divided begins with its first part and ends with its last.
 *
 * @param shards - as checked
 */
export function mergeShards(shards: readonly ShardRun[], { runId, cwd }: MergedRun): readonly RunEvent[] {
  const [first] = shards;
  if (first === undefined) throw new TreadleError('E_INTERNAL', 'There are no shards to merge.');
  const { plan } = first.shard;
  const placed = shards.flatMap(inTime).toSorted((a, b) => a.at - b.at);
  const stamp = { v: 1, runId } as const;
  const body = bodyOf(placed, tellersOf(shards), lanesOf(shards));
  const begin: RunEvent = { ...first.start, ...stamp, seq: 0, plan, cwd, ts: Math.min(...placed.map(({ event }) => event.ts)) };
  const { shard: _part, expected: _times, ...start } = begin;
  const events: readonly RunEvent[] = [start, ...body, endOf(shards, body, placed.at(-1)?.at ?? start.ts)];
  return events.map((event, seq) => ({ ...event, ...stamp, seq }));
}

function inTime(shard: ShardRun): readonly Placed[] {
  let latest = 0;
  return shard.events.map((event) => ({ event, shard, at: (latest = Math.max(latest, event.ts)) }));
}

/** Everything between the beginning and the end. */
function bodyOf(
  placed: readonly Placed[],
  tellers: ReadonlyMap<string, ShardRun>,
  lanes: ReadonlyMap<ShardRun, number>,
): readonly RunEvent[] {
  const ends = Map.groupBy(
    placed.flatMap(({ event }) => (event.type === 'group:end' ? [event] : [])),
    ({ id }) => id,
  );
  const begun = new Set<string>();
  let ended = 0;
  return placed.flatMap(({ event, shard }): readonly RunEvent[] => {
    if (event.type === 'run:start' || event.type === 'run:end') return [];
    if (event.type === 'group:start') return begun.size < begun.add(event.id).size ? [event] : [];
    if (event.type === 'group:end') {
      const parts = ends.get(event.id) ?? [];
      return parts.at(-1) === event ? [joined(event, parts)] : [];
    }
    if (tellers.get(event.id) !== shard) return [];
    if (event.type === 'step:end') ended += 1;
    const overall = Math.min(100, Math.floor((10_000 * ended) / tellers.size) / 100);
    const lane = lanes.get(shard) ?? 0;
    if (event.type === 'step:progress') return [{ ...event, overall }];
    if (event.type !== 'step:end' && event.type !== 'step:retry') return [event];
    const thread = event.thread === undefined ? {} : { thread: event.thread + lane };
    return [event.type === 'step:end' ? { ...event, overall, ...thread } : { ...event, ...thread }];
  });
}

/** Which shard tells of each step. */
function tellersOf(shards: readonly ShardRun[]): ReadonlyMap<string, ShardRun> {
  const found = new Map<string, { readonly shard: ShardRun; readonly rank: number }>();
  for (const shard of shards) {
    const statuses = new Map(
      shard.events.flatMap((event): readonly [string, Status][] => (event.type === 'step:end' ? [[event.id, event.status]] : [])),
    );
    for (const id of stepIds(shard.start.plan)) {
      const rank = stepOutcomes.indexOf(statuses.get(id));
      const best = found.get(id);
      if (best === undefined || rank < best.rank) found.set(id, { shard, rank });
    }
  }
  return new Map([...found].map(([id, { shard }]) => [id, shard]));
}

/** Threads of different machines are different threads. */
function lanesOf(shards: readonly ShardRun[]): ReadonlyMap<ShardRun, number> {
  let next = 0;
  return new Map(
    shards.map((shard) => {
      const threads = shard.events.flatMap((event) => ('thread' in event && event.thread !== undefined ? [event.thread] : []));
      const lane = next;
      next += threads.reduce((most, thread) => Math.max(most, thread), -1) + 1;
      return [shard, lane];
    }),
  );
}

function joined(last: GroupEnd, parts: readonly GroupEnd[]): GroupEnd {
  const status = worst(parts.map((part) => part.status));
  const error = parts.find((part) => part.status === status)?.error;
  const { error: _own, ...rest } = last;
  return {
    ...rest,
    status,
    durationMs: Math.max(...parts.map(({ durationMs }) => durationMs)),
    conflicts: distinct(parts.flatMap(({ conflicts }) => conflicts)),
    ...(error === undefined ? {} : { error }),
  };
}

function endOf(shards: readonly ShardRun[], body: readonly RunEvent[], ts: number): RunEvent {
  const ends = shards.map((shard) => ({ shard, end: shard.events.find((event) => event.type === 'run:end') }));
  const lost = ends.filter(({ end }) => end === undefined).map(({ shard }) => lostError(shard));
  const statuses = ends.map(({ end }): Status => end?.status ?? 'failed');
  const [first] = shards;
  return {
    v: 1,
    seq: 0,
    ts,
    runId: '',
    type: 'run:end',
    status: worst(statuses),
    // They ran at the same time.
    durationMs: Math.max(...ends.map(({ shard, end }) => end?.durationMs ?? (shard.events.at(-1)?.ts ?? 0) - shard.start.ts)),
    counts: countsOf(body, first?.shard.plan),
    results: ends.reduce((all, { end }) => mergedResults(all, end?.results ?? {}), {}),
    resultBytes: ends.reduce((sum, { end }) => sum + (end?.resultBytes ?? 0), 0),
    errors: distinct([...lost, ...ends.flatMap(({ end }) => end?.errors ?? [])]),
  };
}

/** A shard that was killed must not look as if it had passed. */
function lostError({ name, shard: { index, count } }: ShardRun): SerializedError {
  return {
    code: 'E_WORKER_LOST',
    name: 'TreadleError',
    message: `Shard ${index}/${count} was interrupted: ${name} does not tell how it ended.`,
  };
}

function countsOf(body: readonly RunEvent[], plan: Plan | undefined): RunCounts {
  const ends = body.filter((event) => event.type === 'step:end');
  const count = (status: Status): number => ends.filter((end) => end.status === status).length;
  return {
    steps: plan === undefined ? 0 : stepIds(plan).length,
    passed: count('passed'),
    failed: count('failed'),
    timedOut: count('timed-out'),
    cancelled: count('cancelled'),
    skipped: count('skipped'),
    flaky: ends.filter(({ flaky }) => flaky).length,
    cached: ends.filter(({ cached }) => cached).length,
  };
}

function worst(statuses: readonly Status[]): Status {
  return outcomes.find((status) => statuses.includes(status)) ?? 'passed';
}

type Results = RunEventOf<'run:end'>['results'];

/** Objects are merged, such as those of the packages of a workspace; of anything else, the later one counts. */
function mergedResults(left: Results, right: Results): Results {
  const entries = new Map(Object.entries(left));
  for (const [key, value] of Object.entries(right)) {
    const known = entries.get(key);
    entries.set(key, isObject(known) && isObject(value) ? mergedResults(known, value) : value);
  }
  return Object.fromEntries(entries);
}

function isObject(value: unknown): value is Results {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without those that say the same. */
function distinct<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
