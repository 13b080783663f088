import { reviveError, serializeError } from '../../context/errors.ts';
import type { SerializedError, TreadleError } from '../../contract/errors.ts';
import type { Assignment, Attempt, Environment, Executor, Outcome, StepHost } from '../../contract/executor.ts';
import { loadRunnable, type Runnable } from '../../plugins/runnable.ts';
import { runStep } from '../run-step.ts';
import { StepSignal } from '../step-signal.ts';
import { OutsideHost } from './outside-host.ts';
import { guardGlobals, inStepScope, type InlineStep, releaseGlobals } from './step-scope.ts';
import { TurnEnd } from './turn-end.ts';

/** What was thrown outside a step's promise arrives after the promise settles, in the same turn. */
const turnEnd = new TurnEnd();

/**
 * Runs steps in the main thread: for plugins that only wait, and for functions that no file holds. They have the same
 * isolation as on threads; code that never yields cannot be stopped here.
 */
export class InlineExecutor implements Executor {
  readonly name = 'inline';
  private readonly active = new Set<InlineAttempt>();

  prepare(): void {
    // There is nothing to warm up.
  }

  start(assignment: Assignment, host: StepHost): Attempt {
    const attempt = new InlineAttempt(assignment, host, this.active);
    attempt.start();
    return attempt;
  }

  close(): Promise<void> {
    const error: SerializedError = { code: 'E_CANCELLED', name: 'TreadleError', message: 'The engine was closed.' };
    for (const attempt of this.active) attempt.kill(error);
    return Promise.resolve();
  }
}

class InlineAttempt implements Attempt, InlineStep {
  readonly outcome: Promise<Outcome>;
  private readonly resolve: (outcome: Outcome) => void;
  private readonly assignment: Assignment;
  private readonly host: OutsideHost;
  private readonly active: Set<InlineAttempt>;
  private readonly signal = new StepSignal();
  private isSettled = false;

  constructor(assignment: Assignment, host: StepHost, active: Set<InlineAttempt>) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.resolve = resolve;
    this.assignment = assignment;
    this.host = new OutsideHost(host);
    this.active = active;
  }

  start(): void {
    this.active.add(this);
    guardGlobals();
    void inStepScope(this, this.run).then((outcome) => {
      // A rejection that nobody awaits is announced after this turn: wait for it where user code may be at work.
      if (this.assignment.code.kind === 'plugin') this.settle(outcome);
      else turnEnd.after(() => this.settle(outcome));
    });
  }

  get environment(): Environment {
    const { baseEnv, env, mark } = this.assignment;
    return { ...baseEnv, ...env, ...mark };
  }

  abort(error: SerializedError): void {
    this.signal.abort(reviveError(error));
  }

  kill(error: SerializedError): void {
    this.settle({ status: error.code === 'E_TIMEOUT' ? 'timed-out' : 'cancelled', error });
  }

  output(stream: 'stdout' | 'stderr', text: string): void {
    this.host.output(stream, text);
  }

  crash(error: TreadleError): void {
    const { stepId, cwd } = this.assignment;
    this.settle({ status: 'failed', error: serializeError(error, { stepId, root: cwd }) });
  }

  private readonly run = (): Promise<Outcome> => {
    const { assignment, host, signal } = this;
    const { env: own, baseEnv } = assignment;
    const env = Object.keys(own).length === 0 ? baseEnv : { ...baseEnv, ...own };
    return runStep({ assignment, env, host, signal, load: this.load });
  };

  private readonly load = (): Runnable | Promise<Runnable> => {
    const { code, stepId } = this.assignment;
    return code.kind === 'live' ? (context) => code.step.run(context) : loadRunnable(code, stepId);
  };

  private settle(outcome: Outcome): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.active.delete(this);
    turnEnd.after(releaseGlobals);
    this.resolve(outcome);
  }
}
