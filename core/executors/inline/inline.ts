import { serializeError } from '../../context/errors.ts';
import type { SerializedError, TreadleError } from '../../contract/errors.ts';
import type { Assignment, Attempt, Executor, Outcome, StepHost } from '../../contract/executor.ts';
import { reviveError } from '../../context/errors.ts';
import { loadRunnable } from '../../plugins/runnable.ts';
import { runStep } from '../run-step.ts';
import { guardGlobals, inStepScope, outsideStepScope } from './step-scope.ts';

/**
 * Runs steps in the main thread: for plugins that only wait, and for functions that no file holds. They have the same
 * isolation as on threads; code that never yields cannot be stopped here.
 */
export class InlineExecutor implements Executor {
  readonly name = 'inline';
  private readonly active = new Set<Attempt>();

  prepare(): void {
    // There is nothing to warm up.
  }

  start(assignment: Assignment, host: StepHost): Attempt {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const controller = new AbortController();
    const releaseGlobals = guardGlobals();
    const settle = (outcome: Outcome): void => {
      this.active.delete(attempt);
      // A turn later: what was thrown outside the step's promise arrives after the promise settles.
      setImmediate(releaseGlobals);
      resolve(outcome);
    };
    const attempt: Attempt = {
      outcome: promise,
      abort: (error) => controller.abort(reviveError(error)),
      kill: (error) => settle({ status: error.code === 'E_TIMEOUT' ? 'timed-out' : 'cancelled', error }),
    };
    this.active.add(attempt);
    const step = {
      id: assignment.stepId,
      output: (stream: 'stdout' | 'stderr', text: string) => outsideStepScope(() => host.output(stream, text)),
      crash: (error: TreadleError) =>
        settle({ status: 'failed', error: serializeError(error, { stepId: assignment.stepId, root: assignment.cwd }) }),
    };
    const { code } = assignment;
    const run = (): Promise<Outcome> =>
      runStep({
        assignment,
        env: Object.keys(assignment.env).length === 0 ? assignment.baseEnv : { ...assignment.baseEnv, ...assignment.env },
        host: outside(host),
        signal: controller.signal,
        load: async () => (code.kind === 'live' ? (context) => code.step.run(context) : loadRunnable(code, assignment.stepId)),
      });
    void inStepScope(step, run).then((outcome) => {
      // A rejection that nobody awaits is announced after this turn: wait for it where user code may be at work.
      if (code.kind === 'plugin') settle(outcome);
      else setImmediate(() => settle(outcome));
    });
    return attempt;
  }

  close(): Promise<void> {
    const error: SerializedError = { code: 'E_CANCELLED', name: 'TreadleError', message: 'The engine was closed.' };
    for (const attempt of this.active) attempt.kill(error);
    return Promise.resolve();
  }
}

/** The engine's side must not inherit the step's scope: a reporter that prints is not the step. */
function outside(host: StepHost): StepHost {
  return {
    progress: (percent, message) => outsideStepScope(() => host.progress(percent, message)),
    output: (stream, text) => outsideStepScope(() => host.output(stream, text)),
    test: (result) => outsideStepScope(() => host.test(result)),
    diagnostic: (problem) => outsideStepScope(() => host.diagnostic(problem)),
    warning: (message) => outsideStepScope(() => host.warning(message)),
    attach: (name, content) => outsideStepScope(() => host.attach(name, content)),
    // Listeners call back into the step's own code, which keeps its scope because promises do.
    exec: (request, listener) => outsideStepScope(() => host.exec(request, listener)),
  };
}
