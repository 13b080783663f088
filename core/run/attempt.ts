import { serializeError } from '../context/errors.ts';
import { TreadleError, type SerializedError } from '../contract/errors.ts';
import type { Assignment, Executor, Outcome, StepEnd, StepHost } from '../contract/executor.ts';
import { timeoutError } from './run-errors.ts';
import { formatDuration } from './format-duration.ts';

/** Time that a step has between its signal and its end, in milliseconds. */
export const defaultGraceMs = 500;

/** What {@link startAttempt} needs. */
export interface AttemptOptions {
  readonly executor: Executor;
  readonly assignment: Assignment;
  readonly host: StepHost;
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
  const attempt = executor.start(
    assignment,
    whileRunning(options.host, () => !ended),
  );

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
    if (stoppedBy === undefined) return own;
    const status = stoppedBy.code === 'E_TIMEOUT' ? 'timed-out' : 'cancelled';
    return { status, error: stoppedBy, ...(own.thread === undefined ? {} : { thread: own.thread }) };
  });
  return { outcome, stop, kill };
}

/** What a step says after its end is not heard. */
function whileRunning(host: StepHost, running: () => boolean): StepHost {
  return {
    progress: (percent, message) => void (running() && host.progress(percent, message)),
    output: (stream, text) => void (running() && host.output(stream, text)),
    test: (result) => void (running() && host.test(result)),
    diagnostic: (problem) => void (running() && host.diagnostic(problem)),
    warning: (message) => void (running() && host.warning(message)),
    attach: (name, content) => void (running() && host.attach(name, content)),
    exec: (request, listener) => {
      if (running()) return host.exec(request, listener);
      listener.error(serializeError(new TreadleError('E_CANCELLED', 'The step has ended; it cannot start a command any more.')));
      return () => undefined;
    },
  };
}
