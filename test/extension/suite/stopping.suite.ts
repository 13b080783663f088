import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { LiveProcess } from '../../support/processes.ts';
import { addFiles } from '../../support/project.ts';
import { openProject, settlesTo, type SuiteProject } from './projects.ts';

// A command with a grandchild in a session of its own.
const stray = `node -e "require('child_process').spawn('sleep', ['601'], { detached: true, stdio: 'ignore' }); setInterval(() => {}, 1000)"`;

const config = `import { definePipeline, step } from 'treadle';
import { existsSync } from 'node:fs';
import { shell } from 'treadle/plugins';
// How a test keeps an engine starting for as long as it likes.
while (existsSync('hold')) await new Promise((resolve) => setTimeout(resolve, 10));
const polite = (context) => new Promise((resolve) => context.signal.addEventListener('abort', resolve));
export default {
  many: definePipeline([[
    step('spin', () => { for (;;); }),
    shell('stray', ${JSON.stringify(stray)}),
    step('polite', polite),
  ]]),
  serial: definePipeline([step('begin', polite), step('wait', () => {}), step('end', () => {})]),
  stubborn: definePipeline([shell('stubborn', "trap '' TERM INT; while :; do sleep 1; done")]),
  stuck: definePipeline([step('stuck', () => { for (;;); }, { executor: 'inline' })]),
  quick: definePipeline([step('quick', () => {})]),
};
`;

describe('stopping', () => {
  let project: SuiteProject;
  /** Processes while nothing runs. */
  let idle: readonly LiveProcess[];
  before(async () => {
    project = await openProject('stopping', { 'treadle.config.ts': config });
    await project.end(await project.start('quick'));
    idle = project.mark.living();
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('treadle.forceStop');
  });
  after(async () => assert.deepEqual(await project.close(), []));

  const stop = (pipeline: string, id: string): Thenable<unknown> =>
    vscode.commands.executeCommand('treadle.stop', project.node(pipeline, id).key);
  async function startMany(): Promise<string> {
    const runId = await project.start('many');
    await project.reaches('many', { spin: 'running', stray: 'running', polite: 'running' });
    await project.mark.finds(({ command }) => command === 'sleep 601');
    return runId;
  }

  it('ends one step, with all that it started, and leaves the others', async () => {
    const runId = await startMany();
    await stop('many', 'stray');
    await project.reaches('many', { spin: 'running', stray: 'cancelled', polite: 'running' });
    await project.mark.becomes((found) => found.every(({ command }) => command !== 'sleep 601'));
    await stop('many', 'spin');
    await project.reaches('many', { spin: 'cancelled', polite: 'running' });
    await stop('many', 'polite');
    // Nobody stopped the run itself: its group lacks steps.
    assert.equal((await project.end(runId)).state, 'failed');
    await settlesTo(project.mark, idle);
  });

  it('ends a run, also one with a step that never yields', async () => {
    const runId = await startMany();
    const pipeline = project.api.pipelines.find((one) => one.pipeline === 'many');
    await vscode.commands.executeCommand('treadle.stop', pipeline?.key);
    assert.equal((await project.end(runId)).state, 'cancelled');
    await project.reaches('many', { spin: 'cancelled', stray: 'cancelled', polite: 'cancelled' });
    await settlesTo(project.mark, idle);
  });

  it('ends all runs', async () => {
    const runs = [await startMany(), await project.start('serial')];
    await project.reaches('serial', { begin: 'running' });
    await vscode.commands.executeCommand('treadle.stopAll');
    for (const runId of runs) assert.equal((await project.end(runId)).state, 'cancelled');
    await settlesTo(project.mark, idle);
  });

  it('keeps a step from running that waits for its turn', async () => {
    const runId = await project.start('serial');
    await project.reaches('serial', { begin: 'running', wait: 'queued' });
    await stop('serial', 'wait');
    await project.reaches('serial', { begin: 'running', wait: 'skipped' });
    await stop('serial', 'begin');
    const run = await project.end(runId);
    assert.deepEqual([run.state, run.counts?.passed], ['failed', 0]);
  });

  it('takes a run back whose engine is only just starting', async () => {
    const known = project.runs().length;
    addFiles(project.folder, { hold: '' });
    const restarted = vscode.commands.executeCommand('treadle.restartEngine', { kind: 'project', id: 'any', key: project.configFile });
    await project.until('start', () => project.summary()?.state === 'loading');
    const run = project.api.run({ project: project.configFile, pipeline: 'many' });
    await project.reaches('many', { spin: 'queued', stray: 'queued', polite: 'queued' });
    await vscode.commands.executeCommand('treadle.stopAll');
    rmSync(project.path('hold'));
    assert.equal(await run, undefined);
    await restarted;
    await project.until('engine', () => project.summary()?.state === 'ready');
    await project.reaches('many', { spin: 'cancelled', stray: 'cancelled', polite: 'cancelled' });
    assert.equal(project.runs().length, known);
    await project.end(await project.start('quick'));
    idle = project.mark.living();
  });

  it('kills what does not want to end', async () => {
    const runId = await project.start('stubborn');
    await project.reaches('stubborn', { stubborn: 'running' });
    await vscode.commands.executeCommand('treadle.forceStop');
    assert.equal((await project.end(runId)).state, 'cancelled');
    await settlesTo(project.mark, idle);
  });

  it('kills an engine that a step holds up, which can be started again', async () => {
    const { pid } = await project.engine();
    const runId = await project.start('stuck');
    await project.reaches('stuck', { stuck: 'running' });
    await vscode.commands.executeCommand('treadle.forceStop');
    assert.notEqual((await project.end(runId)).state, 'passed');
    const again = await project.end(await project.start('quick'));
    assert.equal(again.state, 'passed');
    assert.notEqual((await project.engine()).pid, pid);
    assert.equal(project.mark.living().filter(({ command }) => command.endsWith('serve --stdio')).length, 1);
  });
});
