import type { Project } from '../config/load-project.ts';
import { historyLimits } from '../history/history-limits.ts';
import type { Console } from './console.ts';
import type { RunFlags } from './flags.ts';

/** Those that were told: in watch mode, and of the packages of a workspace, once is enough. */
const told = new WeakSet<Console>();

/** Says that nothing is kept of the runs of a project that cannot be written, unless nothing was to be kept. */
export function warnOfReadOnly(projects: readonly Project[], flags: Pick<RunFlags, 'cache'>, console: Console): void {
  const reason = projects.find((project) => project.readOnly !== undefined)?.readOnly;
  if (reason === undefined || (flags.cache === false && historyLimits(process.env) === undefined)) return;
  warnOnce(
    console,
    `treadle: nothing can be kept in .treadle, so runs go without cache and history: ${reason}\n` +
      '         Make the project folder writable, or mount a writable folder as its .treadle.\n',
  );
}

/** Says that a run is not kept in the history. */
export function warnOfUnkept(error: unknown, console: Console): void {
  const reason = error instanceof Error ? error.message : String(error);
  warnOnce(console, `treadle: this run is not kept in .treadle/runs, or not to its end: ${reason}\n`);
}

function warnOnce(console: Console, text: string): void {
  if (!told.has(console)) console.err.say(text);
  told.add(console);
}
