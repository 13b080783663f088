import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { RunEvent } from '../../core/contract/events.ts';
import {
  all,
  any,
  LogicOperator,
  parallel,
  ParallelConfig,
  Pipeline,
  PipelineStep,
  sequence,
  step,
  type PipelineContext,
  type StepInput,
} from '../../core/index.ts';
import { makeProject, removeProjects } from '../support/project.ts';

// The document that the project grew from, parallel execution, as it works here.

class Phases extends PipelineStep {
  readonly id: string;
  private readonly phases: number;

  constructor(id: string, phases = 1) {
    super();
    this.id = id;
    this.phases = phases;
  }

  async run(context: PipelineContext): Promise<PipelineContext> {
    for (let phase = 1; phase <= this.phases; phase += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      context.updateStepProgress((phase / this.phases) * 100);
    }
    context.results[this.id] = 'done';
    return context;
  }
}

const fails = (id: string) =>
  step(id, () => {
    throw new Error(`${id} fails`);
  });

async function record(steps: readonly StepInput[], settings: ConstructorParameters<typeof Pipeline>[1] = {}) {
  const events: RunEvent[] = [];
  const pipeline = new Pipeline(steps, settings);
  const result = await pipeline.run({ onEvent: (event) => events.push(event) });
  return { pipeline, result, events };
}

describe('Pipeline', () => {
  it('runs a list in order, and a nested list at the same time', async () => {
    const { result, events } = await record([new Phases('one'), [new Phases('two', 3), new Phases('three')], new Phases('four')]);
    assert.equal(result.status, 'passed');
    assert.deepEqual(Object.keys(result.results), ['one', 'two', 'three', 'four']);
    const order = events.flatMap((event) =>
      event.type === 'step:start' || event.type === 'step:end' ? [`${event.type} ${event.id}`] : [],
    );
    assert.ok(order.indexOf('step:start three') < order.indexOf('step:end two'));
    assert.ok(order.indexOf('step:end two') < order.indexOf('step:start four'));
  });

  it('gives others a turn while thousands of steps begin, and is done with the first before the last begin', async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const { result, events } = await record([Array.from({ length: 20_000 }, (_, index) => step(`s${index}`, () => undefined))]);
    clearImmediate(next);
    assert.equal(result.status, 'passed');
    const lastBegun = events.findLastIndex(({ type }) => type === 'step:start');
    const ended = events.slice(0, lastBegun).filter(({ type }) => type === 'step:end');
    assert.ok(ended.length > 1000, `${ended.length} of 20,000 steps have ended when the last begins`);
    assert.ok(turns > 5, `${turns} turns`);
  });

  it('fails an AND group with one failure, passes an OR group with one success', async () => {
    assert.equal((await record([[new Phases('a'), fails('b')]])).result.status, 'failed');
    assert.equal(
      (await record([parallel([new Phases('a'), fails('b')], new ParallelConfig({ operator: LogicOperator.OR }))])).result.status,
      'passed',
    );
    assert.equal(
      (await record([parallel([fails('a'), fails('b')], new ParallelConfig({ operator: LogicOperator.OR }))])).result.status,
      'failed',
    );
    assert.equal((await record([any([])])).result.status, 'failed');
    assert.equal((await record([all([])])).result.status, 'passed');
  });

  it('gives each step of a group a copy of its own, and merges in declared order', async () => {
    const seen: unknown[] = [];
    const writes = (id: string, turns: number) =>
      step(id, async ({ results }) => {
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        seen.push(results['shared']);
        results['shared'] = id;
      });
    const { result, events } = await record([[writes('a', 5), writes('b', 0)]]);
    assert.deepEqual(seen, [undefined, undefined]);
    // b ended first, but a was declared first: the later declared wins.
    assert.deepEqual(result.results, { shared: 'b' });
    const end = events.find((event) => event.type === 'group:end');
    assert.deepEqual(end?.type === 'group:end' && end.conflicts, [{ path: 'results.shared', stepIds: ['a', 'b'], kept: 'b' }]);
  });

  it('fails a group that must not have conflicts, and keeps none of its changes', async () => {
    const set = (id: string) => step(id, ({ results }) => void (results['shared'] = id));
    const { result } = await record([all([set('a'), set('b')], { id: 'strict', onConflict: 'error' })]);
    assert.equal(result.status, 'failed');
    assert.deepEqual(result.results, {});
    assert.deepEqual(
      result.errors.map(({ code, stepId }) => [code, stepId]),
      [['E_MERGE_CONFLICT', 'strict']],
    );
  });

  it('shows each step all errors before it in their order, and those of a group only to what follows it', async () => {
    const seen: Record<string, unknown> = {};
    const fails = (id: string) =>
      step(
        id,
        ({ errors }) => {
          seen[id] = errors.map(({ stepId }) => stepId);
          throw new Error(id);
        },
        { critical: false },
      );
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    await record([...names.map(fails), [fails('x'), fails('y')], fails('last')]);
    for (const [index, name] of names.entries()) assert.deepEqual(seen[name], names.slice(0, index));
    assert.deepEqual([seen['x'], seen['y'], seen['last']], [names, names, [...names, 'x', 'y']]);
  });

  it('enforces the timeout of a group', async () => {
    const waits = step('waits', async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    const { result } = await record([parallel([waits, new Phases('quick')], new ParallelConfig({ timeout: 1000 }))]);
    assert.equal(result.status, 'failed');
    assert.ok(result.errors.every(({ code }) => code === 'E_TIMEOUT'));
    assert.deepEqual(result.results, { quick: 'done' });
  });

  it('shares the weight as the structure says, and tells the status of each step', async () => {
    const { pipeline } = await record([new Phases('init'), [new Phases('w1'), new Phases('w2'), new Phases('w3')], new Phases('final')]);
    const { progress, isRunning, stepDetails } = pipeline.getStatus();
    assert.deepEqual([progress, isRunning], [100, false]);
    assert.equal(stepDetails['init']?.maxWeight.toFixed(2), '33.33');
    assert.equal(stepDetails['w1']?.maxWeight.toFixed(2), '11.11');
    assert.deepEqual([stepDetails['final']?.internalProgress, stepDetails['final']?.status], [100, 'passed']);
  });

  it('tells what runs while it runs, and stops when its signal aborts', async () => {
    const controller = new AbortController();
    const pipeline = new Pipeline([
      step('waits', async (context) => {
        context.updateStepProgress(40);
        const status = pipeline.getStatus();
        assert.deepEqual([status.isRunning, status.currentStep, status.progress], [true, 'waits', 20]);
        controller.abort();
        await new Promise(() => undefined);
      }),
      new Phases('never'),
    ]);
    const result = await pipeline.run({ signal: controller.signal });
    assert.equal(result.status, 'cancelled');
    assert.deepEqual([result.counts.cancelled, result.counts.skipped], [1, 1]);
  });

  it('judges how long it will take by the runs that were kept', () => {
    const program = `import { Pipeline, step } from ${JSON.stringify(new URL('../../core/index.ts', import.meta.url).href)};
const etas = [];
const waits = step('waits', () => new Promise((resolve) => setTimeout(resolve, 300)));
const pipeline = new Pipeline([waits, step('asks', () => { etas.push(pipeline.getStatus().etaMs); })]);
await pipeline.run({ keep: true });
await pipeline.run({ keep: true, onEvent: (event) => { if (event.type === 'step:start') etas.push(pipeline.getStatus().etaMs); } });
console.log(JSON.stringify(etas));`;
    const cwd = makeProject({});
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd, encoding: 'utf8' });
    const etas: unknown = JSON.parse(stdout || stderr);
    assert.ok(Array.isArray(etas));
    // The second run knows before it has made any progress.
    const [, atFirstStep] = etas.map(Number);
    assert.ok(atFirstStep !== undefined && atFirstStep > 200, stdout);
    assert.equal(readdirSync(join(cwd, '.treadle/runs')).length, 2);
    removeProjects();
  });

  it('refuses a second run while one is under way', async () => {
    const pipeline = new Pipeline([new Phases('a', 10)]);
    const first = pipeline.run();
    await assert.rejects(pipeline.run(), { code: 'E_USAGE' });
    assert.equal((await first).status, 'passed');
  });

  it('begins with the results that it is given, and tries again until a step passes', async () => {
    let attempts = 0;
    const flaky = step(
      'flaky',
      ({ results }) => {
        attempts += 1;
        if (attempts < 3) throw new Error('not yet');
        results['sum'] = Number(results['sum']) + 1;
      },
      { retries: 2 },
    );
    const pipeline = new Pipeline([flaky]);
    const result = await pipeline.run({ results: { sum: 41 } });
    assert.deepEqual([result.status, result.results, result.counts.flaky], ['passed', { sum: 42 }, 1]);
  });
});

describe('the events of any run', () => {
  const leaf = fc.record({ kind: fc.constant('leaf'), fails: fc.boolean(), retries: fc.nat(1), critical: fc.boolean() });
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.record({ kind: fc.constantFrom('all', 'any', 'sequence'), children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    ),
  }));

  it('begin with run:start, end with run:end, have no gaps, end each step once, never fall in progress, and add up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(tree, { minLength: 1, maxLength: 3 }), fc.boolean(), async (trees, failFast) => {
        let count = 0;
        const build = (node: unknown): StepInput => {
          count += 1;
          const id = `n${count}`;
          const { kind, children, fails: failing, retries, critical } = Object(node);
          if (kind === 'leaf') {
            return step(
              id,
              (context) => {
                context.updateStepProgress(50);
                if (failing === true) throw new Error('no');
              },
              { retries, critical },
            );
          }
          const built: StepInput[] = children.map(build);
          return kind === 'sequence' ? sequence(built, { id }) : kind === 'any' ? any(built, { id }) : all(built, { id });
        };
        const { result, events } = await record(trees.map(build), { failFast });
        assert.equal(events[0]?.type, 'run:start');
        assert.deepEqual(
          events.map(({ seq }) => seq),
          events.map((_, index) => index),
        );
        const last = events.at(-1);
        assert.ok(last?.type === 'run:end');
        assert.equal(last.status, result.status);
        const ends = events.flatMap((event) => (event.type === 'step:end' ? [event] : []));
        assert.equal(new Set(ends.map(({ id }) => id)).size, ends.length);
        assert.equal(ends.length, last.counts.steps);
        for (const status of ['passed', 'failed', 'skipped'] as const) {
          assert.equal(ends.filter((end) => end.status === status).length, last.counts[status]);
        }
        let overall = 0;
        for (const event of events) {
          if (event.type !== 'step:progress' && event.type !== 'step:end') continue;
          assert.ok(event.overall >= overall && event.overall <= 100, `${event.overall} after ${overall}`);
          overall = event.overall;
        }
        assert.equal(overall, 100);
        const started = new Set(events.flatMap((event) => (event.type === 'step:start' ? [event.id] : [])));
        for (const end of ends) assert.equal(end.status !== 'skipped', started.has(end.id));
      }),
      { numRuns: 60 },
    );
  });
});
