import type { SerializedError } from '../contract/errors.ts';
import type { Assignment, Executor, Outcome, StepEnd, StepHost } from '../contract/executor.ts';
import { timeoutError } from './run-errors.ts';
import { formatDuration } from './format-duration.ts';

/** Time that a step has between its signal and its end, in milliseconds. */
export const defaultGraceMs = 500;

/** What {@link startAttempt} needs. */
export interface AttemptOptions {
  readonly executor: Executor;
  readonly assignment: Assignment;
  readonly host: StepHost & { end(): void };
  readonly timeoutMs?: number;
  readonly graceMs: number;
  /** Stops the step's processes. */
  readonly endProcesses: (how: StepEnd) => Promise<void>;
}

/** One attempt under way, with its time limit. */
export interface TimedAttempt {
  /** Settles once the step's code and processes are gone. Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Asks it to stop, and stops it after the grace. */
  stop(error: SerializedError): void;
  /** Stops it without the grace. */
  kill(error: SerializedError): void;
}

/** Starts an attempt and sees to it that it ends: on its own, at its time limit, or when it is stopped. */
export function startAttempt(options: AttemptOptions): TimedAttempt {
  const { executor, assignment, timeoutMs, graceMs } = options;
  let ended = false;
  let stoppedBy: SerializedError | undefined;
  let graceTimer: NodeJS.Timeout | undefined;
  let processesGone: Promise<void> | undefined;
  const attempt = executor.start(assignment, options.host);

  const stop = (error: SerializedError): void => {
    if (ended || stoppedBy !== undefined) return;
    stoppedBy = error;
    attempt.abort(error);
    processesGone = options.endProcesses({ passed: false, sweep: true });
    graceTimer = setTimeout(() => attempt.kill(error), graceMs);
  };
  const kill = (error: SerializedError): void => {
    stop(error);
    clearTimeout(graceTimer);
    if (!ended) attempt.kill(stoppedBy ?? error);
  };
  let timer: NodeJS.Timeout | undefined;
  if (timeoutMs !== undefined) {
    const timeOut = (): void =>
      stop(timeoutError(`Step "${assignment.stepId}" timed out after ${formatDuration(timeoutMs)}.`, assignment.stepId));
    const startTimer = (): void => void (timer = setTimeout(timeOut, timeoutMs));
    if (attempt.begun === undefined) startTimer();
    else void attempt.begun.then(startTimer);
  }

  const outcome = attempt.outcome.then(async (own): Promise<Outcome> => {
    clearTimeout(timer);
    clearTimeout(graceTimer);
    await (processesGone ?? options.endProcesses({ passed: own.status === 'passed', sweep: false }));
    ended = true;
    options.host.end();
    if (stoppedBy === undefined) return own;
    const status = stoppedBy.code === 'E_TIMEOUT' ? 'timed-out' : 'cancelled';
    return { status, error: stoppedBy, ...(own.thread === undefined ? {} : { thread: own.thread }) };
  });
  return { outcome, stop, kill };
}
