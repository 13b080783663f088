import { execFileSync } from 'node:child_process';
import type { Environment } from '../../contract/executor.ts';
import { allPids, hasProcessFiles, processRow, readProcessFile, youngestPid } from './process-table.ts';

/** A process that carries the run's mark. */
export interface MarkedProcess {
  readonly pid: number;
  readonly group: number;
  /** The attempt that started it. */
  readonly attempt: number;
  /** The command that started it; 0 when the step's own code did. */
  readonly command: number;
}

/** A whole round through the pids takes longer than this, in milliseconds: 32,768 starts at the very least. */
const pidRoundMs = 2000;

/**
 * The mark that every process of a run inherits: one environment variable a run, so that the processes of a Treadle
 * that runs inside a step carry the marks of both.
 */
export class Cookie {
  /** The variable's name, which no other run has. */
  readonly name: string;
  private readonly since = performance.now();
  private readonly youngest: number;
  private starts = 0;

  /** @param youngest - the last pid before the run, found out where it is left out; 0 where that is not known */
  constructor(runId: string, youngest: number = hasProcessFiles ? youngestPid() : 0) {
    this.youngest = youngest;
    this.name = markName(runId);
  }

  /** The variable that marks what an attempt's command starts. The owner is there for people who look at a process. */
  of(owner: string, attempt: number, command: number): Environment {
    return { [this.name]: `${attempt}.${command}.${encodeURIComponent(owner)}` };
  }

  /** Notes that this process started one that carries the mark. */
  noteStart(): void {
    this.starts += 1;
  }

  /**
   * All living processes that carry the mark, except this one; none where the only processes that the machine has started since
   * are those that were noted.
   */
  find(): MarkedProcess[] {
    if (process.platform === 'win32') return [];
    return hasProcessFiles ? this.fromFiles() : this.fromPs();
  }

  private fromFiles(): MarkedProcess[] {
    const wanted = `${this.name}=`;
    const marked: MarkedProcess[] = [];
    for (const pid of this.candidates()) {
      const environment = readProcessFile(pid, 'environ');
      const at = environment?.indexOf(wanted) ?? -1;
      if (environment === undefined || at < 0) continue;
      const mark = parseMark(environment.toString('latin1', at + wanted.length, at + wanted.length + 40));
      // A zombie has no environment, so it is not found in the first place.
      const group = processRow(pid)?.group;
      if (mark !== undefined && group !== undefined && pid !== process.pid) marked.push({ pid, group, ...mark });
    }
    return marked;
  }

  /** In a short run, only what started after it; most processes of a machine are older. */
  private candidates(): readonly number[] {
    if (this.youngest === 0 || performance.now() - this.since > pidRoundMs) return allPids();
    if (youngestPid() === this.youngest + this.starts) return [];
    const pids = allPids();
    // Asked after the list was made: what is on it and younger than the run is no younger than this.
    const youngest = youngestPid();
    return youngest < this.youngest ? pids : pids.filter((pid) => pid > this.youngest && pid <= youngest);
  }

  private fromPs(): MarkedProcess[] {
    const wanted = ` ${this.name}=`;
    const marked: MarkedProcess[] = [];
    for (const line of listProcesses().split('\n')) {
      const at = line.indexOf(wanted);
      const [pid = 0, group = 0] = line.trim().split(/\s+/, 2).map(Number);
      const mark = at < 0 ? undefined : parseMark(line.slice(at + wanted.length));
      if (mark !== undefined && pid !== process.pid) marked.push({ pid, group, ...mark });
    }
    return marked;
  }
}

function markName(runId: string): string {
  return `TREADLE_RUN_${runId.replaceAll(/\W/g, '_')}`;
}

/** What a process with this environment was started for in a run: the owner, such as a step's id. */
export function markOwner(runId: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const owner = /^\d+\.\d+\.(.*)$/.exec(env[markName(runId)] ?? '')?.[1];
  try {
    return owner === undefined ? undefined : decodeURIComponent(owner);
  } catch {
    return undefined;
  }
}

function parseMark(text: string): Pick<MarkedProcess, 'attempt' | 'command'> | undefined {
  const [, attempt, command] = /^(\d+)\.(\d+)\./.exec(text) ?? [];
  return attempt === undefined ? undefined : { attempt: Number(attempt), command: Number(command) };
}

/** What `ps` says, with environments: a process a line. */
function listProcesses(): string {
  try {
    return execFileSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,pgid=,command='], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
