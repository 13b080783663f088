import { spawn, type ChildProcess } from 'node:child_process';
import { markProcesses, type LiveProcess, type ProcessMark } from '../../support/processes.ts';

/** Everything that one VS Code started, found again by its environment, however far it strayed. */
export interface Processes {
  /** Starts a process in a group of its own. */
  start(command: string, args: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): ChildProcess;
  /** What processes outside of {@link Processes.start} need in their environment. */
  readonly env: ProcessMark['env'];
  /** Everything that runs now. */
  living(): readonly LiveProcess[];
  /** Ends the groups, gives them `graceMs` to do it well, kills what is left, and says what that was. */
  end(graceMs?: number): Promise<readonly LiveProcess[]>;
}

const open = new Set<ProcessMark>();
const killAll = (): void => {
  for (const mark of open) mark.kill();
};
process.on('exit', killAll);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => process.exit(code));
}

/** Keeps track of processes. When this process ends first, by a signal too, it takes them with it. */
export function trackProcesses(): Processes {
  const mark = markProcesses();
  open.add(mark);
  const started: ChildProcess[] = [];
  return {
    start: (command, args, { cwd, env }) => {
      const child = spawn(command, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...mark.env } });
      started.push(child);
      return child;
    },
    env: mark.env,
    living: mark.living,
    end: async (graceMs = 8000) => {
      for (const { pid } of started) if (pid !== undefined) signalGroup(pid);
      const left = await mark.leftovers(graceMs);
      mark.kill();
      open.delete(mark);
      return left;
    },
  };
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It is gone.
  }
}
