import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** What the variables begin with that tests set for what they start. Each has its own, so that marks can lie within marks. */
const variables = 'TREADLE_TEST_MARK_';

/** A process that is alive. */
export interface LiveProcess {
  readonly pid: number;
  readonly command: string;
}

/** A mark of one test: what it starts with this environment can be found again, however far it strayed. */
export interface ProcessMark {
  readonly env: { readonly [name: string]: string };
  /** Processes that carry the mark now. Zombies have ended and do not count. */
  living(): readonly LiveProcess[];
  /** The same once all are gone, or at the deadline (default 3 s). An empty list is what tests want. */
  leftovers(deadlineMs?: number): Promise<readonly LiveProcess[]>;
  /** Waits until this many carry the mark; throws at the deadline (default 5 s). */
  reaches(count: number, deadlineMs?: number): Promise<readonly LiveProcess[]>;
  /** Waits until what is alive fits; throws at the deadline (default 5 s). */
  becomes(fits: (found: readonly LiveProcess[]) => boolean, deadlineMs?: number): Promise<void>;
  /** Waits until a process that fits carries the mark; throws at the deadline (default 5 s). */
  finds(fits: (found: LiveProcess) => boolean, deadlineMs?: number): Promise<LiveProcess>;
  /** Kills what is left, for `afterEach`. */
  kill(): void;
}

/**
 * A new mark.
 *
 * @example
 * const mark = markProcesses();
 * await project.run(['run'], { env: mark.env });
 * assert.deepEqual(await mark.leftovers(), []);
 */
export function markProcesses(): ProcessMark {
  const variable = variables + randomUUID().replaceAll('-', '');
  const living = (): readonly LiveProcess[] => find(`${variable}=1`);
  const until = async (fits: (found: readonly LiveProcess[]) => boolean, deadlineMs: number): Promise<readonly LiveProcess[]> => {
    const end = performance.now() + deadlineMs;
    for (;;) {
      const found = living();
      if (fits(found) || performance.now() > end) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    env: { [variable]: '1' },
    living,
    leftovers: (deadlineMs = 3000) => until(({ length }) => length === 0, deadlineMs),
    reaches: async (count, deadlineMs = 5000) => {
      const found = await until(({ length }) => length === count, deadlineMs);
      if (found.length === count) return found;
      throw new Error(`${found.length} processes instead of ${count}: ${JSON.stringify(found)}`);
    },
    becomes: async (fits, deadlineMs = 5000) => {
      const found = await until(fits, deadlineMs);
      if (!fits(found)) throw new Error(`still alive: ${JSON.stringify(found)}`);
    },
    finds: async (fits, deadlineMs = 5000) => {
      const all = await until((found) => found.some(fits), deadlineMs);
      const found = all.find(fits);
      if (found !== undefined) return found;
      throw new Error(`none of these fits: ${JSON.stringify(all)}`);
    },
    kill: () => {
      for (const { pid } of living()) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It is gone.
        }
      }
    },
  };
}

/** Whether a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  if (process.platform === 'linux') return commandOf(pid) !== undefined;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// Written apart from the engine's own search, so that a mistake there does not hide itself here.
function find(entry: string): readonly LiveProcess[] {
  if (process.platform !== 'linux') return findByPs(entry);
  const found: LiveProcess[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(entry)) continue;
      const command = commandOf(pid);
      if (command !== undefined) found.push({ pid, command });
    } catch {
      // It has ended, or is somebody else's.
    }
  }
  return found;
}

function commandOf(pid: number): string | undefined {
  try {
    if (/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return undefined;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined;
  }
}

function findByPs(entry: string): readonly LiveProcess[] {
  return execFileSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .split('\n')
    .filter((line) => `${line} `.includes(` ${entry} `))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+\s+/, '') }))
    .filter(({ pid }) => pid !== process.pid);
}
