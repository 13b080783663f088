import assert from 'node:assert/strict';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { EngineRefusal } from '../../../extension/src/engine/engine-error.ts';
import { isAlive, markProcesses } from '../../support/processes.ts';
import { addFiles, makeProject, removeProjects } from '../../support/project.ts';
import { closeEngines, makeFakeProject, openEngine } from './engines.ts';
import { byPerson } from './imagined.ts';

describe('the engine of a project', () => {
  afterEach(closeEngines);
  after(removeProjects);

  it('shows the pipelines, with the versions that it chose', async () => {
    const open = openEngine({ root: makeFakeProject(['a', 'b']) });
    assert.equal(open.project()?.state, 'loading');
    await open.engine.load();
    assert.equal(open.project()?.state, 'ready');
    assert.deepEqual(
      open.project()?.pipelines.map(({ name }) => name),
      ['ci'],
    );
    assert.equal(open.project()?.coreVersion, '1.2.3');
    assert.equal(open.project()?.node, `${process.versions.node} (setting treadle.nodePath)`);
    assert.equal(open.stateOf('a'), 'idle');
  });

  it('starts one engine however often it is asked', async () => {
    const mark = markProcesses();
    const open = openEngine({ root: makeFakeProject(['a']), env: mark.env });
    await Promise.all([open.engine.load(), open.engine.load(), open.engine.run({}, byPerson)]);
    assert.equal(mark.living().length, 1);
  });

  it('follows a run to its end', async () => {
    const open = openEngine({ root: makeFakeProject(['a']) });
    const { runId } = await open.engine.run({ pipeline: 'ci' }, byPerson);
    assert.equal(open.stateOf('a'), 'queued');
    assert.deepEqual(open.engine.runIds, [runId]);
    await open.until('the end', () => open.store.run(runId)?.state === 'passed');
    assert.equal(open.stateOf('a'), 'passed');
    // Its answer comes after all that was said before.
    await open.engine.cancel({});
    assert.deepEqual(open.engine.runIds, []);
  });

  it('loses no event that comes before the answer which names its run', async () => {
    const open = openEngine({ root: makeFakeProject(['early']) });
    const { runId } = await open.engine.run({}, byPerson);
    await open.until('the end', () => open.store.run(runId)?.state === 'passed');
    assert.equal(open.stateOf('early'), 'passed');
  });

  it('hands on what the engine refuses', async () => {
    const open = openEngine({ root: makeFakeProject(['a']) });
    await assert.rejects(open.engine.run({ only: ['lnt'] }, byPerson), (error) => {
      return error instanceof EngineRefusal && error.error.code === 'E_STEP_UNKNOWN' && error.message === 'There is no step "lnt".';
    });
    assert.equal(open.project()?.state, 'ready');
  });

  it('shows a crash, ends its runs, and works again when it is asked to', async () => {
    const open = openEngine({ root: makeFakeProject(['crash', 'a']) });
    const { runId } = await open.engine.run({}, byPerson);
    await open.until('the crash', () => open.project()?.state === 'broken');
    assert.deepEqual(open.project()?.problem, { kind: 'engine', message: 'The engine ended with exit code 9.' });
    assert.equal(open.project()?.pipelines.length, 1);
    assert.equal(open.store.run(runId)?.state, 'failed');
    assert.deepEqual([open.stateOf('crash'), open.stateOf('a')], ['cancelled', 'idle']);
    const again = await open.engine.run({ only: ['a'] }, byPerson);
    await open.until('the end', () => open.store.run(again.runId)?.state === 'passed');
    assert.equal(open.project()?.state, 'ready');
    assert.equal(open.project()?.problem, undefined);
  });

  it('gives up an engine that does not answer any more', async () => {
    const mark = markProcesses();
    const timing = { patience: { heartbeatMs: 20, missed: 5 } };
    const open = openEngine({ root: makeFakeProject(['spin']), env: mark.env, timing });
    await open.engine.run({}, byPerson);
    await open.until('the end', () => open.project()?.state === 'broken');
    assert.match(JSON.stringify(open.project()?.problem), /has not answered for/);
    assert.deepEqual(await mark.leftovers(), []);
  });

  it('keeps an engine that answers, however long it runs', async () => {
    const timing = { patience: { heartbeatMs: 5, missed: 2000 } };
    const open = openEngine({ root: makeFakeProject(['slow']), timing });
    await open.engine.run({}, byPerson);
    const { pid } = open.engine;
    await open.engine.cancel({});
    await open.until('the end', () => open.stateOf('slow') === 'cancelled');
    assert.equal(open.engine.pid, pid);
  });

  it('leaves no process when it is closed, even of an engine that does not want to end', async () => {
    const mark = markProcesses();
    const open = openEngine({ root: makeFakeProject(['slow']), env: { ...mark.env, FAKE_ENGINE: 'survives' } });
    await open.engine.run({}, byPerson);
    const { pid = 0 } = open.engine;
    assert.ok(isAlive(pid));
    assert.equal(readdirSync(open.records).length, 1);
    await open.engine.dispose(200);
    assert.deepEqual(await mark.leftovers(), []);
    await assert.rejects(open.engine.run({}, byPerson), /is closed/);
  });

  it('can be closed while it starts', async () => {
    const mark = markProcesses();
    const open = openEngine({ root: makeFakeProject(['a']), env: { ...mark.env, FAKE_ENGINE: 'silent' } });
    const loading = open.engine.load();
    await mark.reaches(1);
    await open.engine.dispose(1000);
    await loading;
    assert.deepEqual(await mark.leftovers(), []);
  });

  it('restarts, also while it starts', async () => {
    const open = openEngine({ root: makeFakeProject(['slow']) });
    const loading = open.engine.load();
    await open.engine.restart();
    await loading;
    const { pid } = open.engine;
    const { runId } = await open.engine.run({}, byPerson);
    await open.engine.restart();
    assert.notEqual(open.engine.pid, pid);
    assert.equal(open.store.run(runId)?.state, 'cancelled');
    assert.equal(open.project()?.state, 'ready');
  });

  for (const [mode, what] of [
    ['exits', /"engine".*ended with exit code 7: Something is missing\./],
    ['silent', /"engine".*did not answer within 1 s of its start/],
    ['refuses', /"version".*"coreVersion":"1.2.3".*It speaks 99 only\. Update the older/],
    ['protocol 99', /"version".*It speaks version 99 of the protocol/],
  ] as const) {
    it(`says why there is no engine: ${mode}`, async () => {
      const mark = markProcesses();
      const env = { ...mark.env, FAKE_ENGINE: mode };
      const open = openEngine({ root: makeFakeProject(['a']), env, timing: { startLimitMs: mode === 'silent' ? 1000 : 15_000 } });
      await open.engine.load();
      assert.equal(open.project()?.state, 'broken');
      assert.match(JSON.stringify(open.project()?.problem), what);
      assert.deepEqual(await mark.leftovers(), []);
    });
  }

  it('says that there is no Treadle, and finds it once it is installed', async () => {
    const root = makeProject({ 'treadle.config.json': '{"steps":["a"]}' });
    const open = openEngine({ root });
    await open.engine.load();
    assert.deepEqual(open.project()?.problem, { kind: 'no-treadle' });
    const packagePath = join(makeFakeProject([]), 'node_modules/treadle');
    addFiles(root, { 'node_modules/treadle/package.json': '{}' });
    const other = openEngine({ root, settings: { packagePath } });
    await other.engine.load();
    assert.equal(other.project()?.state, 'ready');
  });

  it('loads the project anew when one of its files is saved, and keeps the pipelines when it is broken', async () => {
    const root = makeFakeProject(['a']);
    const open = openEngine({ root });
    await open.engine.load();
    const config = join(root, 'treadle.config.json');
    addFiles(root, { 'treadle.config.json': '{"steps":["a","b"]}' });
    await open.engine.filesChanged([config]);
    assert.equal(open.stateOf('b'), 'idle');
    addFiles(root, { 'treadle.config.json': '{"steps":["a"' });
    await open.engine.filesChanged([config]);
    assert.equal(open.project()?.problem?.kind, 'config');
    assert.equal(open.project()?.pipelines.length, 1);
    addFiles(root, { 'treadle.config.json': '{"steps":["b"]}' });
    await open.engine.filesChanged([config]);
    assert.deepEqual([open.project()?.problem, open.stateOf('a'), open.stateOf('b')], [undefined, undefined, 'idle']);
  });

  it('knows its files under the name that the folder was opened by', async () => {
    const root = makeFakeProject(['a']);
    const link = join(makeProject({}), 'link');
    symlinkSync(root, link);
    const open = openEngine({ root: link });
    await open.engine.load();
    addFiles(root, { 'treadle.config.json': '{"steps":["b"]}' });
    await open.engine.filesChanged([join(link, 'treadle.config.json')]);
    assert.equal(open.stateOf('b'), 'idle');
  });

  it('does not start a dead engine again with each save, but for a person it does', async () => {
    const mark = markProcesses();
    const root = makeFakeProject(['crash']);
    const open = openEngine({ root, env: mark.env, timing: { backoffMs: 60_000 } });
    await open.engine.run({}, byPerson);
    await open.until('the crash', () => open.project()?.state === 'broken');
    await open.engine.filesChanged([join(root, 'treadle.config.json')]);
    assert.equal(open.project()?.state, 'broken');
    assert.deepEqual(await mark.leftovers(), []);
    await open.engine.reload();
    assert.equal(open.project()?.state, 'ready');
  });

  it('tells each new engine what is watched', async () => {
    const open = openEngine({ root: makeFakeProject(['a']), watched: ['ci'] });
    await open.engine.load();
    await open.until('the toggle', () =>
      open.logged.some((line) => line.endsWith('setWatch {"pipeline":"ci","enabled":true,"whenBusy":"restart"}')),
    );
    await open.engine.setWatch('ci', false);
    await open.until('the other', () => open.logged.some((line) => line.endsWith('setWatch {"pipeline":"ci","enabled":false}')));
  });
});
