import assert from 'node:assert/strict';
import type { RunEvent } from '../../../core/contract/events.ts';
import type { Plan } from '../../../core/contract/plan.ts';
import type { StoreChange } from '../../../extension/src/store/records.ts';
import type { Store } from '../../../extension/src/store/store.ts';
import { groupNode, pipelineNode, sequenceNode, stepNode } from '../../support/plans.ts';
import { someError } from '../../support/run-events.ts';
import { finished, pipelineOf, project, storeWith } from './imagined.ts';
import { Sender } from './sender.ts';

const plan = finished(
  pipelineNode([
    stepNode('install'),
    groupNode('checks', [stepNode('types'), sequenceNode('built', [stepNode('build'), stepNode('unit')])]),
    stepNode('report'),
  ]),
);

function stateOf(store: Store, id: string): string | undefined {
  return store.node(store.nodeKey(project, 'ci', id))?.state;
}

function statesOf(store: Store): string {
  return ['install', 'checks', 'types', 'built', 'build', 'unit', 'report'].map((id) => `${id} ${stateOf(store, id)}`).join(', ');
}

/** A part of the plan that holds one step. */
const onlyTypes = finished(pipelineNode([groupNode('checks', [stepNode('types')])]));

describe('the store', () => {
  it('shows what waits for its turn as queued, and goes on from there', () => {
    const store = storeWith(pipelineOf(plan));
    assert.equal(stateOf(store, 'ci'), 'idle');
    const run = new Sender(store, 'one', plan);
    run.send({ type: 'run:start', pipeline: 'ci', plan, cwd: '/project' });
    run.start('install');
    assert.equal(stateOf(store, 'ci'), 'running');
    assert.equal(statesOf(store), 'install running, checks queued, types queued, built queued, build queued, unit queued, report queued');
    run.end('install');
    run.send({ type: 'group:start', id: 'checks' });
    run.start('build');
    assert.equal(statesOf(store), 'install passed, checks running, types queued, built running, build running, unit queued, report queued');
  });

  it('shows steps as queued before the engine has answered, and takes that back when it refuses', () => {
    const store = storeWith(pipelineOf(plan));
    new Sender(store, 'one', plan).run('types', 'failed');
    store.loseRun('one', 'gone', 'failed');
    const before = store.node(store.nodeKey(project, 'ci', 'types'));
    const takeBack = store.markQueued(project, 'ci', ['checks']);
    assert.equal(statesOf(store), 'install idle, checks queued, types queued, built queued, build queued, unit queued, report idle');
    assert.equal(stateOf(store, 'ci'), 'queued');
    takeBack();
    assert.equal(store.node(store.nodeKey(project, 'ci', 'types')), before);
    assert.equal(statesOf(store), 'install idle, checks idle, types failed, built idle, build idle, unit idle, report idle');
  });

  it('keeps what other steps said when one is run again', () => {
    const store = storeWith(pipelineOf(plan));
    const whole = new Sender(store, 'one', plan);
    whole.run('install');
    whole.run('types', 'failed');
    whole.run('build', 'failed');
    whole.finish('failed');
    const build = store.node(store.nodeKey(project, 'ci', 'build'));
    const again = new Sender(store, 'two', onlyTypes);
    assert.equal(store.node(store.nodeKey(project, 'ci', 'ci'))?.failedSteps, 1);
    again.run('types');
    again.finish();
    assert.equal(store.node(store.nodeKey(project, 'ci', 'build')), build);
    assert.equal(stateOf(store, 'types'), 'passed');
    assert.equal(store.node(store.nodeKey(project, 'ci', 'ci'))?.failedSteps, 1);
  });

  it('counts the percentage of a group from what takes part in the run', () => {
    const store = storeWith(pipelineOf(plan));
    const run = new Sender(store, 'one', onlyTypes);
    run.start('types');
    run.send({ type: 'step:progress', id: 'types', percent: 40, overall: 40 });
    assert.equal(store.node(store.nodeKey(project, 'ci', 'checks'))?.percent, 40);
    assert.equal(store.node(store.nodeKey(project, 'ci', 'ci'))?.percent, 40);
    assert.equal(store.run('one')?.overall, 40);
  });

  it('gives steps that never started their last result back, and stops what ran, when the engine is lost', () => {
    const store = storeWith(pipelineOf(plan));
    const first = new Sender(store, 'one', plan);
    first.run('report', 'failed');
    first.finish('failed');
    const report = store.node(store.nodeKey(project, 'ci', 'report'));
    const second = new Sender(store, 'two', plan);
    second.start('build');
    store.loseRun('two', 'The engine was killed.', 'failed');
    assert.equal(store.node(store.nodeKey(project, 'ci', 'report')), report);
    assert.equal(stateOf(store, 'build'), 'cancelled');
    assert.equal(stateOf(store, 'built'), 'cancelled');
    assert.equal(stateOf(store, 'ci'), 'failed');
    assert.equal(store.node(store.nodeKey(project, 'ci', 'ci'))?.error?.message, 'The engine was killed.');
    assert.equal(store.run('two')?.state, 'failed');
  });

  it('replaces tests and findings when a step starts, not before', () => {
    const store = storeWith(pipelineOf(plan));
    const key = store.nodeKey(project, 'ci', 'types');
    const first = new Sender(store, 'one', plan);
    first.start('types');
    const bad = { file: 'a.ts', line: 1, column: 1, severity: 'error', message: 'bad', source: 'tsc' } as const;
    first.send({ type: 'step:diagnostic', id: 'types', ...bad }, { type: 'step:diagnostic', id: 'types', ...bad, line: 2 });
    first.send({ type: 'step:test', id: 'types', name: 'adds', path: [], status: 'passed', durationMs: 1 });
    first.end('types', 'failed');
    first.finish('failed');
    assert.deepEqual(
      store.node(key)?.diagnostics.map(({ line }) => line),
      [1, 2],
    );
    const second = new Sender(store, 'two', plan);
    assert.equal(store.node(key)?.diagnostics.length, 2);
    assert.equal(store.node(key)?.tests.length, 1);
    second.start('types');
    assert.deepEqual([store.node(key)?.diagnostics, store.node(key)?.tests], [[], []]);
  });

  it('remembers how long a step took the time before', () => {
    const store = storeWith(pipelineOf(plan));
    const key = store.nodeKey(project, 'ci', 'types');
    const first = new Sender(store, 'one', plan);
    first.run('types', 'passed', 100);
    first.finish();
    const second = new Sender(store, 'two', plan);
    assert.deepEqual([store.node(key)?.durationMs, store.node(key)?.lastDurationMs], [undefined, 100]);
    second.run('types', 'cancelled', 7);
    second.finish('cancelled');
    // A run that was stopped does not say how long it takes.
    const third = new Sender(store, 'three', plan);
    third.run('types', 'passed', 80);
    assert.deepEqual([store.node(key)?.durationMs, store.node(key)?.lastDurationMs], [80, 100]);
  });

  it('draws each attempt as a span of its own', () => {
    const store = storeWith(pipelineOf(plan));
    const run = new Sender(store, 'one', plan);
    run.start('types');
    run.send({ type: 'step:retry', id: 'types', attempt: 2, delayMs: 0, error: someError });
    run.start('types', 2);
    const [first, second] = store.run('one')?.spans ?? [];
    assert.deepEqual([first?.state, first?.startedAt, first?.endedAt], ['retried', 0, 1000]);
    assert.deepEqual([second?.state, second?.attempt, second?.startedAt, second?.endedAt], ['running', 2, 2000, undefined]);
    const type = 'step:end';
    run.send({ type, id: 'types', status: 'passed', durationMs: 1, attempts: 2, flaky: true, cached: false, overall: 25, thread: 3 });
    assert.deepEqual(
      store.run('one')?.spans.map(({ state, thread }) => [state, thread]),
      [
        ['retried', undefined],
        ['passed', 3],
      ],
    );
    assert.equal(second?.state, 'running');
  });

  it('keeps the last mebibyte of what a step wrote, and starts afresh with the step', () => {
    const store = storeWith(pipelineOf(plan));
    const key = store.nodeKey(project, 'ci', 'types');
    const heard: string[] = [];
    store.onDidOutput((of, text) => void (of === key && heard.push(text)));
    const run = new Sender(store, 'one', plan);
    run.start('types');
    for (let index = 0; index < 40; index += 1) {
      run.send({ type: 'step:output', id: 'types', stream: 'stdout', text: `${String(index).padStart(4, '0')}${'x'.repeat(60_000)}` });
    }
    const output = store.output(key);
    assert.equal(output.length, 1024 * 1024);
    assert.ok(output.includes('0039xxx') && output.includes('0023xxx') && !output.includes('0022xxx'));
    assert.equal(heard.length, 40);
    run.finish('cancelled');
    const again = new Sender(store, 'two', plan);
    assert.equal(store.output(key), output);
    again.start('types');
    assert.equal(store.output(key), '');
  });

  it('tells how long a step usually takes where it has not run to its end in this window', () => {
    const store = storeWith(pipelineOf(plan));
    const times = (): readonly (number | undefined)[] => {
      const node = store.node(store.nodeKey(project, 'ci', 'types'));
      return [node?.lastDurationMs, node?.usualDurationMs];
    };
    const run = (runId: string, status: 'passed' | 'cancelled', attempts = 1): void => {
      const sender = new Sender(store, runId, plan);
      sender.send({ type: 'run:start', pipeline: 'ci', plan, cwd: '/project', expected: { types: 7000 } });
      for (let attempt = 1; attempt <= attempts; attempt += 1) sender.start('types', attempt);
      sender.end('types', status, 3000);
      sender.finish();
    };
    run('one', 'cancelled');
    assert.deepEqual(times(), [undefined, 7000]);
    run('two', 'passed', 2);
    assert.deepEqual(times(), [undefined, 7000]);
    run('three', 'passed');
    assert.deepEqual(times(), [3000, undefined]);
  });

  it('says where output was left out of a batch', () => {
    const store = storeWith(pipelineOf(plan));
    const key = store.nodeKey(project, 'ci', 'types');
    new Sender(store, 'one', plan).start('types');
    const event: RunEvent = { v: 1, seq: 9, ts: 9, runId: 'one', type: 'step:output', id: 'types', stream: 'stdout', text: 'the end' };
    store.applyBatch({ runId: 'one', events: [event], omitted: { types: 12_345 } });
    assert.match(store.output(key), /^\n\[… 12345 bytes are left out here.*\]\nthe end$/);
  });

  it('keeps fifty runs, the newest first, and never forgets one that goes on', () => {
    const store = storeWith(pipelineOf(plan));
    new Sender(store, 'endless', onlyTypes);
    for (let index = 0; index < 60; index += 1) new Sender(store, `run ${index}`, plan).finish();
    assert.equal(store.runs.length, 51);
    assert.equal(store.runs[0]?.runId, 'run 59');
    assert.equal(store.runs.at(-1)?.runId, 'endless');
    store.dropRuns(['endless', 'run 59']);
    assert.deepEqual([store.runs[0]?.runId, store.runs.length], ['run 58', 50]);
  });

  it('keeps results when the pipeline file changes, and forgets nodes that are gone', () => {
    const store = storeWith(pipelineOf(plan));
    const run = new Sender(store, 'one', plan);
    run.run('types', 'failed');
    run.run('install');
    run.finish('failed');
    const next = finished(pipelineNode([groupNode('checks', [stepNode('types'), stepNode('lint')]), sequenceNode('install', [])]));
    store.setPipelines(project, { root: '/project', pipelines: [pipelineOf(next)], plugins: [], problems: [] });
    assert.deepEqual([stateOf(store, 'types'), stateOf(store, 'lint'), stateOf(store, 'build')], ['failed', 'idle', undefined]);
    // What is now something else has not run.
    assert.equal(stateOf(store, 'install'), 'idle');
    assert.equal(store.node(store.nodeKey(project, 'ci', 'ci'))?.failedSteps, 1);
    assert.equal(store.node(store.nodeKey(project, 'ci', 'types'))?.parent, store.nodeKey(project, 'ci', 'checks'));
  });

  it('takes events of a run whose plan is no longer the present one', () => {
    const store = storeWith(pipelineOf(plan));
    const run = new Sender(store, 'one', plan);
    run.start('types');
    const next = finished(pipelineNode([stepNode('types')]));
    store.setPipelines(project, { root: '/project', pipelines: [pipelineOf(next)], plugins: [], problems: [] });
    run.run('build');
    run.end('types');
    run.finish();
    assert.deepEqual([stateOf(store, 'types'), stateOf(store, 'build'), stateOf(store, 'ci')], ['passed', undefined, 'passed']);
    assert.equal(store.run('one')?.state, 'passed');
  });

  it('shows a pipeline as running for as long as one of its runs goes on', () => {
    const store = storeWith(pipelineOf(plan));
    const whole = new Sender(store, 'one', plan);
    whole.send({ type: 'run:start', pipeline: 'ci', plan, cwd: '/project' });
    whole.run('install');
    const part = new Sender(store, 'two', onlyTypes);
    part.run('types');
    part.finish();
    assert.equal(stateOf(store, 'ci'), 'running');
    whole.run('types', 'failed');
    whole.finish('failed');
    assert.deepEqual([stateOf(store, 'ci'), stateOf(store, 'types')], ['failed', 'failed']);
  });

  it('keeps pipelines and results apart by name and project', () => {
    const store = storeWith(pipelineOf(plan), pipelineOf(plan, 'other'));
    new Sender(store, 'one', plan).run('types', 'failed');
    assert.equal(store.node(store.nodeKey(project, 'other', 'types'))?.state, 'idle');
    assert.notEqual(store.nodeKey('a', 'b","c', 'd'), store.nodeKey('a', 'b', 'c"]d'));
  });

  it('forgets a project with all that it had', () => {
    const store = storeWith(pipelineOf(plan));
    new Sender(store, 'one', plan).start('types');
    const changes: StoreChange[] = [];
    store.onDidChange((change) => changes.push(change));
    store.removeProject(project);
    assert.deepEqual([store.projects, store.runs, stateOf(store, 'types')], [[], [], undefined]);
    assert.deepEqual([[...(changes[0]?.structure ?? [])], [...(changes[0]?.runs ?? [])]], [[project], ['one']]);
    assert.equal(store.applyBatch({ runId: 'one', events: [] }), false);
  });

  it('does not show as passed what has a step that failed in an earlier run', () => {
    const store = storeWith(pipelineOf(plan));
    const first = new Sender(store, 'one', plan);
    first.run('install');
    first.run('types', 'failed');
    first.run('build');
    first.send({ type: 'group:end', id: 'checks', operator: 'all', status: 'failed', durationMs: 5, conflicts: [] });
    first.finish('failed');
    const part = (id: string): Plan => ({ ...plan, children: plan.children.flatMap((node) => (node.id === id ? [node] : [])) });
    const second = new Sender(store, 'two', part('install'));
    second.run('install');
    second.finish();
    assert.deepEqual([stateOf(store, 'install'), stateOf(store, plan.id)], ['passed', 'failed']);
    const third = new Sender(store, 'three', part('checks'));
    third.run('types');
    third.send({ type: 'group:end', id: 'checks', operator: 'all', status: 'passed', durationMs: 5, conflicts: [] });
    third.finish();
    assert.deepEqual([stateOf(store, 'checks'), stateOf(store, plan.id)], ['passed', 'passed']);
  });

  it('shows what a save affects as queued, and the rest as it was until the run comes to it', () => {
    const store = storeWith(pipelineOf(plan));
    const first = new Sender(store, 'one', plan);
    for (const id of ['install', 'types', 'build', 'unit', 'report']) first.run(id, 'passed', 3000);
    first.finish();
    const states = (): readonly (string | undefined)[] =>
      ['install', 'types', 'built', 'build', 'unit', 'report'].map((id) => stateOf(store, id));
    const second = new Sender(store, 'two', plan, {
      trigger: { kind: 'save', files: ['src/a.ts'] },
      only: [],
      affected: ['types'],
    });
    assert.deepEqual(states(), ['passed', 'queued', 'passed', 'passed', 'passed', 'passed']);
    assert.deepEqual([stateOf(store, plan.id), stateOf(store, 'checks')], ['queued', 'queued']);
    second.run('build');
    assert.deepEqual([stateOf(store, 'built'), stateOf(store, 'unit')], ['passed', 'passed']);
    // It runs after all, as another step left something else for it.
    second.start('unit');
    assert.deepEqual([stateOf(store, 'built'), stateOf(store, 'unit')], ['running', 'running']);
    assert.equal(store.node(store.nodeKey(project, 'ci', 'unit'))?.lastDurationMs, 3000);
    second.end('unit');
    second.finish();
    assert.deepEqual(states(), Array(6).fill('passed'));
  });

  it('remembers which pipelines are watched while the project is broken or loaded anew', () => {
    const store = storeWith();
    store.setWatched(project, 'ci', true);
    store.setPipelines(project, { root: '/project', pipelines: [pipelineOf(plan)], plugins: [], problems: [] });
    assert.equal(store.project(project)?.pipelines[0]?.watched, true);
    store.setProblem(project, { kind: 'config', errors: [someError] });
    assert.deepEqual([store.project(project)?.state, store.project(project)?.pipelines.length], ['broken', 1]);
    const changes: StoreChange[] = [];
    store.onDidChange((change) => changes.push(change));
    store.setWatched(project, 'ci', false);
    assert.deepEqual([...(changes[0]?.nodes ?? [])], [store.project(project)?.pipelines[0]?.node]);
    assert.equal(store.project(project)?.pipelines[0]?.watched, false);
  });

  it('replaces one node and those above it of ten thousand', () => {
    const wide = finished(
      pipelineNode([
        groupNode(
          'all',
          Array.from({ length: 10_000 }, (_, index) => stepNode(`s${index}`)),
        ),
      ]),
    );
    const store = storeWith(pipelineOf(wide));
    const run = new Sender(store, 'one', wide);
    const changes: StoreChange[] = [];
    store.onDidChange((change) => changes.push(change));
    run.start('s5000');
    const key = (id: string): string => store.nodeKey(project, 'ci', id);
    assert.deepEqual(changes, [{ structure: new Set(), nodes: new Set([key('s5000')]), runs: new Set(['one']) }]);
    run.send({ type: 'step:progress', id: 's5000', percent: 50, overall: 0 });
    assert.deepEqual([...(changes[1]?.nodes ?? [])], [key('s5000'), key('all'), key('ci')]);
    assert.equal(changes[1]?.runs.size, 0);
  });

  it('says nothing when nothing changed', () => {
    const store = storeWith(pipelineOf(plan));
    const run = new Sender(store, 'one', plan);
    run.start('types');
    run.send({ type: 'step:progress', id: 'types', percent: 50, overall: 5 });
    store.onDidChange((change) => assert.fail(`${[...change.nodes].join(', ')} ${[...change.runs].join(', ')}`));
    run.send({ type: 'step:progress', id: 'types', percent: 50, overall: 5 });
    run.send({ type: 'step:output', id: 'types', stream: 'stdout', text: 'hello' });
    run.send({ type: 'step:output', id: 'nobody', stream: 'stdout', text: 'hello' });
  });
});
