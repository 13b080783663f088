import type { TreadleError } from '../contract/errors.ts';

// For those who start and end a process: what loads modules is large, and many commands load none.

type ExplainExit = () => TreadleError | undefined;

let explainExit: ExplainExit | undefined;

/** Gives what {@link exitWhileLoading} asks; the first module that is loaded brings it. */
export function explainExitWith(explain: ExplainExit): void {
  explainExit = explain;
}

/** For the process's `exit` event: the error of project code that ended the process while it was being loaded. */
export function exitWhileLoading(): TreadleError | undefined {
  return explainExit?.();
}
