import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { decodeAddress } from '../output/address.ts';
import type { OutputAddress } from '../output/address.ts';
import { errorText, nodeErrorText, testErrorText } from '../output/footer.ts';
import { openPlace } from '../open-place.ts';
import { problemRow } from '../tree/problems.ts';
import type { Command, CommandContext } from './context.ts';
import { locationOf, nodeAtLine, nodeOf, projectOf, targetOf } from './targets.ts';
import type { Target } from './targets.ts';

const t = vscode.l10n.t;
/** The editor opens a row at once when it is selected. */
const selectingMs = 500;

/** Commands that show something: output, places in files, rows. */
export function showCommands({ model, pipelinesView, runsView, documents, timeline }: CommandContext): { readonly [id: string]: Command } {
  const { store } = model;
  const selected = (argument: unknown): Target | undefined =>
    targetOf(argument, pipelinesView.selection) ?? (argument === undefined ? runsView.selection[0] : undefined);

  async function showOutput(argument: unknown): Promise<void> {
    const target = selected(argument);
    if (target?.kind === 'run-step') return documents.showOfRun(target.runId, target.step);
    const node = nodeOf(target, store);
    if (node?.kind === 'step') await documents.show(node);
  }

  /** Of the run that a row stands for, or of the last run of a node; else of the last run, whichever that is. */
  function showTimeline(target: Target | undefined): void {
    const runId = target !== undefined && 'runId' in target ? target.runId : nodeOf(target, store)?.runId;
    timeline.show(runId);
  }

  async function openCompleteOutput(argument: unknown): Promise<void> {
    const address = argument instanceof vscode.Uri ? decodeAddress(argument.query) : addressOf(selected(argument));
    const file = address === undefined ? undefined : documents.completeFile(address);
    if (file === undefined) {
      const isOfRun = address?.kind === 'run' && store.anyRun(address.runId) !== undefined;
      const message = isOfRun ? t('The output shown is all that was kept.') : t('There is no output yet: run the step first.');
      return void vscode.window.showInformationMessage(message);
    }
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
  }

  function addressOf(target: Target | undefined): OutputAddress | undefined {
    if (target?.kind === 'run-step') return { kind: 'run', runId: target.runId, step: target.step };
    const node = nodeOf(target, store);
    return node === undefined ? undefined : { kind: 'live', node: node.key };
  }

  async function openSource(argument: unknown): Promise<void> {
    const target = selected(argument);
    const project = projectOf(target, store);
    if (project === undefined) return;
    const location = locationOf(target, store) ?? { file: project.configFile, line: 1, column: 1 };
    await openPlace(project, location);
  }

  async function copyError(argument: unknown): Promise<void> {
    const target = selected(argument);
    const text = textToCopy(target);
    if (text === undefined || text === '') return;
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(t('Copied the error.'), 2000);
  }

  function textToCopy(target: Target | undefined): string | undefined {
    if (target?.kind === 'problem') {
      const problem = store.project(target.project)?.problem;
      const error = problem?.kind === 'config' ? problem.errors[target.index] : undefined;
      return error === undefined ? undefined : errorText(error, store.project(target.project)?.root, t);
    }
    if (target?.kind === 'run-test') {
      const { error } = target.test;
      return error && testErrorText(error, projectOf(target, store)?.root);
    }
    const node = nodeOf(target, store);
    if (node === undefined) return undefined;
    if (target?.kind === 'diagnostic') {
      const diagnostic = node.diagnostics[target.index];
      return diagnostic && `${diagnostic.file}:${diagnostic.line}:${diagnostic.column}: ${diagnostic.message}`;
    }
    if (target?.kind === 'test') {
      const error = node.tests[target.index]?.error;
      return error && testErrorText(error, store.project(node.project)?.root);
    }
    return nodeErrorText(node, store.project(node.project)?.root, t);
  }

  /** From the editor: the step that the cursor is in. From elsewhere: the one that is named. */
  async function selectNode(argument: unknown): Promise<void> {
    const named = typeof argument === 'string' ? store.node(argument) : undefined;
    const node = named ?? nodeAtCursor();
    if (node === undefined) return void vscode.window.showInformationMessage(t('There is no step here that Treadle knows.'));
    await pipelinesView.reveal(node.key, { focus: true });
  }

  function nodeAtCursor() {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return undefined;
    const file = editor.document.uri.fsPath;
    const line = editor.selection.active.line + 1;
    for (const project of store.projects) {
      const node = nodeAtLine(project, line, store, (location) => resolve(project.root, location.file) === file);
      if (node !== undefined) return node;
    }
    return undefined;
  }

  /** Keys work on what is selected, but arrow keys only move the focus: until then, rows are being selected for a key, not opened. */
  let selectingUntil = 0;

  /** Asked once for each row that a key selects. */
  function isSelecting(): boolean {
    const until = selectingUntil;
    selectingUntil = 0;
    return performance.now() < until;
  }

  /** Folds or unfolds the row that was opened, as a click does where a row has no command. */
  async function fold(): Promise<void> {
    await vscode.commands.executeCommand('list.toggleExpand');
  }

  /** The same in the Runs view. */
  async function openRunRow(): Promise<void> {
    if (isSelecting()) return;
    const [target] = runsView.selection;
    if (target?.kind === 'run') return fold();
    if (target?.kind === 'run-test' && target.test.location !== undefined) return openSource(target);
    if (target?.kind === 'run-test') return documents.showOfRun(target.runId, target.step);
    await showOutput(target);
  }

  /** What a click on a row does. */
  async function openRow(): Promise<void> {
    if (isSelecting()) return;
    const [target] = pipelinesView.selection;
    if (target?.kind === 'project' || (target?.kind === 'node' && store.node(target.key)?.kind !== 'step')) return fold();
    if (target?.kind === 'node') return showOutput(target);
    if (target?.kind === 'test' || target?.kind === 'diagnostic') return openSource(target);
    const project = target?.kind === 'problem' ? store.project(target.project) : undefined;
    if (target?.kind !== 'problem' || project?.problem === undefined) return;
    await vscode.commands.executeCommand(problemRow(project, project.problem, target.index, t).command, target);
  }

  return {
    'treadle.openRow': openRow,
    'treadle.openRunRow': openRunRow,
    'treadle.selectForKey': () => void (selectingUntil = performance.now() + selectingMs),
    'treadle.showOutput': showOutput,
    'treadle.openCompleteOutput': openCompleteOutput,
    'treadle.openSource': openSource,
    'treadle.copyError': copyError,
    'treadle.selectNode': selectNode,
    'treadle.showTimeline': (argument) => showTimeline(targetOf(argument, [])),
    'treadle.expandAll': () => pipelinesView.expandAll(),
    'treadle.filterFailed': () => pipelinesView.setFailedOnly(true),
    'treadle.clearFilter': () => pipelinesView.setFailedOnly(false),
  };
}
