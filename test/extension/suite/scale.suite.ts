import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { note } from '../host/notes.ts';
import { openProject, type SuiteProject } from './projects.ts';
import { spectator } from './spectator.ts';

const groups = 100;
const stepsPerGroup = 100;
const count = groups * stepsPerGroup;
/** Of each thousand steps, one fails. */
const fails = (index: number): boolean => index % 1000 === 7;

// Ten steps at a time, for 20 ms each: some 500 steps and more than 1000 events a second.
const config = `import { all, definePipeline, step } from 'treadle';
const one = (index) => step('s' + index, async (context) => {
  context.updateStepProgress(50, 'half of ' + index);
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (index % 1000 === 7) throw new Error('as it should');
});
const group = (from) => all(Array.from({ length: ${stepsPerGroup} }, (_, index) => one(from + index)), { id: 'g' + from / ${stepsPerGroup} });
export default {
  huge: definePipeline(Array.from({ length: ${groups} }, (_, index) => group(index * ${stepsPerGroup})), {
    executor: 'inline', concurrency: 10, failFast: false,
  }),
};
`;

/** How finely the event loop is sampled, in milliseconds. */
const resolution = 10;
/** A tree that is told to draw more often than that is not drawn at all. */
const refreshesPerSecond = 4;

/** What the Pipelines view says that it has cost. */
async function refreshes(): Promise<number> {
  await vscode.commands.executeCommand('treadle.diagnose');
  const document = vscode.window.activeTextEditor?.document;
  const found = /Pipelines view: refreshed (\d+) times/.exec(document?.getText() ?? '')?.[1] ?? assert.fail('no diagnosis');
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  return Number(found);
}

describe('ten thousand steps', () => {
  let project: SuiteProject;
  before(async function () {
    this.timeout(120_000);
    project = await openProject('huge', { 'treadle.config.ts': config });
  });
  after(async () => assert.deepEqual(await project.close(), []));

  it('are shown as they are, without the extension host standing still', async function () {
    this.timeout(240_000);
    await vscode.commands.executeCommand('treadle.pipelines.focus');
    await vscode.commands.executeCommand('treadle.selectNode', project.node('huge', 's4242').key);
    const counted = performance.now();
    const before = await refreshes();
    const delays = monitorEventLoopDelay({ resolution });
    delays.enable();
    const began = performance.now();
    // Its end may take longer to come than other tests wait for things.
    const runId = await project.start('huge');
    const ended = Promise.withResolvers<void>();
    const listening = project.api.onDidChange(() => {
      if (project.runs().some((run) => run.runId === runId && run.state !== 'running')) ended.resolve();
    });
    await ended.promise;
    listening.dispose();
    const seconds = (performance.now() - began) / 1000;
    delays.disable();
    const fired = (await refreshes()) - before;
    // The count covers more than the run: how often is to be judged over all of it.
    const secondsCounted = (performance.now() - counted) / 1000;
    const lag = (percentile: number): string => `${Math.max(0, Math.round(delays.percentile(percentile) / 1e6 - resolution))} ms`;
    const rate = Math.round((3 * count) / seconds);
    note(
      `${rate} events a second for ${Math.round(seconds)} s: lag of the extension host p50 ${lag(50)}, p95 ${lag(95)}, p99 ${lag(99)}, at most ${lag(100)}`,
    );
    note(`${fired} refreshes of the tree, ${(fired / secondsCounted).toFixed(1)} a second`);
    assert.ok(fired <= refreshesPerSecond * secondsCounted + 1, `${fired} refreshes in ${secondsCounted} s`);

    const run = await project.end(runId);
    const expected = Array.from({ length: count }, (_, index) => index);
    const failed = expected.filter(fails).length;
    assert.deepEqual([run.state, run.counts?.steps, run.counts?.failed, run.counts?.passed], ['failed', count, failed, count - failed]);
    const nodes = project.api.nodes({ project: project.configFile, pipeline: 'huge' });
    const steps = nodes.filter(({ kind }) => kind === 'step').map(({ id, state, message, percent }) => ({ id, state, message, percent }));
    assert.deepEqual(
      steps,
      expected.map((index) => ({ id: `s${index}`, state: fails(index) ? 'failed' : 'passed', message: `half of ${index}`, percent: 100 })),
    );
    assert.deepEqual(
      nodes.filter(({ kind }) => kind === 'group').map(({ state, failedSteps }) => `${state} ${failedSteps}`),
      Array.from({ length: groups }, (_, index) => (index % 10 === 0 ? 'failed 1' : 'passed 0')),
    );
  });
});

const cases = 10_000;

describe('ten thousand test cases', () => {
  let project: SuiteProject;
  before(async () => {
    project = await openProject('cases', {
      'treadle.config.ts': `import { definePipeline, step } from 'treadle';
export default definePipeline([
  step('cases', async (context) => {
    for (let index = 0; index < ${cases}; index += 1) await context.test('case ' + index, () => {});
  }),
]);
`,
    });
  });
  after(async () => assert.deepEqual(await project.close(), []));

  it('are told to the test explorer without holding up what else the window has to show', async () => {
    const tests = await spectator();
    await project.end(await project.start('default'));
    const ended = performance.now();
    // The window answers in order: before this come only those of which it was told.
    await vscode.commands.executeCommand('setContext', 'treadle.test', true);
    const answered = performance.now() - ended;
    const { key } = project.node('default', 'cases');
    await tests.until('end of the step', () => tests.outcome(key)?.outcome === 'passed');
    const told = performance.now() - ended;
    note(
      `${cases} test cases: the window answers after ${Math.round(answered)} ms, the test explorer has them after ${Math.round(told)} ms`,
    );
    assert.equal(tests.outcome(key)?.children.length, cases);
    assert.ok(answered < told / 5, `answered after ${answered} of ${told} ms`);
  });
});
