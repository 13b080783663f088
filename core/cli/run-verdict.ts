import { errorCodes, type ExitCode, type SerializedError } from '../contract/errors.ts';
import type { RunEvent, RunEventOf } from '../contract/events.ts';

/** Keeps the one event that the exit code is computed from. */
export class RunVerdict {
  #end: RunEventOf<'run:end'> | undefined;

  /** Takes note of an event. */
  note(event: RunEvent): void {
    if (event.type === 'run:end') this.#end = event;
  }

  /** Whether the run said how it ended. */
  get arrived(): boolean {
    return this.#end !== undefined;
  }

  /** 0 passed, 1 failed, 3 when the engine failed or the run never said how it ended. */
  get exitCode(): ExitCode {
    if (this.#end === undefined) return 3;
    if (this.#end.errors.some(isInternal)) return 3;
    return this.#end.status === 'passed' ? 0 : 1;
  }
}

function isInternal(error: SerializedError): boolean {
  return errorCodes[error.code].exitCode === 3;
}
