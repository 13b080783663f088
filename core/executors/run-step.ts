import { serializeError } from '../context/errors.ts';
import { openView } from '../context/view.ts';
import { TreadleError } from '../contract/errors.ts';
import type { Assignment, Environment, Outcome, StepHost } from '../contract/executor.ts';
import type { Runnable } from '../plugins/runnable.ts';
import { createStepContext } from './step-context.ts';
import type { StepSignal } from './step-signal.ts';

/** What {@link runStep} needs beside the assignment. */
export interface StepRun {
  readonly assignment: Pick<Assignment, 'stepId' | 'description' | 'attempt' | 'results' | 'config' | 'errors' | 'cwd' | 'code'>;
  readonly env: Environment;
  readonly host: StepHost;
  readonly signal: StepSignal;
  readonly load: () => Runnable | Promise<Runnable>;
}

/** Runs a step's code with a context of its own and encodes what it left; never rejects. */
export async function runStep(run: StepRun): Promise<Outcome> {
  const { assignment } = run;
  try {
    const view = openView(assignment.results);
    const { context, tests } = createStepContext({
      stepId: assignment.stepId,
      ...(assignment.description === undefined ? {} : { description: assignment.description }),
      attempt: assignment.attempt,
      view,
      config: assignment.config,
      errors: assignment.errors,
      cwd: assignment.cwd,
      env: run.env,
      signal: run.signal,
      host: run.host,
    });
    const runnable = await run.load();
    run.signal.throwIfAborted();
    const value = await runnable(context);
    await tests.end();
    const patch = view.collect(assignment.stepId);
    return assignment.code.kind === 'pipeline-when' ? { status: 'passed', patch, value: decision(value) } : { status: 'passed', patch };
  } catch (thrown) {
    return { status: 'failed', error: serializeError(thrown, { stepId: assignment.stepId, root: assignment.cwd }) };
  }
}

function decision(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new TreadleError('E_STEP_FAILED', `The step's when function returned ${typeof value}, not a boolean.`, {
    hint: 'Return true to run the step, false to skip it.',
  });
}
