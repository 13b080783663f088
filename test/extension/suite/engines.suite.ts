import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { openProject, type SuiteProject } from './projects.ts';

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
