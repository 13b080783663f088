import type { Status } from '../contract/status.ts';

/** Why something is stopped before its end. */
export interface StopCause {
  readonly kind: 'timeout' | 'cancelled' | 'not-needed';
  readonly message: string;
  /** The node whose timeout or outcome it was; absent when a person or signal asked for it. */
  readonly by?: string;
}

/** What the schedule is told. */
export type ScheduleEvent =
  | { readonly type: 'start' }
  | { readonly type: 'attempt-ended'; readonly id: string; readonly status: 'passed' | 'failed' | 'timed-out' | 'cancelled' }
  | { readonly type: 'when-answered'; readonly id: string; readonly run: boolean }
  | { readonly type: 'retry-due'; readonly id: string }
  | { readonly type: 'timeout'; readonly id: string; readonly message: string }
  | { readonly type: 'merged'; readonly id: string; readonly ok: boolean }
  /** Without an id, of everything; then steps that are to run whatever happens still do. */
  | { readonly type: 'cancel'; readonly id?: string; readonly message: string }
  /** Of everything, those steps too. */
  | { readonly type: 'halt'; readonly kind: 'timeout' | 'cancelled'; readonly message: string };

/** What the schedule wants done, in order. */
export type ScheduleEffect =
  | { readonly type: 'open'; readonly id: string }
  | { readonly type: 'start-timer'; readonly id: string; readonly ms: number }
  | { readonly type: 'clear-timer'; readonly id: string }
  /** What is stopped cleans up: that is to have a limit. */
  | { readonly type: 'limit-clean-up' }
  | { readonly type: 'ask-when'; readonly id: string }
  | { readonly type: 'start-attempt'; readonly id: string; readonly attempt: number }
  | { readonly type: 'stop-attempt'; readonly id: string; readonly cause: StopCause }
  | { readonly type: 'delay-retry'; readonly id: string; readonly attempt: number; readonly delayMs: number }
  | { readonly type: 'drop-retry'; readonly id: string }
  | {
      readonly type: 'step-ended';
      readonly id: string;
      readonly status: Status;
      readonly attempts: number;
      readonly flaky: boolean;
      readonly reason?: string;
    }
  | { readonly type: 'merge'; readonly id: string }
  | { readonly type: 'close'; readonly id: string; readonly status: Status; readonly cause?: StopCause }
  | { readonly type: 'run-ended'; readonly status: Status; readonly cause?: StopCause };
