import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ownFolder } from '../files/own-files.ts';
import { isProcessMark, isThere } from '../files/process-mark.ts';
import type { HistoryLimits } from './history-limits.ts';

/** The file of a run. */
export interface RunFile {
  readonly runId: string;
  /** Absolute. */
  readonly file: string;
  /** Whether there is a mark beside it, of a process that writes it or was killed while it did. */
  readonly marked: boolean;
  /** Whether the process that writes it is still there. */
  readonly live: boolean;
  /** Whether a change of a file started it. */
  readonly isRerun: boolean;
}

const extension = '.ndjson';
/** Before it, for runs that a change of a file started. */
const rerunMark = '.rerun';
/** Beside the file of a run for as long as it is written; tells by which process. */
const liveExtension = '.live';
/** A process of another machine or container counts as one that lives for so long after it last wrote something. */
const foreignMs = 3600 * 1000;
/** Reruns must not push out what people and CI asked for: there are many, so they have this share of the limits, besides. */
const rerunShare = 0.2;
/** So many more runs than the limit may be there for a while: to look at each file after every run takes longer than short runs do. */
const slack = 0.05;

/** Holds a file for each run of a project. */
export function runFolder(root: string): string {
  return join(ownFolder(root), 'runs');
}

/** Names sort by time: such as `20261125T141502Z-mzk3f2p1-a8x0q2.ndjson`. */
export function runFileName(runId: string, now: Date, isRerun: boolean): string {
  // Not toISOString, for which a process reads the system's time zones.
  const day = [now.getUTCFullYear(), now.getUTCMonth() + 1, now.getUTCDate()];
  const time = [now.getUTCHours(), now.getUTCMinutes(), now.getUTCSeconds()];
  const digits = (parts: readonly number[]): string => parts.map((part) => String(part).padStart(2, '0')).join('');
  return `${digits(day)}T${digits(time)}Z-${runId}${isRerun ? rerunMark : ''}${extension}`;
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
      const isRerun = stem.endsWith(rerunMark);
      const id = stem.slice(stem.indexOf('-') + 1, isRerun ? -rerunMark.length : undefined);
      const isMarked = marked.has(`${stem}${liveExtension}`);
      return { runId: id, file, marked: isMarked, live: isMarked && isLive(file), isRerun };
    })
    .toReversed();
}

/**
 * Removes the oldest runs beyond the limits, never one that is still written. Most of the time there is nothing to do, which
 * the names alone tell, as long as the last run takes no more than its share.
 *
 * @param last - the file of the run that has ended
 */
export function pruneRuns(root: string, limits: HistoryLimits, last: string): void {
  const isRerun = last.endsWith(rerunMark + extension);
  const own = isRerun ? { runs: Math.max(1, Math.floor(limits.runs * rerunShare)), bytes: limits.bytes * rerunShare } : limits;
  const names = namesIn(runFolder(root));
  const count = names.filter((name) => name.endsWith(extension) && name.endsWith(rerunMark + extension) === isRerun).length;
  const hasMarks = names.some((name) => name.endsWith(liveExtension));
  if (!hasMarks && count <= own.runs * (1 + slack) && sizeOf(last) <= own.bytes / own.runs) return;
  prune(
    listRunFiles(root).filter((file) => file.isRerun === isRerun),
    own,
  );
}

function prune(files: readonly RunFile[], limits: HistoryLimits): void {
  let runs = 0;
  let bytes = 0;
  for (const { file, marked, live } of files) {
    runs += 1;
    bytes += sizeOf(file);
    if (live) continue;
    const isTooMuch = runs > limits.runs || (bytes > limits.bytes && runs > 1);
    try {
      if (isTooMuch) rmSync(file, { force: true });
      // A killed process leaves its mark behind.
      if (marked) rmSync(liveMark(file), { force: true });
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

/** @param file - of the run */
function isLive(file: string): boolean {
  try {
    const mark: unknown = JSON.parse(readFileSync(liveMark(file), 'utf8'));
    if (!isProcessMark(mark)) return false;
    return isThere(mark) ?? Date.now() - statSync(file).mtimeMs < foreignMs;
  } catch {
    return false;
  }
}
