import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errorCode } from './own-files.ts';

/** A process as it is written down in a file, so that another can tell later whether it is still there. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, as the system writes it: pids are used again. Empty where that is not known. */
  readonly started: string;
  /** Machine and container: pids of another mean nothing here. */
  readonly place: string;
}

/** This process. */
export function markOfThisProcess(): ProcessMark {
  return { pid: process.pid, started: startOf(process.pid) ?? '', place: thisPlace() };
}

/** Whether the process is still there. Where start times are not known, any process of its pid counts; `undefined` for one of another place. */
export function isThere({ pid, started, place }: ProcessMark): boolean | undefined {
  if (place !== thisPlace()) return undefined;
  if (started !== '') return startOf(pid) === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and belongs to somebody else.
    return errorCode(error) === 'EPERM';
  }
}

/** Whether a value that was read from a file is a mark. */
export function isProcessMark(value: unknown): value is ProcessMark {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isInteger(value.pid) &&
    'started' in value &&
    typeof value.started === 'string' &&
    'place' in value &&
    typeof value.place === 'string'
  );
}

/** Absent for a process that has ended, and where the system has no process files. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it is in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** A container has pids of its own. */
function thisPlace(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not on this system.
  }
  return `${hostname()} ${namespace}`.trim();
}
