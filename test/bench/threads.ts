import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Tinypool } from 'tinypool';
import { encodeSegment } from '../../core/context/segment.ts';
import { emptySnapshot, snapshotFrom } from '../../core/context/snapshot.ts';
import type { Assignment, Executor, StepHost } from '../../core/contract/executor.ts';
import type { Snapshot } from '../../core/contract/snapshot.ts';
import { Contexts } from '../../core/run/contexts.ts';
import { Schedule } from '../../core/run/schedule.ts';
import { openThreads } from '../../core/executors/threads/threads.ts';
import { workerFile } from '../../core/executors/threads/worker-file.ts';
import { groupNode, pipelineNode, stepNode } from '../support/plans.ts';
import { upTo } from './folder.ts';
import { type Contender, type Effort, interleave, memoryOf, quantile, type Stat, stat, type Table, time } from './measure.ts';
import type { findPython } from './peers.ts';

const config = encodeSegment({}, 'config');
const baseEnv = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
const module = new URL('./steps.ts', import.meta.url).href;
const bareWorker = new URL('./bare-worker.mjs', import.meta.url).href;
const silent: StepHost = {
  progress: () => undefined,
  output: () => undefined,
  test: () => undefined,
  diagnostic: () => undefined,
  warning: () => undefined,
  attach: () => undefined,
  exec: () => () => undefined,
};
const code = { kind: 'pipeline-step', module, pipeline: 'default' } as const;

async function run(executor: Executor, stepId: string, results: Snapshot): Promise<Awaited<ReturnType<Executor['start']>['outcome']>> {
  const assignment: Assignment = {
    stepId,
    attempt: 1,
    code,
    results,
    config,
    errors: [],
    cwd: import.meta.dirname,
    baseEnv,
    env: {},
    mark: {},
  };
  const outcome = await executor.start(assignment, silent).outcome;
  if (outcome.status !== 'passed') throw new Error(outcome.error.message);
  return outcome;
}

/** An empty step on a warm thread, against what else can ask a thread something: p50 and p99 of single round trips. */
export async function measureRoundTrip(effort: Effort): Promise<Table> {
  const executor = await openThreads({ workerFile: workerFile(), maxThreads: 1 });
  const pool = new Tinypool({ filename: bareWorker, minThreads: 1, maxThreads: 1, useAtomics: false });
  const worker = new Worker(new URL('./messages.mjs', import.meta.url));
  const results = snapshotFrom({ small: { answer: 42 } });
  const trips = effort.quick ? 300 : 1000;
  const contenders: readonly (readonly [name: string, trip: () => Promise<unknown>])[] = [
    ['treadle', () => run(executor, 'nothing', results)],
    ['tinypool', () => pool.run({})],
    [
      'bare worker, postMessage',
      () =>
        new Promise((resolve) => {
          worker.once('message', resolve);
          worker.postMessage({});
        }),
    ],
  ];
  const p50 = new Map<string, number[]>();
  const p99 = new Map<string, number[]>();
  await interleave(
    effort,
    contenders.map(([name, trip]) => ({
      name,
      run: async () => {
        const took: number[] = [];
        for (let count = 0; count < trips; count += 1) took.push((await time(trip)) * 1000);
        took.sort((a, b) => a - b);
        note(p50, name, quantile(took, 0.5));
        note(p99, name, quantile(took, 0.99));
        return 0;
      },
    })),
  );
  await executor.close();
  await pool.destroy();
  await worker.terminate();
  return {
    id: 'round-trip',
    title: 'A round trip to a warm thread',
    unit: 'µs',
    columns: ['p50', 'p99'],
    base: 'treadle',
    rows: contenders.map(([name]) => ({ name, cells: [stat(p50.get(name) ?? []), stat(p99.get(name) ?? [])] })),
    remarks: [
      'Medians of rounds that took turns. How long the machine takes to wake a thread is most of it, and changes from minute to minute.',
    ],
  };
}

/** Eight steps at once with a large value in the context: time, the longest that the main thread was kept, memory. */
export async function measureContexts(effort: Effort, python: ReturnType<typeof findPython>): Promise<Table[]> {
  const sizes = effort.quick ? [0.001, 1, 10] : [0.001, 1, 10, 100];
  const names = [
    'treadle, steps beside it',
    'treadle, all read it',
    'treadle, all change a part of it',
    'clone to and from each',
    'Python design, deepcopy',
  ];
  const wall = new Map<string, (Stat | undefined)[]>(names.map((name) => [name, []]));
  const blocked = new Map<string, (Stat | undefined)[]>(names.map((name) => [name, []]));
  const peak = new Map<string, (Stat | undefined)[]>(names.map((name) => [name, []]));
  for (const megabytes of sizes) {
    const executor = await openThreads({ workerFile: workerFile() });
    const pool = new Tinypool({ filename: bareWorker, minThreads: 2, useAtomics: false });
    const big = records(megabytes);
    const base = snapshotFrom({ big });
    const kept = new Map<string, number[]>();
    const memory = new Map<string, number[]>();
    const observed = (name: string, body: () => Promise<unknown>): Contender => ({
      name,
      warmUp: megabytes < 100,
      run: async () => {
        const delay = monitorEventLoopDelay({ resolution: 1 });
        delay.enable();
        const took = await time(body);
        delay.disable();
        note(kept, name, delay.max / 1e6);
        note(memory, name, memoryOf(process.pid, 'VmRSS'));
        return took;
      },
    });
    const ids = upTo(8);
    const clone = { ...effort, budgetMs: effort.budgetMs / 2 };
    const stats = await interleave(megabytes >= 100 ? { ...clone, rounds: 1 } : clone, [
      observed(names[0] ?? '', () => group(executor, base, 'writes')),
      observed(names[1] ?? '', () => group(executor, base, 'reads')),
      observed(names[2] ?? '', () => group(executor, base, 'changes')),
      ...(megabytes >= 100 ? [] : [observed(names[3] ?? '', () => Promise.all(ids.map((id) => pool.run({ results: { big }, id }))))]),
    ]);
    await executor.close();
    await pool.destroy();
    for (const name of names.slice(0, 4)) {
      wall.get(name)?.push(stats.get(name));
      blocked.get(name)?.push(kept.has(name) ? stat(kept.get(name) ?? []) : undefined);
      peak.get(name)?.push(memory.has(name) ? stat(memory.get(name) ?? []) : undefined);
    }
    wall
      .get(names[4] ?? '')
      ?.push(python === undefined || megabytes > 10 ? undefined : measurePython(python.file, megabytes, effort.quick ? 1 : 3));
  }
  const columns = sizes.map((size) => (size < 1 ? `${size * 1000} KB` : `${size} MB`));
  const rows = (cells: Map<string, (Stat | undefined)[]>, shown: readonly string[]): Table['rows'] =>
    shown.map((name) => ({ name, cells: cells.get(name) ?? [] }));
  const base = names[0] ?? '';
  const title = '8 steps at once with a large value in the context';
  return [
    {
      id: 'contexts',
      title,
      unit: 'ms',
      columns,
      base,
      rows: rows(wall, python === undefined ? names.slice(0, 4) : names),
      remarks: ['On warm threads. Cloning 100 MB, which takes half a minute, and copying it in Python are left out.'],
    },
    {
      id: 'contexts-blocked',
      title: `${title}: the longest that the main thread was kept from anything else`,
      unit: 'ms',
      columns,
      base,
      rows: rows(blocked, names.slice(0, 4)),
    },
    {
      id: 'contexts-memory',
      title: `${title}: memory of the process afterwards`,
      unit: 'MB',
      columns,
      base,
      rows: rows(peak, names.slice(0, 4)),
      remarks: ['One process for all of a column: what a row needs adds to what came before it.'],
    },
  ];
}

/** Steps beside a value against none at all; the ratio that the design asks for. */
export async function measureBeside(effort: Effort): Promise<{ readonly ratio: number }> {
  const executor = await openThreads({ workerFile: workerFile() });
  const base = snapshotFrom({ big: records(10) });
  const stats = await interleave({ ...effort, rounds: effort.rounds * 3 }, [
    { name: 'treadle beside', warmUp: true, run: () => time(() => group(executor, base, 'writes')) },
    { name: 'treadle empty', warmUp: true, run: () => time(() => group(executor, emptySnapshot, 'writes')) },
  ]);
  await executor.close();
  return { ratio: (stats.get('treadle beside')?.median ?? NaN) / (stats.get('treadle empty')?.median ?? NaN) };
}

/** Runs a group of eight, and merges what they changed. */
async function group(executor: Executor, results: Snapshot, kind: string): Promise<void> {
  const ids = upTo(8).map((index) => `${kind}${index}`);
  const plan = pipelineNode([
    groupNode(
      'g',
      ids.map((id) => stepNode(id)),
    ),
  ]);
  const contexts = new Contexts(new Schedule(plan), results);
  contexts.openBranch('pipeline');
  contexts.openBranch('g');
  const outcomes = await Promise.all(ids.map(async (id) => [id, await run(executor, id, results)] as const));
  for (const [id, outcome] of outcomes) if (outcome.status === 'passed') contexts.stepPassed(id, outcome.patch);
  contexts.closeBranch('g', contexts.mergeGroup('g').patch);
}

function measurePython(file: string, megabytes: number, rounds: number): Stat {
  const said = execFileSync(file, [join(import.meta.dirname, 'python_design.py'), 'context', String(megabytes), String(rounds)], {
    encoding: 'utf8',
  });
  return stat(said.trim().split('\n').map(Number));
}

function records(megabytes: number): unknown[] {
  const row = (index: number): object => ({
    id: index,
    name: `record ${index}`,
    tags: ['alpha', 'beta'],
    nested: { active: index % 2 === 0, score: index / 7 },
  });
  const size = JSON.stringify(row(12_345)).length + 1;
  return Array.from({ length: Math.max(9, Math.round((megabytes * 1024 * 1024) / size)) }, (_, index) => row(index));
}

function note(into: Map<string, number[]>, name: string, value: number): void {
  const values = into.get(name) ?? [];
  into.set(name, values);
  values.push(value);
}
