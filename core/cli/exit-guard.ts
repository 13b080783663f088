import type { ExitCode } from '../contract/errors.ts';

/**
 * Sees to it that the process's exit code is what was decided, and that leaving early counts as a failure: a pipeline
 * file that calls `process.exit(0)`, or an event loop that runs dry, must not look like success.
 *
 * @returns a function that decides
 */
export function guardExit(say: (text: string) => void): (code: ExitCode) => void {
  let decided: ExitCode | undefined;
  process.once('exit', () => {
    if (decided === undefined) {
      say('treadle: the process ended before the work was done: something called process.exit(), or left a promise pending for ever.\n');
    }
    process.exitCode = decided ?? 3;
  });
  return (code) => {
    decided = code;
  };
}
