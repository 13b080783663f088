import type { ErrorChunk, SerializedError } from '../../contract/errors.ts';
import type { Diagnostic, TestResult } from '../../contract/events.ts';
import type { Environment, ExecExit, ExecRequest, Outcome, StepCode } from '../../contract/executor.ts';
import type { Layer, Segment } from '../../contract/snapshot.ts';
import type { MessagePort } from 'node:worker_threads';
import type { Board } from './board.ts';

/**
 * The one task that tinypool hands to a thread: serve attempts over the port, until told to end. A task for each step
 * would cost more than the step: an abort signal, and a look at the memory in use.
 */
export interface Lease {
  readonly port: MessagePort;
  readonly board: Board;
}

/** What all steps of a run have in common. */
export interface Scope {
  readonly config: Segment;
  readonly cwd: string;
  readonly baseEnv: Environment;
}

/** A value that a thread keeps once it has seen it, so that it travels once. */
export type Blob = Scope | StepCode | Layer | ErrorChunk;

/** An attempt as it travels to a thread. Blobs go by id; those that the thread lacks come along. */
export interface AttemptMessage {
  readonly task: number;
  readonly stepId: string;
  readonly description?: string;
  readonly attempt: number;
  readonly code: number;
  readonly scope: number;
  readonly layers: readonly number[];
  // What is empty is left out: a message costs by its fields.
  readonly errors?: readonly number[];
  readonly env?: Environment;
  readonly mark?: Environment;
  readonly blobs?: readonly (readonly [id: number, blob: Blob])[];
}

/** Main → thread. */
export type ThreadCommand =
  | (AttemptMessage & { readonly type: 'run' })
  | { readonly type: 'abort'; readonly task: number; readonly error: SerializedError }
  | { readonly type: 'exec-started'; readonly task: number; readonly call: number; readonly pid: number }
  | {
      readonly type: 'exec-line';
      readonly task: number;
      readonly call: number;
      readonly line: string;
      readonly stream: 'stdout' | 'stderr';
    }
  | { readonly type: 'exec-exit'; readonly task: number; readonly call: number; readonly result: ExecExit }
  | { readonly type: 'exec-error'; readonly task: number; readonly call: number; readonly error: SerializedError }
  /** Go back to the pool. */
  | { readonly type: 'end' };

/** A command that concerns a process that the step started. */
export type ExecCommand = Extract<ThreadCommand, { readonly type: `exec-${string}` }>;

/** What a step says while it runs. */
export type AttemptReport =
  | { readonly type: 'progress'; readonly percent: number; readonly message: string }
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'test'; readonly result: TestResult }
  | { readonly type: 'diagnostic'; readonly problem: Diagnostic }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'attach'; readonly name: string; readonly content: string | Uint8Array }
  | { readonly type: 'exec'; readonly call: number; readonly request: ExecRequest }
  | { readonly type: 'exec-stop'; readonly call: number };

/** How an attempt ended, as its thread says it. */
export type AttemptEnd =
  | { readonly type: 'outcome'; readonly outcome: Outcome; readonly percent: number; readonly message?: string }
  /** The same, and the thread must not be used again. */
  | { readonly type: 'last'; readonly outcome: Outcome }
  /** Not begun: the thread lacks a blob after all. */
  | { readonly type: 'needs-blobs' };

/** What a thread says of the attempt that it runs. */
export type AttemptNews = { readonly task: number } & (AttemptReport | AttemptEnd);

/** Thread → main. A bare number ends that task: passed, changed and read nothing, and said nothing. */
export type ThreadMessage = number | { readonly type: 'hello'; readonly thread: number } | AttemptNews;
