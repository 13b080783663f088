import { errorCodes, type ExitCode, type SerializedError } from '../contract/errors.ts';
import type { RunEvent, RunEventOf } from '../contract/events.ts';
import { stepIds } from '../contract/plan.ts';

/** Keeps what the exit code is computed from: how the run ended, and which steps never did. */
export class RunVerdict {
  #end: RunEventOf<'run:end'> | undefined;
  readonly #open = new Set<string>();

  /** Takes note of an event. */
  note(event: RunEvent): void {
    if (event.type === 'run:start') for (const id of stepIds(event.plan)) this.#open.add(id);
    else if (event.type === 'step:end') this.#open.delete(event.id);
    else if (event.type === 'run:end') this.#end = event;
  }

  /** Whether the run said how it ended. */
  get arrived(): boolean {
    return this.#end !== undefined;
  }

  /** 0 passed, 1 failed, 3 when the engine failed, or the run never said how it or one of its steps ended. */
  get exitCode(): ExitCode {
    if (this.#end === undefined) return 3;
    // Whatever else was said: a run that lost a step has not passed.
    if (this.#end.status === 'passed' && this.#open.size > 0) return 3;
    if (this.#end.errors.some(isInternal)) return 3;
    return this.#end.status === 'passed' ? 0 : 1;
  }
}

function isInternal(error: SerializedError): boolean {
  return errorCodes[error.code].exitCode === 3;
}
