import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

/** Whether the machine lists its processes as files, which are read in about 10 µs each. */
export const hasProcessFiles = process.platform === 'linux';

/** One process as the system knows it. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Together with the pid it names a process for good: pids are used again. */
  readonly started: string;
  /** Ended, and not yet collected by its parent: there is nothing left to stop. */
  readonly zombie: boolean;
}

/** All processes; none where the system has no process files. */
export function processTable(): readonly ProcessRow[] {
  if (!hasProcessFiles) return [];
  return allPids()
    .map(processRow)
    .filter((row) => row !== undefined);
}

/** One process, if it exists and the system has process files. */
export function processRow(pid: number): ProcessRow | undefined {
  const stat = readProcessFile(pid, 'stat')?.toString('latin1');
  if (stat === undefined) return undefined;
  // The name before it is in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started: fields[19] ?? '',
    zombie: state === 'Z' || state === 'X',
  };
}

/** Pids of all processes. */
export function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid));
  } catch {
    return [];
  }
}

/** The youngest process's pid: pids are given out in rising order, until they start over. */
export function youngestPid(): number {
  try {
    return Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1));
  } catch {
    return 0;
  }
}

// Most files fit; one buffer for all halves the time of a look at every process.
const buffer = Buffer.allocUnsafeSlow(128 * 1024);

/** A file of a process; valid until the next call. Absent when the process has ended or is somebody else's. */
export function readProcessFile(pid: number, name: 'stat' | 'environ'): Buffer | undefined {
  try {
    const path = `/proc/${pid}/${name}`;
    const file = openSync(path, 'r');
    let length: number;
    try {
      length = readSync(file, buffer, 0, buffer.length, 0);
    } finally {
      closeSync(file);
    }
    return length < buffer.length ? buffer.subarray(0, length) : readFileSync(path);
  } catch {
    return undefined;
  }
}
