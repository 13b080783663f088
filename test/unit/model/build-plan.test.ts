import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { PipelineContext } from '../../../core/contract/context.ts';
import type { ExecutorName, StepNode } from '../../../core/contract/plan.ts';
import { buildPlan, type BuildPlanOptions } from '../../../core/model/build-plan.ts';
import { all, any, atLeast, definePipeline, parallel, sequence, step } from '../../../core/model/builders.ts';
import { LogicOperator, ParallelConfig, PipelineStep } from '../../../core/model/classic.ts';
import type { PluginImplementation, StepDefinition, StepInput, StepSettings } from '../../../core/model/definition.ts';
import { arbitraryShapes, nodesOf, pipelineOf, stepsOf } from './trees.ts';

const work = (): undefined => undefined;

function build(steps: readonly StepInput[], options: Partial<BuildPlanOptions> = {}): ReturnType<typeof buildPlan> {
  return buildPlan(definePipeline(steps), { name: 'p', ...options });
}

function nodeWith(settings: StepSettings): StepNode {
  const [node] = stepsOf(build([step('a', work, settings)]).plan);
  assert.ok(node);
  return node;
}

function groupOf(input: StepInput): unknown {
  const [node] = build([input]).plan.children;
  assert.equal(node?.kind, 'group');
  const { operator, required, settle, onConflict, maxWorkers, timeoutMs } = node;
  return { operator, required, settle, onConflict, maxWorkers, timeoutMs };
}

const group = { settle: 'all', onConflict: 'last', maxWorkers: undefined, timeoutMs: undefined };

describe('buildPlan', () => {
  it('gives a step its defaults', () => {
    assert.deepEqual(nodeWith({}), {
      kind: 'step',
      id: 'a',
      weight: 100,
      executor: 'threads',
      retries: 0,
      backoff: { delayMs: 0, factor: 1, maxMs: 0 },
      critical: true,
      when: 'on-success',
    });
  });

  it('takes all settings of a step over', () => {
    const settings: Required<StepSettings> = {
      description: 'What it does',
      timeout: '2m',
      retries: 2,
      backoff: '1s',
      critical: false,
      when: 'always',
      env: { CI: '1' },
      inputs: ['src/**'],
      outputs: ['dist/**'],
      executor: 'inline',
      weight: 100,
      memoryLimitMb: 64,
    };
    const { timeout: _timeout, ...same } = settings;
    assert.deepEqual(nodeWith(settings), {
      ...same,
      kind: 'step',
      id: 'a',
      timeoutMs: 120_000,
      backoff: { delayMs: 1000, factor: 1, maxMs: 1000 },
    });
  });

  it('passes over settings that are undefined', () => {
    assert.deepEqual(nodeWith({ timeout: undefined, weight: undefined, when: undefined, backoff: undefined }), nodeWith({}));
  });

  it('understands every form of when', () => {
    const forms = [true, false, 'on-failure', 'always', 'never', () => true] as const;
    assert.deepEqual(
      forms.map((when) => nodeWith({ when }).when),
      ['on-success', 'never', 'on-failure', 'always', 'never', 'function'],
    );
  });

  it('understands every form of backoff', () => {
    assert.deepEqual(nodeWith({ backoff: { delay: '250ms' } }).backoff, { delayMs: 250, factor: 2, maxMs: 30_000 });
    assert.deepEqual(nodeWith({ backoff: { delay: 1, factor: 3, max: '1m' } }).backoff, { delayMs: 1, factor: 3, maxMs: 60_000 });
    assert.deepEqual(nodeWith({ backoff: { delay: '1m' } }).backoff, { delayMs: 60_000, factor: 2, maxMs: 60_000 });
  });

  it('makes groups of nested lists and of every builder', () => {
    const two = [step('a', work), step('b', work)];
    const every = { operator: 'all', required: 2, ...group };
    const one = { operator: 'any', required: 1, ...group };
    assert.deepEqual(groupOf(two), every);
    assert.deepEqual(groupOf(all(two)), every);
    assert.deepEqual(groupOf(any(two)), one);
    assert.deepEqual(groupOf(any([])), one);
    assert.deepEqual(groupOf(all([])), { ...every, required: 0 });
    assert.deepEqual(groupOf(atLeast(2, two)), { ...every, operator: 'atLeast' });
    assert.deepEqual(groupOf(all(two, { settle: 'first', onConflict: 'error', maxWorkers: 1, timeout: '1s', operator: 'all' })), {
      operator: 'all',
      required: 2,
      settle: 'first',
      onConflict: 'error',
      maxWorkers: 1,
      timeoutMs: 1000,
    });
  });

  it('makes groups of the original API', () => {
    const two = [step('a', work), step('b', work)];
    const every = { operator: 'all', required: 2, ...group };
    const one = { operator: 'any', required: 1, ...group };
    assert.deepEqual(groupOf(parallel(two)), every);
    assert.deepEqual(groupOf(parallel(two, { operator: LogicOperator.AND })), every);
    assert.deepEqual(groupOf(parallel(two, { operator: 'any' })), one);
    assert.deepEqual(groupOf(parallel(two, new ParallelConfig({ operator: LogicOperator.OR, maxWorkers: 3 }))), { ...one, maxWorkers: 3 });
    assert.deepEqual(groupOf(parallel(two, new ParallelConfig(LogicOperator.OR, '30s'))), { ...one, timeoutMs: 30_000 });
    assert.deepEqual(groupOf(parallel(two, { operator: 'atLeast', count: 1 })), { ...every, operator: 'atLeast', required: 1 });
  });

  it('takes objects with a run method for steps', () => {
    class Load extends PipelineStep {
      readonly id = 'load';
      override readonly retries = 2;
      override get timeout() {
        return '3s' as const;
      }
      run(context: PipelineContext): string {
        return `${this.id} in ${context.cwd}`;
      }
    }
    const { plan, steps } = build([new Load(), { id: 'plain', critical: false, run: () => 'done' }], { locate: (site) => site });
    const [load, plain] = stepsOf(plan);
    assert.deepEqual([load?.id, load?.retries, load?.timeoutMs, load?.critical], ['load', 2, 3000, true]);
    assert.deepEqual([plain?.id, plain?.critical], ['plain', false]);
    assert.match(load?.location?.file ?? '', /build-plan\.test\.ts$/);
    const context = { cwd: '/project' } as PipelineContext;
    assert.equal(steps.get('load')?.run?.(context), 'load in /project');
  });

  it('keeps what a plugin is told where JSON can say it', () => {
    const options = (value: unknown): unknown => stepsOf(build([step('a', { uses: 'x', with: value })]).plan)[0]?.with;
    assert.deepEqual(options({ list: [1, null, { deep: true }], none: undefined }), { list: [1, null, { deep: true }] });
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    for (const value of [{ when: new Date(0) }, { call: work }, { count: 1n }, { nan: Number.NaN }, [undefined], new Map(), loop]) {
      assert.equal(options(value), undefined);
    }
    // Twice the same object is no circle.
    const shared = { a: 1 };
    assert.deepEqual(options([shared, shared]), [shared, shared]);
    assert.ok(Object.hasOwn(Object(options(JSON.parse('{"__proto__": 1}'))), '__proto__'));
  });

  it('says where a step runs', () => {
    const plugin = (executor: ExecutorName): PluginImplementation => ({
      name: 'x',
      description: undefined,
      executor,
      options: undefined,
      run: work,
    });
    const of = (definition: StepDefinition, options: Partial<BuildPlanOptions> = {}, executor?: ExecutorName): unknown =>
      stepsOf(buildPlan(definePipeline([definition], executor === undefined ? {} : { executor }), { name: 'p', ...options }).plan)[0]
        ?.executor;
    const base = { kind: 'step', id: 'a', settings: {} } as const;
    const uses = step('a', { uses: 'x' });
    assert.equal(of(step('a', work)), 'threads');
    assert.equal(of(step('a', work), {}, 'inline'), 'inline');
    assert.equal(of(step('a', work), { defaultExecutor: 'threads' }, 'inline'), 'threads');
    assert.equal(of(step('a', work, { executor: 'threads' }), { defaultExecutor: 'inline' }), 'threads');
    assert.equal(of({ ...base, plugin: plugin('inline') }), 'inline');
    assert.equal(of({ ...base, plugin: plugin('inline'), settings: { executor: 'threads' } }), 'threads');
    assert.equal(of({ ...base, plugin: plugin('threads') }, { defaultExecutor: 'inline' }), 'inline');
    assert.equal(of(uses, { executorOf: () => 'inline' }), 'inline');
    assert.equal(of(uses, { executorOf: () => undefined }), 'threads');
  });

  it('takes the settings of the pipeline over', () => {
    const settings = { description: 'All of it', failFast: false, timeout: '10m', concurrency: 3 } as const;
    const { plan } = buildPlan(definePipeline([], settings), { name: 'ci' });
    assert.deepEqual(plan, {
      kind: 'pipeline',
      id: 'ci',
      description: 'All of it',
      weight: 100,
      timeoutMs: 600_000,
      failFast: false,
      concurrency: 3,
      children: [],
    });
    assert.equal(buildPlan(definePipeline([]), { name: 'ci' }).plan.failFast, true);
  });

  it('tells where each node was written', () => {
    const { plan } = build([step('a', work), sequence([step('b', work)])], {
      locate: ({ line, column }) => ({ file: 'f.ts', line, column }),
    });
    const [a, group, b] = nodesOf(plan).map(({ location }) => location);
    assert.ok(a && group && b);
    assert.deepEqual([a.line, a.line], [group.line, b.line]);
    assert.ok(a.column < group.column && group.column < b.column);
  });

  it('cannot be changed', () => {
    const { plan } = build([[step('a', work)]]);
    for (const node of [plan, ...nodesOf(plan)]) {
      assert.ok(Object.isFrozen(node));
      if (node.kind !== 'step') assert.ok(Object.isFrozen(node.children));
    }
  });

  it('is plain JSON, and holds every step once, whatever the tree', () => {
    fc.assert(
      fc.property(arbitraryShapes, (shapes) => {
        const { plan, steps } = buildPlan(pipelineOf(shapes), { name: 'p', locate: (site) => site });
        assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
        assert.deepEqual(
          stepsOf(plan).map(({ id }) => id),
          [...steps.keys()],
        );
      }),
    );
  });
});
