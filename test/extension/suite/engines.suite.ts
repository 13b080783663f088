import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { openProject, workshop, type SuiteProject } from './projects.ts';

const config = `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default {
  busy: definePipeline([[
    step('spin', () => { for (;;); }),
    shell('stray', 'sleep 602 & sleep 603'),
  ]]),
  quick: definePipeline([step('quick', () => {})]),
};
`;

describe('an engine that is killed', () => {
  let project: SuiteProject;
  before(async () => {
    project = await openProject('killed', { 'treadle.config.ts': config });
  });
  after(async () => assert.deepEqual(await project.close(), []));

  it('ends its run as failed, is told of as broken, and leaves no process', async () => {
    const runId = await project.start('busy');
    await project.reaches('busy', { spin: 'running', stray: 'running' });
    await project.mark.finds(({ command }) => command === 'sleep 602');
    const { pid } = await project.engine();
    process.kill(pid, 'SIGKILL');
    assert.equal((await project.end(runId)).state, 'failed');
    await project.reaches('busy', { spin: 'cancelled', stray: 'cancelled' });
    const { state, problem } = project.summary() ?? {};
    assert.deepEqual([state, problem], ['broken', 'engine']);
    assert.deepEqual(await project.mark.leftovers(5000), []);
  });

  it('is started again by a person', async () => {
    await vscode.commands.executeCommand('treadle.restartEngine', { kind: 'project', id: 'any', key: project.configFile });
    await project.until('engine', () => project.summary()?.state === 'ready');
    assert.equal((await project.end(await project.start('quick'))).state, 'passed');
  });

  it('is started again by the next run', async () => {
    process.kill((await project.engine()).pid, 'SIGKILL');
    await project.until('end of the engine', () => project.summary()?.problem === 'engine');
    assert.equal((await project.end(await project.start('quick'))).state, 'passed');
    assert.equal(project.summary()?.state, 'ready');
  });
});

const coloured = `import { existsSync } from 'node:fs';
import { definePipeline, step } from 'treadle';
export default definePipeline([
  step('held', async ({ cwd, signal }) => {
    while (existsSync(cwd + '/hold') && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
  }),
  step('colour', (context) => context.updateStepProgress(50, process.env.COLOUR ?? 'none')),
]);
`;

describe('an engine whose settings are changed', () => {
  let project: SuiteProject;
  before(async () => {
    project = await openProject('coloured', { 'treadle.config.ts': coloured, hold: '' });
  });
  after(async () => assert.deepEqual(await project.close(), []));

  async function setColour(colour: string): Promise<void> {
    const seen = new Promise((resolve) => vscode.workspace.onDidChangeConfiguration(resolve));
    const settings = vscode.workspace.getConfiguration('treadle', workshop());
    await settings.update('env', { ...project.mark.env, COLOUR: colour }, vscode.ConfigurationTarget.WorkspaceFolder);
    await seen;
  }
  async function startsAgain(change: () => Promise<void>): Promise<void> {
    const { pid } = await project.engine();
    await change();
    await project.mark.finds((found) => found.command.endsWith('serve --stdio') && found.pid !== pid);
    await project.until('engine', () => project.summary()?.state === 'ready');
  }

  it('lets its run come to its end, and starts again then', async () => {
    await startsAgain(async () => {
      const runId = await project.start('default');
      await project.reaches('default', { held: 'running', colour: 'queued' });
      for (const colour of ['r', 're', 'red']) await setColour(colour);
      await rm(project.path('hold'));
      assert.equal((await project.end(runId)).state, 'passed');
      assert.equal(project.node('default', 'colour').message, 'none');
    });
    await project.end(await project.start('default'));
    assert.equal(project.node('default', 'colour').message, 'red');
  });

  it('starts again by itself when nothing runs', async () => {
    await startsAgain(() => setColour('blue'));
    await project.end(await project.start('default'));
    assert.equal(project.node('default', 'colour').message, 'blue');
  });
});
