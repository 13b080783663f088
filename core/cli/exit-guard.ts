import { errorCodes, type ExitCode } from '../contract/errors.ts';
import { exitWhileLoading } from '../plugins/loading.ts';

// There is one process, so there is one decision.
let decided: ExitCode | undefined;

/**
 * Sees to it that the process's exit code is what was decided, and that leaving early counts as a failure: a pipeline
 * file that calls `process.exit(0)`, or an event loop that runs dry, must not look like success.
 */
export function guardExit(say: (text: string) => void): void {
  process.once('exit', () => {
    if (decided !== undefined) {
      process.exitCode = decided;
      return;
    }
    const fault = exitWhileLoading();
    say(
      fault === undefined
        ? 'treadle: the process ended before the work was done: code of the project called process.exit(), threw outside of a step, or left a promise pending for ever.\n'
        : `${fault.code} ${fault.message}\n\nhint ${fault.hint}\n`,
    );
    process.exitCode = fault === undefined ? 3 : errorCodes[fault.code].exitCode;
  });
}

/** Decides on the exit code; the process ends when nothing is left to do. */
export function decideExit(code: ExitCode): void {
  decided = code;
}

/** Ends the process now. */
export function leave(code: ExitCode): never {
  decided = code;
  process.exit(code);
}
