import { readFileSync } from 'node:fs';
import type { RunCounts, RunEvent, RunEventOf, RunEventType, RunTrigger } from '../contract/events.ts';
import type { Plan } from '../contract/plan.ts';
import { stepIds } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import { listRunFiles, type RunFile } from './run-folder.ts';
import { eventsIn } from './run-lines.ts';

/** How a stored run stands: `interrupted` when its process ended before the run did. */
export type StoredStatus = Status | 'running' | 'interrupted';

/** How a step ended in a stored run. */
export interface StepDigest {
  readonly id: string;
  readonly status: Status;
  readonly durationMs: number;
  readonly attempts: number;
  readonly flaky: boolean;
  readonly cached: boolean;
  /** First line of why it failed. */
  readonly message?: string;
}

/** A stored run in short. */
export interface RunDigest {
  readonly runId: string;
  /** Absolute. */
  readonly file: string;
  /** Size of the file, or nearly. */
  readonly bytes: number;
  readonly pipeline: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly status: StoredStatus;
  /** Until the last event, for a run that did not end. */
  readonly durationMs: number;
  readonly counts: RunCounts;
  readonly plan: Plan;
  readonly isShard: boolean;
  /** Why it began, where that is known. */
  readonly trigger?: RunTrigger;
  /** Those that ended, in the order in which they did. */
  readonly steps: readonly StepDigest[];
  /** Those that began and did not end. */
  readonly unfinished: readonly string[];
}

const needed: ReadonlySet<RunEventType> = new Set<RunEventType>(['run:start', 'step:start', 'step:end', 'run:end']);

/** What of the stored runs is read. */
export interface DigestOptions {
  /** Only runs of this pipeline. */
  readonly pipeline?: string;
  /** Only events of these types count; the fewer, the faster. Default: all that a digest tells of. */
  readonly needed?: ReadonlySet<RunEventType>;
}

/** The stored runs of a project, the last one first, each read when it is asked for. */
export function* storedRuns(root: string, options: DigestOptions = {}): Generator<RunDigest, void> {
  for (const file of listRunFiles(root)) {
    const digest = digestFile(file, options);
    if (digest !== undefined) yield digest;
  }
}

/** A run in short; `undefined` when the file holds none, or one of another pipeline. */
function digestFile({ file, live }: RunFile, options: DigestOptions): RunDigest | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Another process has just removed it.
    return undefined;
  }
  return digest(eventsIn(text, options.needed ?? needed), { file, live, bytes: text.length, pipeline: options.pipeline });
}

function digest(
  events: Iterable<RunEvent>,
  {
    file,
    live,
    bytes,
    pipeline,
  }: { readonly file: string; readonly live: boolean; readonly bytes: number; readonly pipeline: string | undefined },
): RunDigest | undefined {
  let start: RunEventOf<'run:start'> | undefined;
  let end: RunEventOf<'run:end'> | undefined;
  let lastAt = 0;
  const steps: StepDigest[] = [];
  const unfinished = new Set<string>();
  for (const event of events) {
    lastAt = event.ts;
    if (event.type === 'run:start') {
      if (pipeline !== undefined && event.pipeline !== pipeline) return undefined;
      start = event;
    } else if (event.type === 'step:start') unfinished.add(event.id);
    else if (event.type === 'step:end') {
      unfinished.delete(event.id);
      steps.push(digestStep(event));
    }
    if (event.type === 'run:end') end = event;
  }
  if (start === undefined) return undefined;
  return {
    runId: start.runId,
    file,
    bytes,
    pipeline: start.pipeline,
    startedAt: start.ts,
    status: end?.status ?? (live ? 'running' : 'interrupted'),
    durationMs: end?.durationMs ?? lastAt - start.ts,
    counts: end?.counts ?? countSteps(start.plan, steps),
    plan: start.plan,
    isShard: start.shard !== undefined,
    ...(start.trigger === undefined ? {} : { trigger: start.trigger }),
    steps,
    unfinished: [...unfinished],
  };
}

function digestStep({ id, status, durationMs, attempts, flaky, cached, error }: RunEventOf<'step:end'>): StepDigest {
  const message = error?.message.split('\n', 1)[0];
  return { id, status, durationMs, attempts, flaky, cached, ...(message === undefined ? {} : { message }) };
}

/** What a run that did not end would have counted. */
function countSteps(plan: Plan, steps: readonly StepDigest[]): RunCounts {
  const count = (fits: (step: StepDigest) => boolean): number => steps.filter(fits).length;
  return {
    steps: stepIds(plan).length,
    passed: count(({ status }) => status === 'passed'),
    failed: count(({ status }) => status === 'failed'),
    timedOut: count(({ status }) => status === 'timed-out'),
    cancelled: count(({ status }) => status === 'cancelled'),
    skipped: count(({ status }) => status === 'skipped'),
    flaky: count(({ flaky }) => flaky),
    cached: count(({ cached }) => cached),
  };
}
