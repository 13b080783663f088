import assert from 'node:assert/strict';
import type { Notice } from '../../../extension/src/notice.ts';
import { RunController } from '../../../extension/src/run-controller.ts';
import { WatchedPipelines, type Memory } from '../../../extension/src/watched-pipelines.ts';
import type { EngineTiming } from '../../../extension/src/engine/project-engine.ts';
import { markProcesses } from '../../support/processes.ts';
import { removeProjects } from '../../support/project.ts';
import { closeEngines, makeFakeProject, openEngine, type OpenEngine } from './engines.ts';

interface Setup extends OpenEngine {
  readonly runs: RunController;
  readonly told: readonly Notice[];
  readonly memory: ReadonlyMap<string, unknown>;
  keyOf(id: string): string;
}

function setUp(steps: readonly string[], env: { readonly [name: string]: string } = {}, timing: Partial<EngineTiming> = {}): Setup {
  const open = openEngine({ root: makeFakeProject(steps), env, timing });
  const told: Notice[] = [];
  const memory = new Map<string, unknown>();
  const { engine, store } = open;
  const runs = new RunController({
    store,
    engines: {
      all: [engine],
      get: (key) => (key === engine.key ? engine : undefined),
      settingsOf: () => ({ nodePath: '', packagePath: '', env: {}, maxWorkers: 0, whenBusy: 'restart' }),
    },
    watched: new WatchedPipelines(memoryOf(memory)),
    tell: (notice) => void told.push(notice),
    translate: (text, ...values) => text.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)])),
    forgetPrograms: () => undefined,
  });
  return { ...open, runs, told, memory, keyOf: (id) => store.nodeKey(engine.key, 'ci', id) };
}

function memoryOf(values: Map<string, unknown>): Memory {
  return {
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key, value) => void values.set(key, value),
  };
}

describe('running and stopping', () => {
  afterEach(closeEngines);
  after(removeProjects);

  it('starts the engine for the first order, and shows at once that its steps wait', async () => {
    const { engine, runs, store, stateOf, until } = setUp(['a']);
    await engine.load();
    const run = runs.run({ project: engine.key, pipeline: 'ci' });
    assert.equal(stateOf('a'), 'queued');
    const started = await run;
    await until('the end', () => stateOf('a') === 'passed');
    assert.equal(store.run(started?.runId ?? '')?.trigger.kind, 'person');
  });

  it('tells what the engine refuses, and shows the steps as they were', async () => {
    const { engine, runs, told, stateOf } = setUp(['a']);
    await engine.load();
    const run = runs.run({ project: engine.key, pipeline: 'ci', only: ['a', 'gone'] });
    assert.equal(stateOf('a'), 'queued');
    await run;
    const refused = await runs.run({ project: engine.key, pipeline: 'ci', only: ['gone'] });
    assert.equal(refused, undefined);
    assert.deepEqual(
      told.map(({ message, project, error }) => [message, project, error?.code]),
      [['The run could not be started. There is no step "gone".', engine.key, 'E_STEP_UNKNOWN']],
    );
  });

  it('tells once when no engine can be started', async () => {
    const { engine, runs, told, project } = setUp(['a'], { FAKE_ENGINE: 'exits' });
    assert.equal(await runs.run({ project: engine.key, pipeline: 'ci' }), undefined);
    assert.deepEqual(
      told.map(({ message }) => message),
      ['The run could not be started. The engine ended with exit code 7: Something is missing.'],
    );
    assert.equal(project()?.problem?.kind, 'engine');
  });

  it('stops a step, a pipeline, a run and everything', async () => {
    const { engine, runs, store, stateOf, keyOf, until, told } = setUp(['slow']);
    const stops = [
      () => runs.stop(keyOf('slow')),
      () => runs.stop(keyOf('pipeline')),
      (runId: string) => runs.stopRun(runId),
      () => runs.stopAll(),
      () => runs.stopAll({ force: true }),
    ];
    for (const stop of stops) {
      const started = await runs.run({ project: engine.key, pipeline: 'ci' });
      const runId = started?.runId ?? '';
      await until('the start', () => stateOf('slow') === 'running');
      await stop(runId);
      await until('the end', () => store.run(runId)?.state === 'cancelled');
      assert.equal(stateOf('slow'), 'cancelled');
    }
    assert.deepEqual(told, []);
  });

  it('stops an order while the engine is still starting: nothing is run', async () => {
    const mark = markProcesses();
    const { engine, runs, store, told } = setUp(['slow'], { ...mark.env, FAKE_ENGINE: 'silent' });
    const run = runs.run({ project: engine.key, pipeline: 'ci' });
    await mark.reaches(1);
    await runs.stopAll();
    assert.equal(await run, undefined);
    assert.deepEqual([store.runs, told], [[], []]);
  });

  it('stops an order whose steps are queued: nothing is run, and they are as they were', async () => {
    const { engine, runs, stateOf, keyOf, store } = setUp(['slow', 'b']);
    await engine.load();
    const run = runs.run({ project: engine.key, pipeline: 'ci' });
    assert.equal(stateOf('b'), 'queued');
    await runs.stop(keyOf('pipeline'));
    assert.equal(stateOf('b'), 'idle');
    assert.equal(await run, undefined);
    assert.deepEqual(store.runs, []);
  });

  it('kills an engine that a step keeps busy, when it is forced to', async () => {
    const mark = markProcesses();
    const { engine, runs, stateOf, until, told, project, logged } = setUp(['spin'], mark.env, { cancelLimitMs: 100 });
    await runs.run({ project: engine.key, pipeline: 'ci' });
    await until('the start', () => logged.some((line) => line.endsWith('now spin')));
    await runs.stopAll();
    assert.match(told[0]?.message ?? '', /does not answer.*Force Stop/);
    await runs.stopAll({ force: true });
    await until('the end', () => project()?.state === 'broken');
    assert.equal(stateOf('spin'), 'cancelled');
    assert.deepEqual(await mark.leftovers(), []);
  });

  it('runs again what was asked for last', async () => {
    const { engine, runs, store, until, told } = setUp(['a', 'b']);
    await runs.rerunLast();
    assert.deepEqual(
      told.map(({ message }) => message),
      ['Nothing has been run yet.'],
    );
    const first = await runs.run({ project: engine.key, pipeline: 'ci', only: ['b'] });
    const second = await runs.rerunLast();
    await until('the end', () => store.run(second?.runId ?? '')?.state === 'passed');
    assert.notEqual(first?.runId, second?.runId);
    assert.deepEqual(store.run(second?.runId ?? '')?.only, ['b']);
    assert.equal(await runs.runFailed(), undefined);
    assert.equal(told.at(-1)?.message, 'Nothing failed in the last run.');
  });

  it('asks engines what failed before this window', async () => {
    const { engine, runs, told } = setUp(['a']);
    await engine.load();
    assert.equal(await runs.runFailed(), undefined);
    assert.deepEqual(
      told.map(({ message }) => message),
      ['Nothing failed in the last run.'],
    );
  });

  it('remembers what is watched in the workspace', async () => {
    const { engine, runs, memory, project, told } = setUp(['a']);
    await engine.load();
    await runs.setWatch(engine.key, 'ci', true);
    assert.equal(project()?.pipelines[0]?.watched, true);
    assert.deepEqual(new WatchedPipelines(memoryOf(new Map(memory))).of(engine.key), ['ci']);
    await runs.setWatch(engine.key, 'ci', false);
    assert.deepEqual(new WatchedPipelines(memoryOf(new Map(memory))).projects, []);
    assert.deepEqual(new WatchedPipelines(memoryOf(new Map([['treadle.watched', { a: 3, b: ['x', 4] }]]))).projects, ['b']);
    assert.deepEqual(told, []);
  });

  it('says so when there is nothing to run with', async () => {
    const { runs, told, store } = setUp(['a']);
    await runs.run({ project: '/gone', pipeline: 'ci' });
    const facts = { key: '/b', label: 'shop', configFile: '/b', root: '/' };
    store.setProject({ ...facts, state: 'broken', problem: { kind: 'untrusted' } });
    await runs.run({ project: '/b', pipeline: 'ci' });
    assert.deepEqual(
      told.map(({ message }) => message),
      ['There is no pipeline file /gone any more.', 'shop cannot run before you trust this workspace.'],
    );
  });
});
