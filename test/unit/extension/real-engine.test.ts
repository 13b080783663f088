import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputFileName } from '../../../core/contract/rpc.ts';
import { EngineRefusal } from '../../../extension/src/engine/engine-error.ts';
import { markProcesses } from '../../support/processes.ts';
import { addFiles, removeProjects } from '../../support/project.ts';
import { closeEngines, lenient, makeRealProject, openEngine, type OpenEngine } from './engines.ts';
import { byPerson } from './imagined.ts';

const file = 'treadle.config.ts';

const shop = `
import { all, definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default { ci: definePipeline([
  step('count', async (context) => {
    for (let part = 1; part <= 4; part += 1) context.updateStepProgress(part * 25, 'part ' + part);
    context.results.count = 4;
  }),
  all([shell('lint', 'echo linted'), shell('types', 'exit 3')], { id: 'checks' }),
]) };
`;

const endless = `
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default { ci: definePipeline([[
  step('spin', () => { for (;;); }),
  shell('sleep', 'sleep 600'),
]]) };
`;

/** Opens an engine and loads its project. */
async function open(files: Readonly<Record<string, string>>, options: Partial<Parameters<typeof openEngine>[0]> = {}): Promise<OpenEngine> {
  const opened = openEngine({ root: makeRealProject(files), file, ...options });
  await opened.engine.load();
  return opened;
}

describe("the editor's side with the real engine", () => {
  afterEach(closeEngines);
  after(removeProjects);

  it('shows a run from its first step to its failure', async () => {
    const { engine, store, project, stateOf, until } = await open({ [file]: shop });
    assert.deepEqual(project()?.problem, undefined);
    const key = (id: string): string => store.nodeKey(engine.key, 'ci', id);
    const percents: number[] = [];
    store.onDidChange(() => percents.push(store.node(project()?.pipelines[0]?.node ?? '')?.percent ?? 0));
    const { runId, outputFolder } = await engine.run({ pipeline: 'ci' }, byPerson);
    await until('the end', () => store.run(runId)?.state === 'failed');
    assert.deepEqual(
      ['count', 'checks', 'lint', 'types'].map((id) => `${id} ${stateOf(id)}`),
      ['count passed', 'checks failed', 'lint passed', 'types failed'],
    );
    assert.equal(store.node(key('count'))?.message, 'part 4');
    assert.equal(store.node(key('types'))?.error?.code, 'E_COMMAND_FAILED');
    assert.equal(store.output(key('lint')), 'linted\n');
    assert.equal(readFileSync(join(outputFolder, outputFileName('lint')), 'utf8'), 'linted\n');
    assert.deepEqual(
      percents,
      percents.toSorted((a, b) => a - b),
    );
    const run = store.run(runId);
    assert.deepEqual([run?.state, run?.overall, run?.counts?.failed], ['failed', 100, 1]);
    assert.deepEqual(run?.spans.map(({ nodeId, state }) => `${nodeId} ${state}`).toSorted(), [
      'checks failed',
      'count passed',
      'lint passed',
      'types failed',
    ]);
    const again = await engine.runFailed({}, byPerson);
    assert.deepEqual([stateOf('types'), stateOf('lint')], ['queued', 'passed']);
    await until('the end', () => store.run(again?.runId ?? '')?.state === 'failed');
    // With the step before it, whose results it may need.
    assert.deepEqual([store.run(again?.runId ?? '')?.counts?.steps, stateOf('lint')], [2, 'passed']);
  });

  it('stops one step, and then the run with a step that never yields', async () => {
    const { engine, store, stateOf, until } = await open({ [file]: endless });
    const { runId } = await engine.run({ pipeline: 'ci' }, byPerson);
    await until('both', () => stateOf('spin') === 'running' && stateOf('sleep') === 'running');
    await engine.cancel({ runId, nodeId: 'sleep' });
    await until('one', () => stateOf('sleep') === 'cancelled');
    assert.equal(stateOf('spin'), 'running');
    await engine.cancel({ runId });
    await until('all', () => store.run(runId)?.state === 'cancelled');
    assert.equal(stateOf('spin'), 'cancelled');
  });

  it('leaves no process when the engine is killed in the middle of a run', async () => {
    const mark = markProcesses();
    const { engine, store, stateOf, project, until } = await open({ [file]: endless }, { env: mark.env });
    const { runId } = await engine.run({ pipeline: 'ci' }, byPerson);
    await until('both', () => stateOf('spin') === 'running' && stateOf('sleep') === 'running');
    // Its guard is there once the command has run for a moment.
    await mark.finds(({ command }) => command.includes('treadle-guard'));
    process.kill(engine.pid ?? 0, 'SIGKILL');
    await until('the end', () => project()?.state === 'broken');
    assert.deepEqual(project()?.problem, { kind: 'engine', message: 'The engine ended by SIGKILL.' });
    assert.deepEqual([store.run(runId)?.state, stateOf('sleep'), stateOf('spin')], ['failed', 'cancelled', 'cancelled']);
    assert.deepEqual(await mark.leftovers(8000), []);
  });

  it('leaves no process when the window closes in the middle of a run', async () => {
    const mark = markProcesses();
    const { engine, stateOf, until } = await open({ [file]: endless }, { env: mark.env });
    await engine.run({ pipeline: 'ci' }, byPerson);
    await until('both', () => stateOf('spin') === 'running' && stateOf('sleep') === 'running');
    await engine.dispose(3500);
    assert.deepEqual(await mark.leftovers(), []);
  });

  it('shows what is wrong with the pipeline file where it is, and mends it with a save', async () => {
    const broken = shop.replace("shell('lint', 'echo linted')", "shell('lint', { comand: 'echo' })");
    const { engine, project, stateOf } = await open({ [file]: broken });
    const problem = project()?.problem;
    assert.ok(problem?.kind === 'config');
    assert.equal(problem.errors[0]?.location?.file, file);
    await assert.rejects(engine.run({ pipeline: 'ci' }, byPerson), (error) => error instanceof EngineRefusal && /lint/.test(error.message));
    addFiles(join(engine.key, '..'), { [file]: shop });
    await engine.filesChanged([engine.key]);
    assert.deepEqual([project()?.state, stateOf('lint')], ['ready', 'idle']);
    addFiles(join(engine.key, '..'), { 'plugins/greet.ts': 'export default 3;' });
    await engine.filesChanged([join(engine.key, '../plugins/greet.ts')]);
    assert.equal(project()?.warnings.length, 1);
  });

  it('runs a watched pipeline again after a save, as a run of its own', async () => {
    const { engine, store, until } = await open({ [file]: shop, 'src/a.ts': '' }, { watched: ['ci'] });
    addFiles(join(engine.key, '..'), { 'src/a.ts': 'changed' });
    await until('the run', () => store.runs.length === 1);
    assert.deepEqual(store.runs[0]?.trigger, { kind: 'save', files: ['src/a.ts'] });
    await until('the end', () => store.runs[0]?.state === 'failed');
  });

  it('keeps the end of a long output, and says what was left out', async () => {
    const flood = `
import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default { ci: definePipeline([shell('flood', 'yes 0123456789abcdef | head -c 20000000; echo; echo the end')]) };
`;
    const { engine, store, until } = await open({ [file]: flood });
    await engine.run({}, byPerson);
    await until('the end', () => store.runs[0]?.state === 'passed');
    const output = store.output(store.nodeKey(engine.key, 'ci', 'flood'));
    assert.ok(output.length <= 1024 * 1024);
    assert.match(output, /bytes are left out here/);
    assert.ok(output.endsWith('the end\n'));
  });

  it('runs a step under the debugger, in the process that the debugger is attached to', async () => {
    const code = `
import { definePipeline, step } from 'treadle';
import { url } from 'node:inspector';
export default { ci: definePipeline([step('one', (context) => { context.log(url() === undefined ? 'alone' : 'inspected'); })]) };
`;
    const { engine, store, until } = await open({ [file]: code }, { attachDebugger: lenient });
    const key = store.nodeKey(engine.key, 'ci', 'one');
    await engine.run({ only: ['one'] }, byPerson);
    await until('the end', () => store.runs[0]?.state === 'passed');
    assert.equal(store.output(key), 'alone\n');
    await engine.run({ only: ['one'], debug: true }, byPerson);
    await until('the end', () => store.runs.length === 2 && store.runs[0]?.state === 'passed');
    assert.equal(store.output(key), 'inspected\n');
    assert.equal(store.node(key)?.thread, undefined);
  });

  it('shows that a step runs while the debugger holds it', async () => {
    const code = `
import { existsSync } from 'node:fs';
import { definePipeline, step } from 'treadle';
const hold = (context) => { while (!existsSync(context.cwd + '/' + context.step.id)); };
export default { ci: definePipeline([step('one', hold), step('two', hold)]) };
`;
    const { engine, store, stateOf, until } = await open({ [file]: code }, { attachDebugger: lenient, timing: { cancelLimitMs: 200 } });
    const started = await engine.run({ debug: true }, byPerson);
    await until('the first', () => stateOf('one') === 'running');
    addFiles(join(engine.key, '..'), { one: '' });
    await until('the second', () => stateOf('one') === 'passed' && stateOf('two') === 'running');
    // It cannot stop by itself: it stands still.
    await engine.cancel({ runId: started.runId });
    await until('the end', () => store.run(started.runId)?.state === 'cancelled');
    assert.equal(stateOf('two'), 'cancelled');
  });
});
