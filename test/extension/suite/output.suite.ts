import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { note } from '../host/notes.ts';
import { openProject, type SuiteProject } from './projects.ts';

const config = `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default {
  flood: definePipeline([shell('flood', 'yes 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde | head -c 104857600; echo; echo the end')]),
};
`;
const megabyte = 1024 * 1024;
/** What the document of a step shows at most. */
const shown = megabyte;

/** Bytes of the heap that are in use, after everything that is not was freed. */
function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  assert.ok(typeof collect === 'function');
  collect();
  return process.memoryUsage().heapUsed;
}

describe('100 MB of output', () => {
  let project: SuiteProject;
  before(async () => {
    project = await openProject('flooded', { 'treadle.config.ts': config, 'notes.txt': 'Here I write.\n' });
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.deepEqual(await project.close(), []);
  });

  it('take bounded memory, also while they are shown, and leave the focus where it is', async function () {
    this.timeout(180_000);
    await vscode.commands.executeCommand('treadle.showOutput', project.node('flood', 'flood').key);
    const output = vscode.window.activeTextEditor?.document;
    assert.equal(output?.uri.scheme, 'treadle-output');
    const text = await vscode.workspace.openTextDocument(project.path('notes.txt'));
    const editor = await vscode.window.showTextDocument(text, vscode.ViewColumn.Two);
    let stolen = 0;
    let largest = 0;
    let highest = 0;
    const before = usedHeap();
    const listening = [
      vscode.window.onDidChangeActiveTextEditor(() => (stolen += 1)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document === output) largest = Math.max(largest, document.getText().length);
      }),
      project.api.onDidChange(() => (highest = Math.max(highest, process.memoryUsage().heapUsed))),
    ];
    const run = await project.end(await project.start('flood'));
    assert.equal(run.state, 'passed');
    const ends = (): boolean => output.getText().includes('the end\n');
    if (!ends()) {
      await new Promise<void>((resolve) => {
        listening.push(vscode.workspace.onDidChangeTextDocument(() => ends() && resolve()));
      });
    }
    assert.equal(vscode.window.activeTextEditor, editor);
    assert.equal(stolen, 0);
    for (const one of listening) one.dispose();
    const kept = usedHeap() - before;
    const inMegabytes = (bytes: number): string => `${Math.round(bytes / megabyte)} MB`;
    note(
      `extension host: ${inMegabytes(highest - before)} more heap at most, ${inMegabytes(kept)} more afterwards; document ${inMegabytes(largest)}`,
    );
    assert.match(output.getText(), /bytes are left out here/);
    assert.ok(largest <= shown + 4096, `the document had ${largest} characters`);
    // What is shown is kept in the store, as a document, and as what is to be sent to the window.
    assert.ok(kept < 16 * shown, `${inMegabytes(kept)} are kept`);
  });

  it('lie complete in a file', async () => {
    const [run] = project.runs();
    assert.ok(run !== undefined);
    const { size } = await vscode.workspace.fs.stat(vscode.Uri.file(`${run.outputFolder}/flood.log`));
    assert.equal(size, 104_857_600 + '\nthe end\n'.length);
  });
});
