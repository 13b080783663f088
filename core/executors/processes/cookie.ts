import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Environment } from '../../contract/executor.ts';

/**
 * The mark that every process of a run inherits: one environment variable a run, so that the processes of a Treadle
 * that runs inside a step carry the marks of both.
 */
export class Cookie {
  private readonly name: string;

  constructor(runId: string) {
    this.name = `TREADLE_RUN_${runId.replaceAll(/\W/g, '_')}`;
  }

  /** The variable that marks the processes of one step. */
  of(owner: string): Environment {
    return { [this.name]: valueOf(owner) };
  }

  /** Processes that carry the mark of the run, or of one of its steps. Never this process itself. */
  find(owner?: string): number[] {
    const entry = `${this.name}=${owner === undefined ? '' : valueOf(owner)}`;
    const whole = owner !== undefined;
    if (process.platform === 'linux') return fromProc(entry, whole);
    return process.platform === 'win32' ? [] : fromPs(entry, whole);
  }
}

/** Without white space or NUL, which separate variables where environments are read. */
function valueOf(owner: string): string {
  return encodeURIComponent(owner);
}

function fromProc(entry: string, whole: boolean): number[] {
  const wanted = Buffer.from(whole ? `${entry}\0` : entry);
  const marked: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`);
      const at = environment.indexOf(wanted);
      if (at === 0 || (at > 0 && environment[at - 1] === 0)) marked.push(pid);
    } catch {
      // It has ended, or is somebody else's.
    }
  }
  return marked;
}

function fromPs(entry: string, whole: boolean): number[] {
  try {
    const listing = execFileSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return listing
      .split('\n')
      .filter((line) => (whole ? `${line} `.includes(` ${entry} `) : line.includes(` ${entry}`)))
      .map((line) => Number.parseInt(line, 10))
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  } catch {
    return [];
  }
}
