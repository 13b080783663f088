import type { SerializedError } from '../../../core/contract/errors.ts';
import type { ProjectProblem } from '../store/records.ts';

/** What the engine answered instead of a result. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal';
  readonly error: SerializedError;

  constructor(error: SerializedError) {
    super(error.hint === undefined ? error.message : `${error.message} ${error.hint}`);
    this.error = error;
  }
}

/** The engine is gone, does not answer, or could not be started. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
  readonly problem: ProjectProblem;

  constructor(problem: ProjectProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

export function unavailable(message: string): EngineUnavailable {
  return new EngineUnavailable({ kind: 'engine', message }, message);
}
