import type { ExitCode } from '../../contract/errors.ts';
import { completionScript } from '../completion/scripts.ts';
import type { Console } from '../console.ts';
import type { Shell } from '../flags.ts';

/** `treadle completion SHELL`: prints the script to load. */
export function printCompletion(shell: Shell, console: Console): ExitCode {
  console.out.write(completionScript(shell));
  return 0;
}
