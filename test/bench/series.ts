import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitGrowth, type Growth } from './fit.ts';
import { makeFolder, node } from './folder.ts';
import { type Effort, type Stat, stat, type Table } from './measure.ts';

const probe = join(import.meta.dirname, 'probe.cjs');

/** What a whole process took, its threads included. */
export interface ProcessorCost {
  /** Time of processors: unlike that of clocks, it is much the same on a machine that does other work as well. */
  readonly cpuMs: number;
  readonly peakMb: number;
  /** The longest that its main thread was kept from anything else. */
  readonly lagMs: number;
}

/** Work of which there is more and more. */
export interface Series {
  readonly id: string;
  readonly title: string;
  /** What there is more of, in the plural. */
  readonly of: string;
  readonly sizes: readonly number[];
  /** The size that is told from the others, too large to be measured. */
  readonly far: number;
  readonly kinds: readonly Kind[];
  readonly remarks?: readonly string[];
}

export interface Kind {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: (size: number) => readonly string[];
  readonly cwd: string | ((size: number) => string);
  readonly env?: (size: number) => Readonly<Record<string, string>>;
  readonly before?: (size: number) => void;
}

/** Measures each kind of work at each size, in turn, and what that says of growth. */
export async function measureSeries(
  effort: Effort,
  series: Series,
): Promise<{ readonly tables: Table[]; readonly growths: Table['rows'] }> {
  const { id, title, of, sizes, far, kinds } = series;
  const costs = new Map<string, ProcessorCost[]>();
  const spent = new Map<string, number>();
  for (let round = 0; round < effort.rounds; round += 1) {
    for (const size of sizes) {
      for (const kind of kinds) {
        const key = `${kind.name} ${size}`;
        const before = spent.get(key) ?? 0;
        if (round > 0 && before > effort.budgetMs) continue;
        const began = performance.now();
        costs.set(key, [...(costs.get(key) ?? []), await costOf(kind, size)]);
        spent.set(key, before + performance.now() - began);
      }
    }
  }
  const cells = (kind: Kind, part: keyof ProcessorCost): Stat[] =>
    sizes.map((size) => stat((costs.get(`${kind.name} ${size}`) ?? []).map((cost) => cost[part])));
  const growth = (kind: Kind, part: keyof ProcessorCost): Growth =>
    fitGrowth(cells(kind, part).map(({ median }, index) => ({ size: sizes[index] ?? 0, cost: median })));
  const exact = (value: number): Stat => stat([value]);
  const name = (size: number): string => `${size.toLocaleString('en-US')} ${size === 1 ? of.replace(/s$/, '') : of}`;
  const table = (suffix: string, what: string, unit: Table['unit'], part: keyof ProcessorCost, grows = true): Table => ({
    id: `${id}${suffix}`,
    title: `${title}: ${what}`,
    unit,
    columns: [...sizes.map(name), ...(grows ? [`→ ${name(far)}`] : [])],
    base: '',
    rows: kinds.map((kind) => ({ name: kind.name, cells: [...cells(kind, part), ...(grows ? [exact(growth(kind, part).at(far))] : [])] })),
    ...(series.remarks === undefined ? {} : { remarks: series.remarks }),
  });
  return {
    tables: [
      table('', 'processor time', 'ms', 'cpuMs'),
      table('-memory', 'peak memory', 'MB', 'peakMb'),
      table('-lag', 'the longest that the main thread was kept from anything else', 'ms', 'lagMs', false),
    ],
    growths: kinds.map((kind) => {
      const [time, memory] = [growth(kind, 'cpuMs'), growth(kind, 'peakMb')];
      return {
        name: `${of}: ${kind.name}`,
        cells: [time.exponent, time.perUnit, memory.exponent, memory.perUnit * 1024].map(exact),
      };
    }),
  };
}

/** Runs the work once, in a process of its own. */
async function costOf(kind: Kind, size: number): Promise<ProcessorCost> {
  kind.before?.(size);
  const file = join(makeFolder({}), 'cost.json');
  const cwd = typeof kind.cwd === 'string' ? kind.cwd : kind.cwd(size);
  const env = { ...process.env, ...kind.env?.(size), TREADLE_BENCH_COST: file };
  await ended(
    spawn(node, ['--require', probe, ...kind.args(size)], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] }),
    `${kind.name}, ${size}`,
  );
  return JSON.parse(readFileSync(file, 'utf8')) as ProcessorCost;
}

/** Waits for a process, which has to succeed. */
export async function ended(child: ReturnType<typeof spawn>, what: string): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const code = await new Promise<unknown>((resolve, reject) => {
    child.once('close', (status, signal) => resolve(signal ?? status));
    child.once('error', reject);
  });
  if (code !== 0) throw new Error(`${what}: exited with ${String(code)}: ${said}`);
}
