import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configOf, locateProject } from '../project-location.ts';
import { TreadleError, type ExitCode } from '../../contract/errors.ts';
import { newRunId } from '../../engine.ts';
import { historyLimits } from '../../history/history-limits.ts';
import { checkShards } from '../../history/check-shards.ts';
import { mergeShards } from '../../history/merge-shards.ts';
import { RunRecorder } from '../../history/run-recorder.ts';
import { reportersFor } from '../choose-reporters.ts';
import type { Console } from '../console.ts';
import type { MergeFlags } from '../flags.ts';
import { replay } from '../replay.ts';
import { readRun, shown } from '../run-files.ts';
import { dirname } from 'node:path';

/** `treadle merge-reports`: makes one run of the shards' files and writes reports of it. */
export async function mergeReports(places: readonly string[], flags: MergeFlags, console: Console): Promise<ExitCode> {
  const location = locateProject(flags);
  const reporters = reportersFor(flags.reporter, console, location.cwd);
  console.reserveStdout();
  const files = places.flatMap((place) => filesIn(resolve(location.cwd, place)));
  const shards = checkShards(files.map((file) => ({ name: shown(file), ...readRun(file) })));
  const config = configOf(location);
  const root = config === undefined ? location.cwd : dirname(config);
  const events = mergeShards(shards, { runId: newRunId(), cwd: root });
  const limits = flags.keep === true ? historyLimits(process.env) : undefined;
  if (limits !== undefined) {
    const recorder = new RunRecorder(root, limits);
    for (const event of events) recorder.add(event);
  }
  await replay(events, { reporters, console, root });
  return 0;
}

/** A file, or those in a folder and below. */
function filesIn(place: string): readonly string[] {
  const found = statSync(place, { throwIfNoEntry: false });
  if (found === undefined) throw new TreadleError('E_USAGE', `There is no file or folder ${shown(place)}.`);
  if (!found.isDirectory()) return [place];
  const names = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ndjson'));
  if (names.length === 0) {
    throw new TreadleError('E_USAGE', `${shown(place)} holds no file *.ndjson.`, {
      hint: 'Each shard writes one with --reporter ndjson=FILE.',
    });
  }
  return names.toSorted().map((name) => join(place, name));
}
