import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeptHistory } from '../../../extension/src/history/kept-history.ts';
import type { KeptRunRecord } from '../../../extension/src/store/records.ts';
import { RunTests } from '../../../extension/src/runs/run-tests.ts';
import { addFiles, removeProjects } from '../../support/project.ts';
import { closeEngines, makeRealProject, openEngine, type OpenEngine } from './engines.ts';
import { byPerson } from './imagined.ts';

const file = 'treadle.config.ts';
const config = (steps: string): string => `
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default { ci: definePipeline([${steps}]) };
`;
const shop = config(`[shell('lint', 'printf "\\\\033[32mlinted\\\\033[0m"'), shell('types', 'echo typed; exit 3')]`);

interface Reader extends OpenEngine {
  readonly history: KeptHistory;
  /** The run of the other window, as it is known now. */
  kept(): KeptRunRecord;
}

describe('runs that a project has kept', () => {
  const histories: KeptHistory[] = [];
  afterEach(async () => {
    for (const history of histories.splice(0)) history.dispose();
    await closeEngines();
  });
  after(removeProjects);

  /** Runs the pipeline in one window, to its end, and opens another. */
  async function runElsewhere(steps = shop): Promise<{ readonly root: string; readonly runId: string; readonly other: OpenEngine }> {
    const root = makeRealProject({ [file]: steps });
    const other = openEngine({ root, file });
    const { runId } = await other.engine.run({ pipeline: 'ci' }, byPerson);
    await other.until('the end', () => other.store.run(runId)?.state !== 'running');
    return { root, runId, other };
  }

  async function open(root: string): Promise<Reader> {
    const opened = openEngine({ root, file });
    const { store, engine } = opened;
    const history = new KeptHistory({ store, engineOf: () => engine, log: { warn: (message) => assert.fail(message) } });
    histories.push(history);
    history.setVisible(true);
    await engine.load();
    const kept = (): KeptRunRecord => {
      const [run] = store.keptRuns;
      assert.ok(run);
      return run;
    };
    return { ...opened, history, kept };
  }

  it('are told of by the engine, with what their files say once they are opened', async () => {
    const { root, runId } = await runElsewhere();
    const { store, history, kept, until } = await open(root);
    await until('the run', () => store.keptRuns.length === 1);
    const { pipeline, state, counts, isRead, spans } = kept();
    assert.deepEqual([kept().runId, pipeline, state, counts.passed, counts.failed], [runId, 'ci', 'failed', 1, 1]);
    assert.deepEqual([isRead, spans], [false, []]);
    const opened = await history.open(runId);
    assert.deepEqual(opened?.spans.map((span) => `${span.nodeId} ${span.state}`).toSorted(), [
      'all(lint,types) failed',
      'lint passed',
      'types failed',
    ]);
    assert.equal(opened.spans.find(({ nodeId }) => nodeId === 'types')?.error?.code, 'E_COMMAND_FAILED');
    assert.equal(opened.plan?.children[0]?.id, 'all(lint,types)');
    assert.equal(await history.output(runId, 'lint'), '\u001b[32mlinted\u001b[0m');
    assert.equal(await history.output(runId, 'types'), 'typed\n');
    assert.equal(await history.open(runId), opened);
    // What nodes show is of this window alone.
    assert.equal(store.node(store.nodeKey(opened.project, 'ci', 'lint'))?.state, 'idle');
  });

  it('tell why they ran, and of test cases where there are some', async () => {
    const tested = `[step('unit', async (context) => {
      await context.test('adds', () => {});
      await context.test('subtracts', () => { if (context.step.attempt === 1) throw new Error('not yet'); throw new Error('no'); });
    }, { retries: 1, backoff: 0 }), shell('types', 'echo typed')]`;
    const { root, runId } = await runElsewhere(config(tested));
    const { store, history, kept, until } = await open(root);
    await until('the run', () => store.keptRuns.length === 1);
    assert.deepEqual(kept().trigger, { kind: 'editor' });
    const opened = await history.open(runId);
    assert.deepEqual(
      opened?.spans.flatMap(({ nodeId, tests }) => (tests === undefined ? [] : [{ nodeId, ...tests }])),
      [1, 2].map(() => ({ nodeId: 'unit', all: 2, failed: 1 })),
    );
    const tests = await new RunTests(store, history).of(runId, 'unit');
    assert.deepEqual(
      tests?.map(({ name, status, error }) => [name, status, error?.message]),
      [
        ['subtracts', 'failed', 'no'],
        ['adds', 'passed', undefined],
      ],
    );
    assert.deepEqual(await history.tests(runId, 'types'), []);
  });

  it('of this window have the test cases of earlier runs, too', async () => {
    const root = makeRealProject({ [file]: config(`[step('unit', (context) => context.test('adds', () => {}))]`) });
    const { engine, store, history, until } = await open(root);
    const runs: string[] = [];
    for (const _ of [1, 2]) {
      const { runId } = await engine.run({ pipeline: 'ci' }, byPerson);
      await until('the end', () => store.run(runId)?.state === 'passed');
      runs.push(runId);
    }
    const cases = new RunTests(store, history);
    for (const runId of runs)
      assert.deepEqual(
        (await cases.of(runId, 'unit'))?.map(({ name }) => name),
        ['adds'],
      );
  });

  it('are not those of this window', async () => {
    const { root, runId: elsewhere } = await runElsewhere();
    const { engine, store, history, until } = await open(root);
    const { runId } = await engine.run({ pipeline: 'ci' }, byPerson);
    await until('the end', () => store.run(runId)?.state === 'failed');
    history.mark([engine.key]);
    await until('both', () => store.anyRun(elsewhere) !== undefined);
    assert.deepEqual(
      store.keptRuns.map((run) => run.runId),
      [elsewhere],
    );
    // Once this window has forgotten it, it is one as any other.
    store.dropRuns([runId]);
    history.mark([engine.key]);
    await until('both', () => store.keptRuns.length === 2);
  });

  it('are asked for when somebody looks, and not before', async () => {
    const { root, runId } = await runElsewhere();
    const { engine, store } = openEngine({ root, file });
    let asked = 0;
    const counting = { history: (params: { limit?: number }) => (asked++, engine.history(params)) };
    const history = new KeptHistory({ store, engineOf: () => counting, log: { warn: (message) => assert.fail(message) } });
    histories.push(history);
    await engine.load();
    assert.equal(asked, 0);
    // A document that an earlier window left open.
    assert.equal((await history.open(runId))?.pipeline, 'ci');
    assert.equal(asked, 1);
  });

  it('are not looked for where no engine may run', async () => {
    const { root, runId } = await runElsewhere();
    const { store } = openEngine({ root, file });
    const history = new KeptHistory({ store, engineOf: () => undefined, log: { warn: (message) => assert.fail(message) } });
    histories.push(history);
    history.setVisible(true);
    assert.equal(await history.open(runId), undefined);
    assert.equal(await history.output(runId, 'lint'), undefined);
    assert.deepEqual(store.keptRuns, []);
  });

  it('are followed while they go on, and interrupted when their process was killed', async () => {
    const steps = config(`shell('first', 'echo one'), step('wait', () => new Promise(() => setInterval(() => {}, 1000)))`);
    const root = makeRealProject({ [file]: steps });
    const other = openEngine({ root, file });
    const { runId } = await other.engine.run({ pipeline: 'ci' }, byPerson);
    await other.until('the last step', () => other.stateOf('wait') === 'running');
    const { engine, store, history, kept, until } = await open(root);
    await until('the run', () => store.keptRuns.length === 1);
    assert.equal(kept().state, 'running');
    const states = async (): Promise<readonly string[]> =>
      (await history.open(runId))?.spans.map(({ nodeId, state }) => `${nodeId} ${state}`) ?? [];
    assert.deepEqual(await states(), ['first passed', 'wait running']);
    process.kill(other.engine.pid ?? 0, 'SIGKILL');
    await other.until('the engine is gone', () => other.project()?.state === 'broken');
    history.mark([engine.key]);
    await until('the end', () => kept().state === 'interrupted');
    assert.deepEqual(await states(), ['first passed', 'wait interrupted']);
  });

  it('can be read with a torn end, lines of another version, and lines that only look like events', async () => {
    const { root, runId } = await runElsewhere();
    const { store, history, kept, until } = await open(root);
    await until('the run', () => store.keptRuns.length === 1);
    const [begin = ''] = readFileSync(kept().file, 'utf8').split('"type"');
    appendFileSync(kept().file, `${begin}"type":"step:output","id":"lint","stream":"stdout","text":"more"}\n`);
    appendFileSync(kept().file, `${begin}"type":"step:new","id":"lint"}\nnonsense\n${begin}"type":"step:output","id":"lint","te`);
    assert.match((await history.output(runId, 'lint')) ?? '', /linted.*more$/);
    assert.equal((await history.open(runId))?.spans.length, 3);
  });

  it('are gone when their files are', async () => {
    const { root, runId } = await runElsewhere();
    const { store, history, kept, until } = await open(root);
    await until('the run', () => store.keptRuns.length === 1);
    rmSync(kept().file);
    assert.equal(await history.output(runId, 'lint'), undefined);
    assert.equal(await history.open(runId), undefined);
    await until('the list without it', () => store.keptRuns.length === 0);
    assert.equal(await history.open(runId), undefined);
  });

  it('are read from their own folder alone, whatever an engine says', async () => {
    const { root, runId } = await runElsewhere();
    const { engine, store, kept, until } = await open(root);
    await until('the run', () => store.keptRuns.length === 1);
    const { file: good } = kept();
    addFiles(root, { 'secret.ndjson': readFileSync(good, 'utf8') });
    const linked = join(root, '.treadle/runs/linked.ndjson');
    symlinkSync(join(root, 'secret.ndjson'), linked);
    writeFileSync(join(root, '.treadle/runs/notes.txt'), 'text');
    for (const elsewhere of [
      join(root, 'secret.ndjson'),
      join(root, '.treadle/runs/../../secret.ndjson'),
      linked,
      join(root, '.treadle/runs/notes.txt'),
      join(root, '.treadle/runs'),
      'secret.ndjson',
    ]) {
      const lying = { history: async () => [{ ...kept(), status: 'failed' as const, durationMs: 1, steps: [], file: elsewhere }] };
      const told = new KeptHistory({ store, engineOf: () => lying, log: { warn: (message) => assert.fail(message) } });
      histories.push(told);
      told.setVisible(true);
      told.mark([engine.key]);
      await until('the lie', () => kept().file === elsewhere);
      assert.equal(await told.open(runId), undefined, elsewhere);
      assert.equal(await told.output(runId, 'lint'), undefined, elsewhere);
      told.dispose();
    }
  });
});
