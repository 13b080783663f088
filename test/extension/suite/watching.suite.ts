import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../extension/src/api.ts';
import { addFiles } from '../../support/project.ts';
import { openProject, workshop, type SuiteProject } from './projects.ts';

const config = `import { existsSync, readFileSync } from 'node:fs';
import { definePipeline, step } from 'treadle';
const read = (context) => { context.updateStepProgress(50, readFileSync(context.cwd + '/data.txt', 'utf8')); };
const held = step('held', async (context) => {
  read(context);
  while (existsSync(context.cwd + '/hold') && !context.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
}, { inputs: ['data.txt'] });
export default {
  held: definePipeline([held]),
  quick: definePipeline([step('quick', read, { inputs: ['data.txt'] })]),
};
`;

describe('watching', () => {
  let project: SuiteProject;
  before(async () => {
    project = await openProject('watched', { 'treadle.config.ts': config, 'data.txt': '0' });
  });
  after(async () => {
    await set('whenBusy', undefined);
    assert.deepEqual(await project.close(), []);
  });

  const set = (name: string, value: unknown): Thenable<void> =>
    vscode.workspace.getConfiguration('treadle.watch', workshop()).update(name, value, vscode.ConfigurationTarget.WorkspaceFolder);
  const key = (pipeline: string): string | undefined =>
    project.api.pipelines.find((one) => one.project === project.configFile && one.pipeline === pipeline)?.key;
  const watch = (pipeline: string, enabled: boolean): Thenable<unknown> =>
    vscode.commands.executeCommand(`treadle.watch.${enabled ? 'enable' : 'disable'}`, key(pipeline));
  const runsOf = (pipeline: string): readonly RunSummary[] => project.runs().filter((run) => run.pipeline === pipeline);
  /** Writes a file as a person does, again and again. */
  async function save(...texts: readonly string[]): Promise<void> {
    const document = await vscode.workspace.openTextDocument(project.path('data.txt'));
    for (const text of texts) {
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
      await vscode.workspace.applyEdit(edit);
      assert.ok(await document.save());
    }
  }
  const ten = (first: string): readonly string[] => Array.from({ length: 10 }, (_, index) => `${first}${index}`);

  it('makes one run of ten saves during a run, when a run is to come to its end first', async () => {
    await set('whenBusy', 'latest');
    await watch('held', true);
    await watch('quick', true);
    addFiles(project.folder, { hold: '' });
    const first = await project.start('held');
    await project.until('read file', () => project.node('held', 'held').message === '0');
    await save(...ten('a'));
    // The other pipeline tells when the engine has seen all of them.
    await project.until('last text', () => project.node('quick', 'quick').message === 'a9');
    assert.equal(runsOf('held').length, 1);
    await rm(project.path('hold'));
    assert.equal((await project.end(first)).state, 'passed');
    await project.until('second run', () => runsOf('held').length === 2 && runsOf('held')[0]?.state === 'passed');
    assert.equal(project.node('held', 'held').message, 'a9');
    await save('b0');
    await project.until('last text', () => ['held', 'quick'].every((id) => project.node(id, id).message === 'b0'));
    assert.equal(runsOf('held').length, 3);
  });

  it('stops the run for a save, and ends with what was saved last', async () => {
    await set('whenBusy', 'restart');
    addFiles(project.folder, { hold: '' });
    // By its name: what nothing has changed for would come from the cache.
    const first = await project.start('held', 'held');
    await project.reaches('held', { held: 'running' });
    const before = runsOf('held').length;
    await save(...ten('c'));
    assert.equal((await project.end(first)).state, 'cancelled');
    await project.until('last text', () => project.node('held', 'held').message === 'c9');
    await rm(project.path('hold'));
    await project.until('end', () => runsOf('held').every(({ state }) => state !== 'running'));
    const [last, ...others] = runsOf('held').slice(0, runsOf('held').length - before);
    assert.equal(last?.state, 'passed');
    assert.ok(others.every(({ state }) => state === 'cancelled'));
    assert.ok(others.length < 10, `${others.length} runs were begun and stopped`);
  });

  it('does nothing for a pipeline that is not watched', async () => {
    await watch('held', false);
    assert.equal(project.api.pipelines.find((one) => one.key === key('held'))?.watched, false);
    const [held, quick] = [runsOf('held').length, runsOf('quick').length];
    await save('d0');
    await project.until('run of the other', () => runsOf('quick').length > quick && runsOf('quick')[0]?.state === 'passed');
    await project.until('last text', () => project.node('quick', 'quick').message === 'd0');
    assert.equal(runsOf('held').length, held);
    await watch('quick', false);
    await save('d1');
    await project.end(await project.start('quick'));
    assert.equal(runsOf('quick').filter(({ state }) => state === 'running').length, 0);
    assert.equal(project.node('quick', 'quick').message, 'd1');
  });
});
