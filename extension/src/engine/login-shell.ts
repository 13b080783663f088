import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/** A login shell may load slow start files; it must not hold up the editor for ever. */
const limitMs = 8000;

/**
 * The PATH that a person's terminal has: an editor that was started from the desktop does not know what shell start
 * files add. Absent on Windows, and when the shell does not answer.
 */
export function loginShellPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const shell = env['SHELL'];
  if (process.platform === 'win32' || shell === undefined || !shell.startsWith('/')) return Promise.resolve(undefined);
  // Start files print greetings: only what is between the marks counts.
  const mark = `treadle-${randomUUID()}`;
  return new Promise((resolve) => {
    // A session of its own: an interactive shell without one would take the terminal from whoever has it.
    const child = spawn(shell, ['-i', '-l', '-c', `printf '%s%s%s' '${mark}' "$PATH" '${mark}'`], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...env, TERM: 'dumb' },
    });
    let text = '';
    const finish = (): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid);
      const [, path] = text.split(mark);
      resolve(path === undefined || path === '' ? undefined : path);
    };
    const timer = setTimeout(finish, limitMs);
    child.on('error', finish);
    child.on('exit', finish);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.split(mark).length > 2) finish();
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
