import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findConfig } from '../../config/find-config.ts';
import { TreadleError, type ExitCode } from '../../contract/errors.ts';
import { storedRuns } from '../../history/run-digest.ts';
import { listRunFiles } from '../../history/run-folder.ts';
import { reportersFor } from '../choose-reporters.ts';
import type { Console } from '../console.ts';
import type { ReportFlags } from '../flags.ts';
import { locateProject, type ProjectLocation } from '../project-location.ts';
import { replay } from '../replay.ts';
import { readRun } from '../run-files.ts';

/** `treadle report`: writes reports of an earlier run. */
export async function reportRun(wanted: string | undefined, flags: ReportFlags, console: Console): Promise<ExitCode> {
  const location = locateProject(flags);
  const reporters = reportersFor(flags.reporter, console, location.cwd);
  console.reserveStdout();
  const { start, events } = readRun(findRun(wanted ?? 'last', location));
  const end = events.at(-1);
  if (end?.type !== 'run:end') note(console, 'The run was interrupted: the report tells what happened until then.');
  else if ((end.resultBytes ?? 0) > 0 && Object.keys(end.results).length === 0) {
    note(console, `The results of the run are not in the report: ${end.resultBytes} bytes were too much to be kept.`);
  }
  await replay(events, { reporters, console, root: existsSync(start.cwd) ? start.cwd : location.cwd });
  return 0;
}

function note(console: Console, text: string): void {
  console.err.say(`${console.err.paint('dim', text)}\n`);
}

/** The file of a run: by its path, by its id or how that begins, or the last one. */
function findRun(wanted: string, { cwd, configFile }: ProjectLocation): string {
  const path = resolve(cwd, wanted);
  if (wanted.endsWith('.ndjson') || /[/\\]/.test(wanted)) return path;
  const root = dirname(findConfig(cwd, configFile));
  if (wanted === 'last' || wanted === 'last-failed') {
    for (const { file, status } of storedRuns(root)) {
      // One that goes on has no report yet.
      if (wanted === 'last' ? status !== 'running' : status === 'failed' || status === 'timed-out') return file;
    }
    const none = wanted === 'last' ? 'No run is kept yet.' : 'None of the kept runs failed.';
    throw new TreadleError('E_USAGE', none, { hint: 'treadle history shows those that are kept.' });
  }
  const fitting = listRunFiles(root).filter(({ runId }) => runId.startsWith(wanted));
  const exact = fitting.find(({ runId }) => runId === wanted);
  const [found, ...others] = exact === undefined ? fitting : [exact];
  if (found === undefined) {
    throw new TreadleError('E_USAGE', `No kept run has an id that begins with "${wanted}".`, {
      hint: 'treadle history shows those that are kept. The file of a run can be named, too.',
    });
  }
  if (others.length > 0) {
    const ids = [found, ...others].map(({ runId }) => runId);
    throw new TreadleError('E_USAGE', `The ids of ${ids.length} runs begin with "${wanted}".`, {
      hint: `Write more of one of: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}.`,
    });
  }
  return found.file;
}
