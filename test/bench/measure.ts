import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Repeated measurements of one thing. */
export interface Stat {
  readonly median: number;
  /** Between these lies the middle half. */
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

/** What is compared, in the order in which it is run: `undefined` where it cannot do the work. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<number>;
  /** Runs once before all, for what works in this process: it starts threads. */
  readonly warmUp?: boolean;
}

/** One table of results: contenders in rows, variants of the work in columns. */
export interface Table {
  readonly id: string;
  readonly title: string;
  /** Empty where each column has its own, in its name. */
  readonly unit: 'ms' | 'µs' | 'MB' | 'count' | '';
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly (Stat | undefined)[] }[];
  /** The row that the others are divided by. */
  readonly base: string;
  readonly remarks?: readonly string[];
}

/** A target of Treadle's, with what was measured for it. */
export interface Target {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  readonly met: boolean;
}

/** How much time the suite takes. */
export interface Effort {
  readonly quick: boolean;
  /** How often the fast ones run. */
  readonly rounds: number;
  /** Who has taken longer than this in all runs no further round, in milliseconds. */
  readonly budgetMs: number;
}

/** Runs contenders in turn, A B A B …, after one round that does not count for those that are fast. */
export async function interleave(effort: Effort, contenders: readonly Contender[]): Promise<Map<string, Stat>> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const spent = new Map<string, number>();
  for (const { run, warmUp } of contenders) if (warmUp === true) await run();
  for (let round = 0; round <= effort.rounds; round += 1) {
    for (const { name, run } of contenders) {
      const before = spent.get(name) ?? 0;
      const own = samples.get(name);
      if (own === undefined || (before > effort.budgetMs && own.length > 0)) continue;
      const started = performance.now();
      const value = await run().catch((error: unknown) => {
        if (name.startsWith('treadle')) throw error;
        console.error(`${name} is left out: ${String(error)}`);
        spent.set(name, Number.POSITIVE_INFINITY);
        samples.delete(name);
      });
      if (value === undefined) continue;
      const took = performance.now() - started;
      spent.set(name, before + took);
      // A first run warms caches up; of what takes seconds there is none to spare.
      if (round > 0 || took > effort.budgetMs / 3) own.push(value);
    }
  }
  return new Map([...samples].map(([name, values]) => [name, stat(values)]));
}

/** A table with one column. */
export async function compare(effort: Effort, table: Omit<Table, 'rows' | 'columns'>, contenders: readonly Contender[]): Promise<Table> {
  const stats = await interleave(effort, contenders);
  return { ...table, columns: [''], rows: contenders.map(({ name }) => ({ name, cells: [stats.get(name)] })) };
}

export function stat(values: readonly number[]): Stat {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75), rounds: sorted.length };
}

/** Of sorted values. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** Milliseconds that something takes. */
export async function time(body: () => unknown): Promise<number> {
  const started = performance.now();
  await body();
  return performance.now() - started;
}

/** What a process took. */
export interface ProcessCost {
  readonly ms: number;
  /** The most memory that its own process had, in megabytes; without its children. Not known on every system. */
  readonly peakMb: number;
}

/** A command with its arguments, where it runs and with what environment. */
export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a process to its end, reading and dropping what it writes. Fails when it does. */
export function runProcess({ file, args, cwd, env }: CommandLine): Promise<ProcessCost> {
  const { promise, resolve, reject } = Promise.withResolvers<ProcessCost>();
  const started = performance.now();
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let peakMb = 0;
  let said = '';
  const look = setInterval(() => (peakMb = Math.max(peakMb, memoryOf(child.pid, 'VmHWM'))), 25);
  const hear = (chunk: Buffer): void => void (said = said.length < 4000 ? said + chunk.toString() : said);
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.on('error', reject);
  child.on('close', (code) => {
    clearInterval(look);
    const ms = performance.now() - started;
    if (code === 0) resolve({ ms, peakMb });
    else reject(new Error(`${file} ${args.join(' ')} exited with ${code}:\n${said}`));
  });
  return promise;
}

/** Memory of a process in megabytes, as Linux tells it: `VmRSS` now, `VmHWM` at its peak. */
export function memoryOf(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const [, kilobytes = '0'] = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return 0;
  }
}
