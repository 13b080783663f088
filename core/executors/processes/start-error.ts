import { statSync } from 'node:fs';
import { TreadleError } from '../../contract/errors.ts';
import type { ExecRequest } from '../../contract/executor.ts';

/** Why a command could not be started, in words that say what to do. */
export function startError(request: ExecRequest, thrown: unknown): TreadleError {
  const { command, cwd } = request;
  const file = typeof command === 'string' ? command : (command[0] ?? '');
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  if (typeof command !== 'string' && file === '') {
    return new TreadleError('E_COMMAND_FAILED', 'The command is empty.', { hint: "Write it as 'npm test' or ['npm', 'test']." });
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const place = statSync(cwd, { throwIfNoEntry: false });
    if (place?.isDirectory() !== true) {
      const what = place === undefined ? 'does not exist' : 'is not a folder';
      return new TreadleError('E_COMMAND_FAILED', `${cwd} ${what}, so "${file}" cannot run in it.`, {
        hint: 'Correct cwd, or let an earlier step create the folder.',
        cause: thrown,
      });
    }
    // A list starts a program; whoever puts a whole line in it wants the shell.
    const hint = /\s/.test(file) ? `A list names a program and its arguments; for a shell, write the string '${file}'.` : undefined;
    return new TreadleError('E_COMMAND_NOT_FOUND', `There is no program "${file}".`, {
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (code === 'EACCES') {
    return new TreadleError('E_COMMAND_FAILED', `"${file}" may not be started: permission denied.`, {
      hint: `Make it executable (chmod +x), or start it by its interpreter.`,
      cause: thrown,
    });
  }
  return new TreadleError('E_COMMAND_FAILED', `"${file}" could not be started: ${reason}`, { cause: thrown });
}
