import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { patienceMs, reaches, treadle } from './treadle-api.ts';

const folder = (): vscode.WorkspaceFolder => vscode.workspace.workspaceFolders?.[0] ?? assert.fail('no folder is open');
const file = (path: string): vscode.Uri => vscode.Uri.joinPath(folder().uri, path);

/** Waits until an event has made something true. */
function until(what: string, event: vscode.Event<unknown>, holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(deadline);
      listening.dispose();
    };
    const deadline = setTimeout(() => {
      end();
      reject(new Error(`There was no ${what}. Problems: ${JSON.stringify(vscode.languages.getDiagnostics())}`));
    }, patienceMs);
    const look = (): void => {
      if (!holds()) return;
      end();
      resolve();
    };
    const listening = event(look);
    look();
  });
}

/** Writes a file as a person does, in an editor. */
async function save(uri: vscode.Uri, text: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  await vscode.workspace.applyEdit(edit);
  assert.ok(await document.save());
}

const problemsOf = (uri: vscode.Uri): readonly vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source !== 'ts');

describe('while a pipeline file is edited', () => {
  before(async () => {
    await reaches(
      await treadle(),
      'pipeline',
      ({ pipelines }) => pipelines.length,
      (count) => count > 0,
    );
  });

  it('steps have buttons above them, which run them and then tell how it went', async () => {
    const lenses = async (): Promise<readonly vscode.CodeLens[]> =>
      vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', file('treadle.config.ts'));
    const document = await vscode.workspace.openTextDocument(file('treadle.config.ts'));
    const at = async (text: string): Promise<readonly vscode.CodeLens[]> => {
      const line = document.positionAt(document.getText().indexOf(text)).line;
      return (await lenses()).filter(({ range }) => range.start.line === line);
    };
    const titles = (found: readonly vscode.CodeLens[]): readonly (string | undefined)[] =>
      found.map(({ command }) => command?.title.replace('\u00a0', ' '));
    const before = await at(`shell('lint'`);
    assert.deepEqual(titles(before), ['$(play) Run']);
    assert.deepEqual(titles(await at(`checkCatalogue('catalogue'`)), ['$(play) Run', '$(debug-alt) Debug']);
    assert.deepEqual(titles(await at('definePipeline(')), ['$(play) Run']);
    const api = await treadle();
    const [run] = before;
    assert.ok(run?.command !== undefined);
    await vscode.commands.executeCommand(run.command.command, ...(run.command.arguments ?? []));
    await reaches(
      api,
      'end',
      ({ runs }) => runs[0]?.state,
      (state) => state === 'passed',
    );
    const [, result] = titles(await at(`shell('lint'`));
    assert.match(result ?? '', /^\$\(pass\) passed \d/);
    const there = titles(await at(`http('live'`));
    assert.deepEqual(there.slice(0, 1), ['$(play) Run live']);
  });

  it('problems that a step finds are marked, and go when they are mended', async () => {
    const api = await treadle();
    const [pipeline] = api.pipelines;
    assert.ok(pipeline !== undefined);
    const broken = file('src/broken.ts');
    const checkTypes = async (status: 'passed' | 'failed'): Promise<void> => {
      const runId = await api.run({ project: pipeline.project, pipeline: pipeline.pipeline, only: ['types'] });
      await reaches(
        api,
        status,
        ({ runs }) => runs.find((run) => run.runId === runId)?.state,
        (state) => state === status,
      );
    };
    await writeFile(broken.fsPath, `export const total: number = 'three';\n`);
    try {
      await checkTypes('failed');
      await until('problem', vscode.languages.onDidChangeDiagnostics, () => problemsOf(broken).length > 0);
      const [problem] = problemsOf(broken);
      assert.deepEqual(
        [problem?.source, problem?.severity, problem?.range.start.line, problem?.range.start.character, problem?.code],
        ['tsc', vscode.DiagnosticSeverity.Error, 0, 13, 'TS2322'],
      );
      await writeFile(broken.fsPath, 'export const total: number = 3;\n');
      await checkTypes('passed');
      await until('mended file', vscode.languages.onDidChangeDiagnostics, () => problemsOf(broken).length === 0);
    } finally {
      await rm(broken.fsPath);
    }
  });

  it('a mistake in the pipeline file is marked where it is, and goes when it is mended', async () => {
    const config = file('treadle.config.ts');
    const text = await readFile(config.fsPath, 'utf8');
    try {
      await save(config, text.replace(`{ timeout: '1m' }),\n    ],`, `{ timout: '1m' } as never),\n    ],`));
      await until('problem', vscode.languages.onDidChangeDiagnostics, () => problemsOf(config).length > 0);
      const [problem] = problemsOf(config);
      assert.match(problem?.message ?? '', /timout[\s\S]*Did you mean "timeout"/);
      assert.equal(
        problem?.range.start.line,
        text.split('\n').findIndex((line) => line.includes(`tests('unit'`)),
      );
    } finally {
      await save(config, text);
    }
    await until('mended file', vscode.languages.onDidChangeDiagnostics, () => problemsOf(config).length === 0);
  });

  it('JSON pipeline files are checked and completed by their schema', async () => {
    const uri = file('elsewhere/treadle.config.json');
    await vscode.workspace.fs.writeFile(uri, Buffer.from('{ "steps": [{ "id": "a", "uses": "shell", "with": { "comand": "ls" } }] }'));
    try {
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document);
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        uri,
        document.positionAt(document.getText().indexOf('"steps"')),
      );
      assert.ok(
        items.some(({ label }) => label === 'failFast' || label === '"failFast"'),
        JSON.stringify(items.map(({ label }) => label)),
      );
    } finally {
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(uri, '..'), { recursive: true });
    }
  });
});

describe('pipelines as tasks', () => {
  const exitCodeOf = async (task: vscode.Task): Promise<number | undefined> => {
    const ended = Promise.withResolvers<number | undefined>();
    const listening = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution.task.name === task.name) ended.resolve(event.exitCode);
    });
    await vscode.tasks.executeTask(task);
    const exitCode = await ended.promise;
    listening.dispose();
    return exitCode;
  };
  it('are offered for each pipeline', async () => {
    await reaches(
      await treadle(),
      'pipeline',
      ({ pipelines }) => pipelines.length,
      (count) => count > 0,
    );
    const tasks = await vscode.tasks.fetchTasks({ type: 'treadle' });
    assert.deepEqual(
      tasks.map(({ name }) => name),
      ['storefront'],
    );
  });

  it('run what tasks.json says, and end with its exit code', async () => {
    const settings = file('.vscode/tasks.json');
    const named = (label: string, definition: object): object => ({ label, type: 'treadle', ...definition });
    const tasks = [named('good', { steps: ['catalogue'] }), named('bad', { steps: ['live'] }), named('unknown', { pipeline: 'nightly' })];
    await vscode.workspace.fs.writeFile(settings, Buffer.from(JSON.stringify({ version: '2.0.0', tasks })));
    try {
      const isRead = (): boolean =>
        vscode.workspace.getConfiguration('tasks', folder().uri).get<readonly unknown[]>('tasks', []).length > 0;
      await until('tasks.json', vscode.workspace.onDidChangeConfiguration, isRead);
      const byName = async (name: string): Promise<vscode.Task> => {
        const all = await vscode.tasks.fetchTasks();
        return all.find((task) => task.name === name) ?? assert.fail(`no task ${name} among ${all.map((task) => task.name).join(', ')}`);
      };
      assert.equal(await exitCodeOf(await byName('good')), 0);
      assert.equal(await exitCodeOf(await byName('bad')), 1);
      assert.equal(await exitCodeOf(await byName('unknown')), 2);
    } finally {
      await vscode.workspace.fs.delete(settings);
    }
  });
});
