import type { SerializedError } from '../../contract/errors.ts';
import type { Diagnostic, TestResult } from '../../contract/events.ts';
import type { Environment, ExecExit, ExecRequest, Outcome, StepCode } from '../../contract/executor.ts';
import type { Layer, Segment } from '../../contract/snapshot.ts';
import type { MessagePort } from 'node:worker_threads';

/** What all steps of a run have in common. */
export interface Scope {
  readonly config: Segment;
  readonly cwd: string;
  readonly baseEnv: Environment;
}

/** A value that a thread keeps once it has seen it, so that it travels once. */
export type Blob = Scope | StepCode | Layer;

/** A task as tinypool hands it to a thread. Blobs go by id; those that the thread may lack come along. */
export interface TaskMessage {
  readonly task: number;
  /** Index of the attempt's slot on the board. */
  readonly slot: number;
  readonly stepId: string;
  readonly description?: string;
  readonly attempt: number;
  readonly code: number;
  readonly scope: number;
  readonly layers: readonly number[];
  // What is empty is left out: a message costs by its fields.
  readonly errors?: readonly SerializedError[];
  readonly env?: Environment;
  readonly mark?: Environment;
  readonly blobs?: readonly (readonly [id: number, blob: Blob])[];
  /** A channel for everything but the outcome; a thread keeps the first that it gets. */
  readonly lane?: MessagePort;
}

/** What a task resolves with. */
export type Reply =
  /** `posted` messages went over the lane before; the outcome counts only after the last of them. */
  | { readonly kind: 'outcome'; readonly outcome: Outcome; readonly posted: number; readonly percent: number; readonly message?: string }
  /** Passed, changed and read nothing, and said nothing: the shortest way to say so. */
  | 'nothing'
  | { readonly kind: 'needs-lane' }
  | { readonly kind: 'needs-blobs'; readonly ids: readonly number[] };

/** A {@link Reply} that tells how the attempt ended. */
export type OutcomeReply = Extract<Reply, { readonly kind: 'outcome' }>;

/** Thread → main, over the lane. */
export type LaneMessage = { readonly task: number } & (
  | { readonly type: 'hello'; readonly thread: number }
  | { readonly type: 'progress'; readonly percent: number; readonly message: string }
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'test'; readonly result: TestResult }
  | { readonly type: 'diagnostic'; readonly problem: Diagnostic }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'attach'; readonly name: string; readonly content: string | Uint8Array }
  | { readonly type: 'exec'; readonly call: number; readonly request: ExecRequest }
  | { readonly type: 'exec-stop'; readonly call: number }
  /** The attempt is over, and the thread must not be used again. */
  | { readonly type: 'last'; readonly outcome: Outcome }
);

/** Main → thread, over the lane. */
export type LaneCommand = { readonly task: number } & (
  | { readonly type: 'abort'; readonly error: SerializedError }
  | { readonly type: 'exec-started'; readonly call: number; readonly pid: number }
  | { readonly type: 'exec-line'; readonly call: number; readonly line: string; readonly stream: 'stdout' | 'stderr' }
  | { readonly type: 'exec-exit'; readonly call: number; readonly result: ExecExit }
  | { readonly type: 'exec-error'; readonly call: number; readonly error: SerializedError }
);
