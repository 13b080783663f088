import type { RunCause } from '../../watch/rerun-loop.ts';
import { warning } from '../../reporters/summary.ts';
import type { ReporterChoice } from '../choose-reporters.ts';
import type { Console, Output } from '../console.ts';

/** What watch mode says between runs. */
export interface WatchScreen {
  starting(cause: RunCause, affected: readonly string[] | undefined): void;
  /** Files changed, and no step depends on them. */
  nothingAffected(files: readonly string[]): void;
  loop(file: string, stepIds: readonly string[]): void;
  /** A service ended between runs, by itself. */
  serviceEnded(stepId: string, message: string): void;
  idle(verdict: 'passed' | 'failed' | 'broken'): void;
  help(): void;
  prompt(text: string): void;
}

/** Names of so many files are shown. */
const shownFiles = 3;

const keys: readonly (readonly [key: string, meaning: string])[] = [
  ['a', 'run all steps'],
  ['f', 'run what did not pass'],
  ['p', 'choose steps by id'],
  ['enter', 'run again'],
  ['q', 'quit'],
];

/** For people; for machines when a reporter writes events to standard output. */
export function openScreen(console: Console, reporters: readonly ReporterChoice[], hasKeys: boolean): WatchScreen {
  const main = reporters.find(({ file }) => file === undefined)?.name;
  if (main === 'ndjson') return machineScreen(console.out);
  return main === 'json' ? peopleScreen(console.err, false, hasKeys) : peopleScreen(console.out, main === 'tree', hasKeys);
}

function peopleScreen(out: Output, clears: boolean, hasKeys: boolean): WatchScreen {
  const { paint } = out;
  const badge = (color: 'green' | 'red' | 'cyan' | 'yellow', text: string): string => paint(['inverse', 'bold', color], ` ${text} `);
  const say = (text: string): void => out.write(`${text}\n`);
  const clear = (): void => {
    // What was there before stays in the scrollback.
    if (clears && out.isTerminal) out.write(`\u001B[${out.rows}S\u001B[H\u001B[J`);
  };
  const hint = hasKeys ? paint('dim', ` press ${paint('bold', 'h')} for help, ${paint('bold', 'q')} to quit`) : '';
  return {
    starting: (cause, affected) => {
      if (cause.kind === 'first') return;
      clear();
      const why = cause.kind === 'person' ? 'asked for' : `${listed(cause.files)} changed`;
      const what =
        affected === undefined
          ? ''
          : paint('dim', ` · ${affected.length === 1 ? '1 step depends' : `${affected.length} steps depend`} on it`);
      say(`\n${badge('cyan', 'RERUN')} ${why}${what}\n`);
    },
    nothingAffected: (files) => say(paint('dim', `${listed(files)} changed: no step depends on it.`)),
    loop: (file, stepIds) => {
      const who = stepIds.length === 0 ? 'A step' : `"${stepIds.join('" or "')}"`;
      say(
        `\n${badge('yellow', 'LOOP')} ${who} writes ${file} in every run, which would start the next. Changes of it during a run no longer count.` +
          `\n       Add it to the step's outputs, or to .gitignore.`,
      );
    },
    serviceEnded: (stepId, message) => say(`\n${warning(stepId, message, out)}\n${paint('dim', '  The next run starts it again.')}`),
    idle: (verdict) => {
      const marks = { passed: badge('green', 'PASS'), failed: badge('red', 'FAIL'), broken: badge('red', 'ERROR') };
      say(`\n${marks[verdict]} Waiting for changes…${hint}`);
    },
    help: () => {
      const width = Math.max(...keys.map(([key]) => key.length));
      say(`\n${keys.map(([key, meaning]) => `  ${paint('bold', key.padEnd(width))}  ${meaning}`).join('\n')}`);
    },
    prompt: (text) => out.write(`\r\u001B[K${text}`),
  };
}

/** One JSON object a line, among the events of the runs. */
function machineScreen(out: Output): WatchScreen {
  const say = (type: string, fields: object): void => out.write(`${JSON.stringify({ v: 1, ts: Date.now(), type, ...fields })}\n`);
  return {
    starting: (cause, affected) => {
      if (cause.kind === 'files') say('watch:change', { files: cause.files, ...(affected === undefined ? {} : { affected }) });
    },
    nothingAffected: (files) => say('watch:change', { files, affected: [] }),
    loop: (file, stepIds) => say('watch:loop', { file, stepIds }),
    serviceEnded: (id, message) => say('watch:warning', { id, message }),
    idle: (verdict) => say('watch:idle', { verdict }),
    help: () => undefined,
    prompt: () => undefined,
  };
}

function listed(files: readonly string[]): string {
  const shown = files.slice(0, shownFiles).join(', ');
  return files.length > shownFiles ? `${shown} and ${files.length - shownFiles} more` : shown;
}
