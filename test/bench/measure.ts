import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

/** One line of a result: medians of interleaved runs, and how the first compares with the second. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly other: number;
  readonly unit: 'ms' | 'µs';
  /** `ours / other`, or the other way round where bigger is better. */
  readonly ratio: number;
  readonly target: string;
  readonly met: boolean;
}

/** Runs contenders in turn, A B A B …, after one round that does not count, and gives their medians. */
export async function interleave(rounds: number, contenders: readonly (() => Promise<number>)[]): Promise<number[]> {
  const samples: number[][] = contenders.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const value = await contender();
      if (round > 0) samples[index]?.push(value);
    }
  }
  return samples.map(median);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds that something takes. */
export async function time(body: () => unknown): Promise<number> {
  const started = performance.now();
  await body();
  return performance.now() - started;
}

/** Milliseconds that a whole process takes. */
export function timeProcess(file: string, args: readonly string[], cwd?: string): number {
  const started = performance.now();
  execFileSync(file, args, { stdio: 'ignore', ...(cwd === undefined ? {} : { cwd }) });
  return performance.now() - started;
}

/** Rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2));
  const lines = rows.map(
    (row) =>
      `| ${row.what} | ${number(row.ours)} ${row.unit} | ${number(row.other)} ${row.unit} | ${number(row.ratio)}× | ${row.target} | ${row.met ? 'yes' : '**no**'} |`,
  );
  return ['| what | treadle | against | ratio | target | met |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

/** The machine, as far as it matters to whoever reads the figures. */
export function machine(): string {
  const [cpu] = cpus();
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`;
}
