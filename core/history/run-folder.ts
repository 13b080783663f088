import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, ownFolder } from '../files/own-files.ts';
import type { HistoryLimits } from './history-limits.ts';

/** The file of a run. */
export interface RunFile {
  readonly runId: string;
  /** Absolute. */
  readonly file: string;
  /** Whether the process that writes it is still there. */
  readonly live: boolean;
}

const extension = '.ndjson';
/** Beside the file of a run for as long as it is written; holds the id of the process. */
const liveExtension = '.live';

/** Holds a file for each run of a project. */
export function runFolder(root: string): string {
  return join(ownFolder(root), 'runs');
}

/** Names sort by time: such as `20261125T141502Z-mzk3f2p1-a8x0q2.ndjson`. */
export function runFileName(runId: string, now: Date): string {
  return `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${runId}${extension}`;
}

/** Marks the file of a run as one that is being written. */
export function liveMark(file: string): string {
  return `${file.slice(0, -extension.length)}${liveExtension}`;
}

/** The runs of a project, the last one first. */
export function listRunFiles(root: string): readonly RunFile[] {
  const folder = runFolder(root);
  const names = namesIn(folder);
  const marked = new Set(names.filter((name) => name.endsWith(liveExtension)));
  return names
    .filter((name) => name.endsWith(extension))
    .map((name) => {
      const file = join(folder, name);
      const stem = name.slice(0, -extension.length);
      return { runId: stem.slice(stem.indexOf('-') + 1), file, live: marked.has(`${stem}${liveExtension}`) && isLive(liveMark(file)) };
    })
    .toReversed();
}

/** Removes the oldest runs beyond the limits, never one that is still written. */
export function pruneRuns(root: string, limits: HistoryLimits): void {
  let runs = 0;
  let bytes = 0;
  for (const { file, live } of listRunFiles(root)) {
    runs += 1;
    bytes += sizeOf(file);
    if (live) continue;
    const isTooMuch = runs > limits.runs || (bytes > limits.bytes && runs > 1);
    try {
      // A killed process leaves its mark behind.
      if (isTooMuch) rmSync(file, { force: true });
      rmSync(liveMark(file), { force: true });
    } catch {
      // Another process reads it: it goes the next time.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function isLive(mark: string): boolean {
  try {
    process.kill(Number(readFileSync(mark, 'utf8')), 0);
    return true;
  } catch (error) {
    // It lives, and belongs to somebody else.
    return errorCode(error) === 'EPERM';
  }
}
