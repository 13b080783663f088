import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { addFiles } from '../../support/project.ts';
import { openProject, type SuiteProject } from './projects.ts';
import { spectator, type SeenOutcome, type Spectator } from './spectator.ts';

const config = `import assert from 'node:assert/strict';
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';

export default {
  checks: definePipeline([
    [
      step('sums', async (context) => {
        await context.test('adds', () => assert.equal(1 + 1, 2));
        await context.test('subtracts', () => assert.deepEqual({ difference: 3 - 1 }, { difference: 1 }));
      }),
      shell('words', 'echo said; exit 3'),
    ],
    step('after', () => {}),
  ], { failFast: false }),
  spin: definePipeline([step('spin', () => { for (;;); }), step('never', () => {})]),
};
`;

/** The editor numbers profiles by their labels, in this way. */
function profileId(label: string): number {
  const mix = (value: number, hash: number): number => ((hash << 5) - hash + value) | 0;
  return Array.from(label).reduce((hash, letter) => mix(letter.codePointAt(0) ?? 0, hash), mix(149_417, 0));
}

describe('the test explorer', () => {
  let project: SuiteProject;
  let tests: Spectator;
  before(async () => {
    project = await openProject('tested', { 'treadle.config.ts': config, 'src/a.ts': '' });
    tests = await spectator();
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.deepEqual(await project.close(), []);
  });

  const key = (pipeline: string, id: string): string => project.node(pipeline, id).key;
  const lineOf = (text: string): number => config.split('\n').findIndex((line) => line.includes(text));
  const outcome = (pipeline: string, id: string, label?: string): SeenOutcome | undefined => tests.outcome(key(pipeline, id), label);
  const becomes = (pipeline: string, id: string, wanted: string): Promise<void> =>
    tests.until(`${wanted} ${id}`, () => outcome(pipeline, id)?.outcome === wanted);
  async function putCursorAt(text: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(project.configFile);
    const editor = await vscode.window.showTextDocument(document);
    const at = new vscode.Position(lineOf(text), 10);
    editor.selection = new vscode.Selection(at, at);
  }

  it('has an item for each pipeline, group and step', async () => {
    await tests.until('item of the last step', () => tests.labels(key('spin', 'never')).length > 0);
    assert.deepEqual(tests.labels(project.configFile), ['workshop/tested']);
    const prefix = key('checks', 'sums').slice(0, -'sums'.length);
    const expected = ['after', 'checks', 'parallel', 'sums', 'words'];
    await tests.until('items of the pipeline', () => tests.labels(prefix).length === expected.length);
    assert.deepEqual(
      tests.labels(prefix).map((label) => label.replace(/ .*/, '')),
      expected,
    );
  });

  it('shows states, test cases, and what failed with its place and difference', async () => {
    await project.end(await project.start('checks'));
    await becomes('checks', 'after', 'passed');
    await becomes('checks', 'words', 'failed');
    assert.deepEqual(outcome('checks', 'sums')?.children, ['adds', 'subtracts']);
    assert.equal(outcome('checks', 'sums', 'adds')?.outcome, 'passed');
    const failed = outcome('checks', 'sums', 'subtracts');
    assert.equal(failed?.outcome, 'failed');
    const [message] = failed.messages;
    assert.match(message?.expectedOutput ?? '', /difference.*1/);
    assert.match(message?.actualOutput ?? '', /difference.*2/);
    assert.deepEqual(
      [message?.location?.uri.fsPath, message?.location?.range.start.line],
      [project.configFile, lineOf("test('subtracts'")],
    );
    const [error] = outcome('checks', 'words')?.messages ?? [];
    assert.match(typeof error?.message === 'string' ? error.message : (error?.message.value ?? ''), /exited with 3/);
    assert.deepEqual([error?.location?.uri.fsPath, error?.location?.range.start.line], [project.configFile, lineOf("shell('words'")]);
  });

  it('runs the step that the cursor is in, and that alone', async () => {
    const known = project.runs().length;
    await putCursorAt("step('after'");
    await vscode.commands.executeCommand('testing.runAtCursor');
    await project.until('run', () => project.runs().length > known);
    const run = await project.end(project.runs()[0]?.runId ?? '');
    assert.deepEqual([run.state, run.pipeline, run.counts?.steps], ['passed', 'checks', 1]);
    await becomes('checks', 'after', 'passed');
  });

  it('stops what it shows, whoever started it', async () => {
    const runId = await project.start('spin');
    await project.reaches('spin', { spin: 'running' });
    await vscode.commands.executeCommand('testing.cancelRun');
    assert.equal((await project.end(runId)).state, 'cancelled');
    await becomes('spin', 'spin', 'skipped');
    assert.notEqual(outcome('spin', 'never')?.outcome, 'passed');
  });

  it('runs a pipeline again and again while its continuous run is on', async () => {
    const watched = (): readonly string[] => project.api.pipelines.filter((one) => one.watched).map(({ pipeline }) => pipeline);
    const pipeline = project.api.pipelines.find((one) => one.project === project.configFile && one.pipeline === 'checks')?.key;
    await tests.until('item of the pipeline', () => tests.labels(String(pipeline)).length > 0);
    // What the eye in the row of a pipeline does.
    await vscode.commands.executeCommand(
      'testing.startContinuousRunFromExtension',
      { controllerId: 'treadle', profileId: profileId('Run') },
      [{ extId: ['treadle', project.configFile, pipeline].join('\0') }],
    );
    await project.until('watch', () => watched().includes('checks'));
    // Answered once every change from then on is seen.
    await vscode.commands.executeCommand('treadle.watch.enable', pipeline);
    const known = project.runs().length;
    addFiles(project.folder, { 'src/a.ts': 'changed' });
    await project.until('run', () => project.runs().length > known);
    await project.end(project.runs()[0]?.runId ?? '');
    await vscode.commands.executeCommand('testing.stopContinuousRun');
    await project.until('end of the watch', () => watched().length === 0);
  });
});
