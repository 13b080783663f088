import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../extension/src/api.ts';
import { openProject, type SuiteProject } from './projects.ts';

const config = `import { all, definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default { ci: definePipeline([
  shell('first', 'echo first'),
  all([shell('lint', 'echo linted'), shell('types', 'test -e mended')], { id: 'checks' }),
  step('last', (context) => context.updateStepProgress(50, 'half')),
], { failFast: false }) };
`;

describe('runs', () => {
  let project: SuiteProject;
  before(async () => {
    project = await openProject('running', { 'treadle.config.ts': config });
  });
  after(async () => assert.deepEqual(await project.close(), []));

  /** Does something that starts a run, and gives it when it has ended. */
  async function runBy(start: () => Thenable<unknown>): Promise<RunSummary> {
    const known = project.runs().length;
    await start();
    await project.until('run', () => project.runs().length > known);
    return project.end(project.runs()[0]?.runId ?? '');
  }
  const command = (name: string, ...args: readonly unknown[]) => runBy(() => vscode.commands.executeCommand(`treadle.${name}`, ...args));
  const key = (id: string): string => project.node('ci', id).key;
  /** Steps and groups that were part of a run. */
  const partOf = ({ runId }: RunSummary): readonly string[] =>
    project.api
      .nodes({ project: project.configFile, pipeline: 'ci' })
      .filter((node) => node.runId === runId)
      .map(({ id }) => id);

  it('of one step leave the others as they were', async () => {
    const run = await command('run', key('lint'));
    assert.deepEqual([run.state, run.counts?.steps, run.counts?.passed], ['passed', 1, 1]);
    assert.deepEqual([project.node('ci', 'lint').state, project.node('ci', 'first').state], ['passed', 'idle']);
  });

  it('of a group have all of its steps, and say what failed', async () => {
    const run = await command('run', key('checks'));
    assert.deepEqual([run.state, run.counts?.steps, run.counts?.failed], ['failed', 2, 1]);
    assert.deepEqual(
      ['checks', 'lint', 'types', 'last'].map((id) => project.node('ci', id).state),
      ['failed', 'passed', 'failed', 'idle'],
    );
    assert.equal(project.node('ci', 'types').error?.code, 'E_COMMAND_FAILED');
  });

  it('from a step on leave out what comes before', async () => {
    const run = await command('runFrom', key('checks'));
    assert.deepEqual(partOf(run), ['checks', 'lint', 'types', 'last']);
    assert.deepEqual([project.node('ci', 'last').state, project.node('ci', 'last').message], ['passed', 'half']);
    assert.equal(project.node('ci', 'first').state, 'idle');
  });

  it('of everything run the default pipeline of every project', async () => {
    const { api } = project;
    const known = new Set(api.runs.map(({ runId }) => runId));
    await vscode.commands.executeCommand('treadle.runAll');
    const begun = (): readonly RunSummary[] => api.runs.filter(({ runId }) => !known.has(runId));
    await project.until('end of both', () => begun().length === 2 && begun().every(({ state }) => state !== 'running'));
    assert.deepEqual(
      begun()
        .map(({ pipeline, state }) => `${pipeline} ${state}`)
        .toSorted(),
      ['ci failed', 'storefront passed'],
    );
  });

  it('of what failed have nothing else, until there is nothing left', async () => {
    const pipeline = project.api.pipelines.find((one) => one.project === project.configFile);
    const run = await command('runFailed', pipeline?.key);
    assert.deepEqual([run.state, run.counts?.steps], ['failed', 1]);
    await writeFile(project.path('mended'), '');
    try {
      const mended = await command('runFailed', pipeline?.key);
      assert.deepEqual([mended.state, project.node('ci', 'types').state], ['passed', 'passed']);
      const known = project.runs().length;
      await vscode.commands.executeCommand('treadle.runFailed', pipeline?.key);
      assert.equal(project.runs().length, known);
    } finally {
      await rm(project.path('mended'));
    }
  });

  it('are repeated as they were asked for', async () => {
    const run = await command('run', key('lint'));
    const again = await command('rerunLast');
    assert.notEqual(again.runId, run.runId);
    assert.deepEqual([again.counts?.steps, partOf(again)], [1, ['checks', 'lint']]);
    const third = await command('rerun', { kind: 'run', runId: run.runId });
    assert.deepEqual(partOf(third), ['checks', 'lint']);
  });

  it('are started and awaited by other extensions', async () => {
    const run = await project.end(await project.start('ci', 'first'));
    assert.deepEqual([run.state, run.overall, run.pipeline, run.project], ['passed', 100, 'ci', project.configFile]);
    assert.equal(await project.api.run({ project: project.configFile, pipeline: 'nightly' }), undefined);
  });
});
