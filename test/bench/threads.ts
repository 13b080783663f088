import { Tinypool } from 'tinypool';
import { encodeSegment } from '../../core/context/segment.ts';
import { emptySnapshot, snapshotFrom } from '../../core/context/snapshot.ts';
import type { Assignment, Executor, StepHost } from '../../core/contract/executor.ts';
import type { Snapshot } from '../../core/contract/snapshot.ts';
import { Contexts } from '../../core/run/contexts.ts';
import { openThreads } from '../../core/executors/threads/threads.ts';
import { workerFile } from '../../core/executors/threads/worker-file.ts';
import { groupNode, pipelineNode, stepNode } from '../support/plans.ts';
import { interleave, type Row, time } from './measure.ts';

const config = encodeSegment({}, 'config');
const baseEnv = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
const module = new URL('./steps.ts', import.meta.url).href;
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

/** A step on a warm thread, against a bare tinypool round trip. */
export async function measureRoundTrip(rounds: number): Promise<Row> {
  const executor = await openThreads({ workerFile: workerFile(), maxThreads: 1 });
  const bare = new Tinypool({
    filename: new URL('./bare-worker.mjs', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    useAtomics: false,
  });
  const results = snapshotFrom({ small: { answer: 42 } });
  const trips = 500;
  const [ours = 0, other = 0] = await interleave(rounds, [
    () =>
      time(async () => {
        for (let trip = 0; trip < trips; trip += 1) await run(executor, 'nothing', results);
      }),
    () =>
      time(async () => {
        for (let trip = 0; trip < trips; trip += 1) await bare.run({});
      }),
  ]);
  await executor.close();
  await bare.destroy();
  const ratio = ours / other;
  return {
    what: 'a step on a warm thread, against a bare tinypool round trip',
    ours: (ours / trips) * 1000,
    other: (other / trips) * 1000,
    unit: 'µs',
    ratio,
    target: '≤ 1.3×',
    met: ratio <= 1.3,
  };
}

/** Eight steps beside and on a large key, against an empty context and against cloning it to and from each. */
export async function measureContexts(rounds: number, megabytes: number): Promise<Row[]> {
  const executor = await openThreads({ workerFile: workerFile() });
  const bare = new Tinypool({ filename: new URL('./bare-worker.mjs', import.meta.url).href, minThreads: 2, useAtomics: false });
  const big = records(megabytes);
  const base = snapshotFrom({ big });
  const ids = Array.from({ length: 8 }, (_, index) => `writes${index}`);
  const plan = pipelineNode([
    groupNode(
      'g',
      ids.map((id) => stepNode(id)),
    ),
  ]);
  // The merge is part of the work.
  const group = async (results: Snapshot, kind: string): Promise<void> => {
    const contexts = new Contexts(plan, results);
    contexts.openBranch('pipeline');
    contexts.openBranch('g');
    const outcomes = await Promise.all(ids.map(async (id) => [id, await run(executor, `${kind}${id.slice(6)}`, results)] as const));
    for (const [id, outcome] of outcomes) if (outcome.status === 'passed') contexts.stepPassed(id, outcome.patch);
    contexts.closeBranch('g', contexts.mergeGroup('g').patch);
  };
  const clone = () => Promise.all(ids.map((id) => bare.run({ results: { big }, id })));
  const [empty = 0, beside = 0, reading = 0, cloning = 0] = await interleave(rounds, [
    () => time(() => group(emptySnapshot, 'writes')),
    () => time(() => group(base, 'writes')),
    () => time(() => group(base, 'reads')),
    () => time(clone),
  ]);
  await executor.close();
  await bare.destroy();
  const size = `${megabytes} MB`;
  return [
    {
      what: `8 steps beside a key of ${size}, against an empty context`,
      ours: beside,
      other: empty,
      unit: 'ms',
      ratio: beside / empty,
      target: '≤ 1.5×',
      met: beside / empty <= 1.5,
    },
    {
      what: `8 steps beside a key of ${size}, against cloning: faster by`,
      ours: beside,
      other: cloning,
      unit: 'ms',
      ratio: cloning / beside,
      target: megabytes >= 10 ? '≥ 100×' : '—',
      met: megabytes < 10 || cloning / beside >= 100,
    },
    {
      what: `8 steps that read a key of ${size}, against cloning: faster by`,
      ours: reading,
      other: cloning,
      unit: 'ms',
      ratio: cloning / reading,
      target: megabytes >= 10 ? '≥ 5×' : '—',
      met: megabytes < 10 || cloning / reading >= 5,
    },
  ];
}

function records(megabytes: number): unknown[] {
  const row = (index: number): object => ({
    id: index,
    name: `record ${index}`,
    tags: ['alpha', 'beta'],
    nested: { active: index % 2 === 0, score: index / 7 },
  });
  const size = JSON.stringify(row(12_345)).length + 1;
  return Array.from({ length: Math.round((megabytes * 1024 * 1024) / size) }, (_, index) => row(index));
}
