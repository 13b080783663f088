import type { WatchEventBody, WatchVerdict } from '../../contract/watch-events.ts';
import type { RunCause } from '../../watch/rerun-loop.ts';
import { warning } from '../../reporters/summary.ts';
import { wrapWords } from '../../reporters/wrap-words.ts';
import type { ReporterChoice } from '../choose-reporters.ts';
import type { Console, Output } from '../console.ts';

/** What watch mode says between runs. */
export interface WatchScreen {
  /** @param affected - ids of the steps that depend on the files; `undefined` when the project was loaded anew */
  starting(cause: RunCause, affected: readonly string[] | undefined): void;
  /** Files changed, and no step depends on them. */
  nothingAffected(files: readonly string[]): void;
  loop(file: string, stepIds: readonly string[]): void;
  /** Files start run after run, and no step seems to write them. @param serviceIds - steps whose services are up */
  restless(files: readonly string[], serviceIds: readonly string[]): void;
  /** A service ended between runs, by itself. */
  serviceEnded(stepId: string, message: string): void;
  warning(message: string): void;
  idle(verdict: WatchVerdict): void;
  /** An answer to a key. */
  note(text: string): void;
  help(): void;
  prompt(text: string): void;
}

/** Names of so many files, or steps, are shown. */
const shownNames = 3;

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
  // What is for programs must not be mixed with words.
  const isForPeople = main === undefined || ['tree', 'line', 'github'].includes(main);
  return peopleScreen(isForPeople ? console.out : console.err, main === 'tree', hasKeys);
}

function peopleScreen(out: Output, clears: boolean, hasKeys: boolean): WatchScreen {
  const { paint } = out;
  const badge = (color: 'green' | 'red' | 'cyan' | 'yellow', text: string): string => paint(['inverse', 'bold', color], ` ${text} `);
  const restlessFiles = new Set<string>();
  let prompted = '';
  const say = (text: string): void => out.write(`${text}\n`);
  /** A badge, and beside it a text that does not run into the margin. */
  const sayBeside = (color: 'cyan' | 'yellow', name: string, ...texts: readonly string[]): void => {
    const margin = ' '.repeat(name.length + 3);
    const lines = texts.flatMap((text) => wrapWords(text, Math.max(20, out.columns - margin.length)));
    say(`\n${badge(color, name)} ${lines.join(`\n${margin}`)}`);
  };
  const clear = (): void => {
    // What was there before stays in the scrollback.
    if (clears && out.isTerminal) out.write(`\u001B[${out.rows}S\u001B[H\u001B[J`);
  };
  const hint = (): string => {
    if (!hasKeys) return '';
    const short = ` press ${paint('bold', 'h')} for help`;
    return paint('dim', out.columns < 60 ? short : `${short}, ${paint('bold', 'q')} to quit`);
  };
  return {
    starting: (cause, affected) => {
      if (cause.kind === 'first') return;
      clear();
      const why = cause.kind === 'person' ? 'asked for' : `${listed(cause.files)} changed`;
      const what = cause.kind === 'person' ? '' : affected === undefined ? ' · loads the pipeline again' : ` · ${dependents(affected)}`;
      sayBeside('cyan', 'RERUN', `${why}${what}`);
      // What was said of them is scrolled away by now.
      if (clears && out.isTerminal && cause.kind === 'files' && cause.files.every((file) => restlessFiles.has(file))) {
        say(paint('dim', '        again and again: see .gitignore, or the outputs of steps'));
      }
      say('');
    },
    nothingAffected: (files) => say(paint('dim', `${listed(files)} changed: no step depends on it.`)),
    loop: (file, stepIds) => {
      const who = stepIds.length === 0 ? 'A step' : `"${stepIds.join('" or "')}"`;
      sayBeside(
        'yellow',
        'LOOP',
        `${who} writes ${file} in every run, which would start the next. Changes of it during a run no longer count.`,
        "Add it to the step's outputs, or to .gitignore.",
      );
    },
    restless: (files, serviceIds) => {
      for (const file of files) restlessFiles.add(file);
      const services = `"${serviceIds.join('" or "')}"`;
      const who = serviceIds.length === 0 ? '' : ` The service of ${services} may write ${files.length === 1 ? 'it' : 'them'}.`;
      sayBeside(
        'yellow',
        'LOOP',
        `${listed(files)} ${files.length === 1 ? 'changes' : 'change'} again and again, and each time a run starts.${who}`,
        `If it is not you: name ${files.length === 1 ? 'it' : 'them'} in .gitignore, or in the outputs of the step that ${files.length === 1 ? 'it comes' : 'they come'} from.`,
      );
    },
    serviceEnded: (stepId, message) => say(`\n${warning(stepId, message, out)}\n${paint('dim', '  The next run starts it again.')}`),
    warning: (message) => sayBeside('yellow', 'WARNING', message),
    idle: (verdict) => {
      const marks = { passed: badge('green', 'PASS'), failed: badge('red', 'FAIL'), broken: badge('red', 'ERROR') };
      say(`\n${marks[verdict]} Waiting for changes…${hint()}`);
      // A run that began meanwhile has drawn over it.
      if (prompted !== '') out.write(prompted);
    },
    note: (text) => say(`\n${text}`),
    help: () => {
      const width = Math.max(...keys.map(([key]) => key.length));
      say(`\n${keys.map(([key, meaning]) => `  ${paint('bold', key.padEnd(width))}  ${meaning}`).join('\n')}`);
    },
    prompt: (text) => {
      prompted = text === '\n' ? '' : text;
      out.write(`\r\u001B[K${text}`);
    },
  };
}

/** One JSON object a line, among the events of the runs. */
function machineScreen(out: Output): WatchScreen {
  const say = (event: WatchEventBody): void => out.write(`${JSON.stringify({ v: 1, ts: Date.now(), ...event })}\n`);
  return {
    starting: (cause, affected) => {
      if (cause.kind === 'files') say({ type: 'watch:change', files: cause.files, ...(affected === undefined ? {} : { affected }) });
    },
    nothingAffected: (files) => say({ type: 'watch:change', files, affected: [] }),
    loop: (file, stepIds) => say({ type: 'watch:loop', file, stepIds }),
    restless: (files, stepIds) => {
      for (const file of files) say({ type: 'watch:loop', file, stepIds, by: 'other' });
    },
    serviceEnded: (id, message) => say({ type: 'watch:warning', id, message }),
    warning: (message) => say({ type: 'watch:warning', message }),
    idle: (verdict) => say({ type: 'watch:idle', verdict }),
    note: () => undefined,
    help: () => undefined,
    prompt: () => undefined,
  };
}

function dependents(ids: readonly string[]): string {
  if (ids.length === 0) return 'runs again';
  return `${listed(ids)} ${ids.length === 1 ? 'depends' : 'depend'} on it`;
}

export function listed(names: readonly string[]): string {
  const shown = names.slice(0, shownNames);
  if (names.length > shownNames) return `${shown.join(', ')} and ${names.length - shownNames} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
