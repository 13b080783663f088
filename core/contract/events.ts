import type { SerializedError } from './errors.ts';
import type { Operator, Plan } from './plan.ts';
import type { SourceLocation, Status } from './status.ts';

/** A conflict between siblings of a group, and which step's value was kept. */
export interface Conflict {
  /** Such as `results.report.total`. */
  readonly path: string;
  readonly stepIds: readonly string[];
  /** Id of the step whose value was kept. */
  readonly kept: string;
}

/** A finding at a place in a file. */
export interface Diagnostic extends SourceLocation {
  readonly endLine?: number;
  readonly endColumn?: number;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** The tool that said so, such as `tsc`. */
  readonly source: string;
  /** The tool's rule or code, such as `TS2322`. */
  readonly code?: string;
}

/** Outcome of a test case inside a step. */
export type TestStatus = 'passed' | 'failed' | 'skipped' | 'todo';

/** One test case inside a step. */
export interface TestResult {
  readonly name: string;
  /** Names of the enclosing suites, outermost first. */
  readonly path: readonly string[];
  readonly status: TestStatus;
  readonly durationMs: number;
  readonly error?: TestError;
  readonly location?: SourceLocation;
}

/** Why a test case failed. */
export interface TestError {
  /** The class of the error, such as `TypeError`. */
  readonly name?: string;
  readonly message: string;
  readonly stack?: string;
  readonly expected?: string;
  readonly actual?: string;
}

/** How many steps ended in which way. */
export interface RunCounts {
  readonly steps: number;
  readonly passed: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly flaky: number;
  readonly cached: number;
}

/** A part of a pipeline that was divided among machines. */
export interface RunShard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  /** The same for all shards that fit together. */
  readonly division: string;
  /** The whole plan; that of the run holds what this shard runs of it. */
  readonly plan: Plan;
}

/** Why a run began: somebody asked for it at the command line, on a CI machine, in an editor or under the debugger, or files changed. */
export type RunTrigger =
  | { readonly kind: 'command' | 'ci' | 'editor' | 'debug' }
  | {
      readonly kind: 'save';
      /** The first of those that changed, relative to the project. */
      readonly files: readonly string[];
      /** How many others changed. */
      readonly more?: number;
    };

/** What is known of a run beforehand, besides its plan. */
export interface RunOutlook {
  /** Absent where whoever started it did not say. */
  readonly trigger?: RunTrigger;
  /** Absent for a run that is not divided. */
  readonly shard?: RunShard;
  /** How long steps usually take, in milliseconds, by id; those that have not passed yet are left out. */
  readonly expected?: { readonly [stepId: string]: number };
}

export type RunEventBody =
  | ({ readonly type: 'run:start'; readonly pipeline: string; readonly plan: Plan; readonly cwd: string } & RunOutlook)
  | { readonly type: 'group:start'; readonly id: string }
  | {
      readonly type: 'step:start';
      readonly id: string;
      readonly attempt: number;
      readonly executor: string;
      /** Why it runs, or is `cached`, as far as what changed since earlier runs is known: such as `src/cart.ts changed`. */
      readonly why?: string;
    }
  | { readonly type: 'step:progress'; readonly id: string; readonly percent: number; readonly message?: string; readonly overall: number }
  | { readonly type: 'step:output'; readonly id: string; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | ({ readonly type: 'step:test'; readonly id: string } & TestResult)
  | ({ readonly type: 'step:diagnostic'; readonly id: string } & Diagnostic)
  | { readonly type: 'step:attachment'; readonly id: string; readonly name: string; readonly file: string; readonly bytes: number }
  | { readonly type: 'step:warning'; readonly id: string; readonly message: string }
  | {
      readonly type: 'step:retry';
      readonly id: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: SerializedError;
      /** The thread that ran the attempt. */
      readonly thread?: number;
    }
  | {
      readonly type: 'step:end';
      readonly id: string;
      readonly status: Status;
      readonly durationMs: number;
      readonly attempts: number;
      readonly flaky: boolean;
      readonly cached: boolean;
      /** Overall progress of the run after this step, 0 to 100. */
      readonly overall: number;
      readonly error?: SerializedError;
      /** Why a skipped step did not run. */
      readonly reason?: string;
      /** The thread that ran it, for lanes in a timeline; absent when it ran inline. */
      readonly thread?: number;
    }
  | {
      readonly type: 'group:end';
      readonly id: string;
      readonly operator: Operator;
      readonly status: Status;
      readonly durationMs: number;
      readonly conflicts: readonly Conflict[];
      readonly error?: SerializedError;
    }
  | {
      readonly type: 'run:end';
      readonly status: Status;
      readonly durationMs: number;
      readonly counts: RunCounts;
      /** Final results; a value that JSON cannot say (a Map, a Date) is written in a readable form. */
      readonly results: { readonly [key: string]: unknown };
      /** Size of the results as they are encoded. Where a stored run has no results although this is above 0, they were too large to be kept. */
      readonly resultBytes?: number;
      readonly errors: readonly SerializedError[];
    };

/** What the run layer adds to every event. */
export interface EventStamp {
  /** Version of the event format. */
  readonly v: 1;
  /** Counts from 0 without gaps. */
  readonly seq: number;
  /** Unix time in milliseconds. */
  readonly ts: number;
  readonly runId: string;
}

/** One entry of a run's event stream: the only thing that reporters, CLI and editors consume. */
export type RunEvent = RunEventBody & EventStamp;
export type RunEventType = RunEvent['type'];
/** The event of one type. */
export type RunEventOf<T extends RunEventType> = Extract<RunEvent, { readonly type: T }>;
