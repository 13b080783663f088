import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, node, treadle, upTo } from './folder.ts';
import { type Effort, stat, type Table } from './measure.ts';
import { ended, type Kind, measureSeries, type Series } from './series.ts';

export interface Scale {
  readonly tables: readonly Table[];
  /** The fastest growth of processor time with the number of steps: the power of it. */
  readonly stepsExponent: number;
  /** What a run keeps of the heap for each step: what people wrote, its plan and the run. */
  readonly bytesPerStep: number;
}

/** How cost grows with the number of steps, the size of the context, threads and plugins. */
export async function measureScale(effort: Effort): Promise<Scale> {
  const rounds = { ...effort, rounds: Math.min(3, effort.rounds) };
  const tables: Table[] = [];
  const growths: Table['rows'][number][] = [];
  for (const series of [steps(effort), contexts(effort), threads(effort), plugins(effort)]) {
    const measured = await measureSeries(rounds, series);
    tables.push(...measured.tables);
    growths.push(...measured.growths);
  }
  const heap = await measureHeap(effort);
  return {
    tables: [
      {
        id: 'growth',
        title: 'How processor time and peak memory grow',
        unit: '',
        columns: ['time: exponent', 'ms for one more', 'memory: exponent', 'KB for one more'],
        base: '',
        rows: growths,
        remarks: [
          'An exponent of 1 is linear growth; below 1, one more costs less the more there are. What one more costs is the slope of a line. Both are fitted by least squares to the tables that follow, above what the smallest size takes.',
        ],
      },
      ...tables,
      heap.table,
    ],
    stepsExponent: Math.max(...growths.filter(({ name }) => name.startsWith('steps:')).map(({ cells }) => cells[0]?.median ?? Number.NaN)),
    bytesPerStep: heap.bytesPerStep,
  };
}

/** Arguments of a run that reports as little as one can. */
const runOf = (...more: readonly string[]): string[] => [treadle, 'run', '--reporter', 'line', ...more];

/** In a pipeline file: how much of it there is to be. */
const sizeText = 'Number(process.env.SIZE)';

/** Functions that do nothing, or leave a number: as many as `SIZE` says, in the shape that `SHAPE` says. */
function stepsFolder(): string {
  return makeFolder({
    'treadle.config.mjs': `import { definePipeline, sequence, step } from 'treadle';
const list = (run, settings) => Array.from({ length: ${sizeText} }, (_, index) => step('s' + index, run(index), settings));
const nothing = () => () => {};
const leaves = (index) => (context) => { context.results['key' + index] = index; };
const fails = () => () => { throw new Error('no'); };
const shapes = {
  atOnce: () => [list(nothing)],
  inARow: () => list(nothing),
  keysAtOnce: () => [list(leaves)],
  keysInARow: () => [[sequence(list(leaves))]],
  failing: () => list(fails, { critical: false }),
};
export default definePipeline(shapes[process.env.SHAPE]());`,
  });
}

function steps({ quick }: Effort): Series {
  const cwd = stepsFolder();
  const kind = (name: string, shape: string, args: readonly string[]): Kind => ({
    name,
    cwd,
    args: () => args,
    env: (count) => ({ SIZE: String(count), SHAPE: shape }),
  });
  const inline = runOf('--executor', 'inline');
  return {
    id: 'scale-steps',
    title: 'More and more steps',
    of: 'steps',
    sizes: quick ? [100, 1000, 10_000] : [100, 1000, 10_000, 100_000],
    far: 1_000_000,
    kinds: [
      kind('the plan alone', 'atOnce', [treadle, 'list', '--json']),
      kind('at once, inline', 'atOnce', inline),
      kind('one after the other, inline', 'inARow', inline),
      kind('at once, each leaves a key', 'keysAtOnce', inline),
      kind('one after the other in a group, each leaves a key', 'keysInARow', inline),
      kind('at once, on threads', 'atOnce', runOf()),
      kind('one after the other on threads, each fails', 'failing', runOf()),
    ],
  };
}

function contexts({ quick }: Effort): Series {
  const cwd = makeFolder({
    'treadle.config.mjs': `import { definePipeline, step } from 'treadle';
const row = (index) => ({ id: index, name: 'record ' + index, tags: ['alpha', 'beta'], nested: { active: index % 2 === 0, score: index / 7 } });
const fill = step('fill', ({ results }) => { results.big = Array.from({ length: ${sizeText} * 10_000 }, (_, index) => row(index)); });
const eight = (run) => Array.from({ length: 8 }, (_, index) => step('s' + index, run(index)));
export default {
  beside: definePipeline([fill, eight((index) => ({ results }) => { results['key' + index] = index; })]),
  reads: definePipeline([fill, eight((index) => ({ results }) => { results['key' + index] = results.big.length; })]),
  changes: definePipeline([fill, eight((index) => ({ results }) => { results.big[index] = { changed: index }; })]),
};`,
  });
  const kind = (name: string, pipeline: string): Kind => ({
    name,
    cwd,
    args: () => runOf(pipeline),
    env: (megabytes) => ({ SIZE: String(megabytes) }),
  });
  return {
    id: 'scale-contexts',
    title: 'A larger and larger value in the context',
    of: 'MB',
    sizes: quick ? [1, 3, 10] : [1, 3, 10, 30],
    far: 300,
    kinds: [kind('made, and left alone by 8', 'beside'), kind('read by 8', 'reads'), kind('changed in part by 8', 'changes')],
  };
}

function threads({ quick }: Effort): Series {
  const cwd = makeFolder({
    'treadle.config.mjs': `import { definePipeline, step } from 'treadle';
export default definePipeline([Array.from({ length: ${sizeText} }, (_, index) =>
  step('s' + index, () => new Promise((resolve) => { setTimeout(resolve, 300); })))]);`,
  });
  return {
    id: 'scale-threads',
    title: 'More and more threads, each with a step that waits',
    of: 'threads',
    sizes: quick ? [1, 4, 16] : [1, 2, 4, 8, 16],
    far: 32,
    kinds: [
      {
        name: 'a step on each',
        cwd,
        args: (count) => runOf('--concurrency', String(count)),
        env: (count) => ({ SIZE: String(count) }),
      },
    ],
  };
}

function plugins({ quick }: Effort): Series {
  const plugin = (index: number): string => `import { definePlugin } from 'treadle';
type Options = { readonly depth: number };
export default definePlugin<Options>({ description: 'Plugin ${index}', run(context, options) { context.results.p${index} = options.depth; } });
`;
  const sizes = quick ? [10, 100, 300] : [10, 100, 1000];
  const folders = new Map(
    sizes.map((count) => [
      count,
      makeFolder({
        ...Object.fromEntries(upTo(count).map((index) => [`plugins/p${index}.ts`, plugin(index)])),
        'treadle.config.ts':
          "import { definePipeline, step } from 'treadle';\nexport default definePipeline([step('one', { uses: 'p1', with: { depth: 1 } })]);\n",
      }),
    ]),
  );
  const folder = (count: number): string => folders.get(count) ?? '';
  const list: Kind = { name: 'nothing changed', cwd: folder, args: () => [treadle, 'list'] };
  return {
    id: 'scale-plugins',
    title: 'More and more plugins, listed',
    of: 'plugins',
    sizes,
    far: 10_000,
    kinds: [
      {
        ...list,
        name: 'all of them compiled',
        before: (count) => rmSync(join(folder(count), '.treadle'), { recursive: true, force: true }),
      },
      list,
    ],
    remarks: ['Compiling is the work of another process, esbuild, whose time and memory are not in it.'],
  };
}

/** What is in use of the heap, garbage not counted, when a run has its plan and when it has ended. */
async function measureHeap({ quick }: Effort): Promise<{ readonly table: Table; readonly bytesPerStep: number }> {
  const sizes = quick ? [100, 1000, 10_000] : [100, 1000, 10_000, 100_000];
  const cwd = stepsFolder();
  const heaps: { readonly plan: number; readonly run: number }[] = [];
  for (const count of sizes) {
    const file = join(cwd, `heap-${count}.json`);
    const reporter = join(import.meta.dirname, 'heap-reporter.mjs');
    const env = { ...process.env, SIZE: String(count), SHAPE: 'atOnce', TREADLE_BENCH_HEAP: file };
    const args = ['--expose-gc', treadle, 'run', '--executor', 'inline', '--reporter', reporter];
    await ended(spawn(node, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] }), `heap of ${count} steps`);
    heaps.push(JSON.parse(readFileSync(file, 'utf8')) as { plan: number; run: number });
  }
  const [least, most] = [heaps[0], heaps.at(-1)];
  const many = (sizes.at(-1) ?? 0) - (sizes[0] ?? 0);
  const perStep = (part: 'plan' | 'run'): number => ((most?.[part] ?? Number.NaN) - (least?.[part] ?? Number.NaN)) / many;
  const row = (name: string, part: 'plan' | 'run'): Table['rows'][number] => ({
    name,
    cells: [...heaps.map((heap) => stat([heap[part] / 1024 / 1024])), stat([perStep(part) / 1024])],
  });
  return {
    bytesPerStep: perStep('run'),
    table: {
      id: 'scale-heap',
      title: 'Heap in use, garbage not counted',
      unit: '',
      columns: [...sizes.map((count) => `MB with ${count.toLocaleString('en-US')} steps`), 'KB a step'],
      base: '',
      rows: [row('what people wrote and its plan, as the run starts', 'plan'), row('the same and the run, as it ends', 'run')],
    },
  };
}
