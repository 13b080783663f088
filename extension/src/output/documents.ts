import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { outputFileName } from '../../../core/contract/rpc.ts';
import type { KeptRunReader } from '../history/kept-history.ts';
import type { NodeRecord, StoreView } from '../store/records.ts';
import { createRefreshScheduler, systemClock } from '../tree/refresh.ts';
import { decodeAddress, encodeAddress, outputScheme } from './address.ts';
import type { OutputAddress } from './address.ts';
import { parseAnsi } from './ansi.ts';
import type { AnsiText } from './ansi.ts';
import { createOutputDecorations } from './decorations.ts';
import { outputFooter } from './footer.ts';

const t = vscode.l10n.t;
/** The end of a finished run's output that is shown, in bytes. */
const mostBytes = 1024 * 1024;
/** What showing a character anew costs, in the rows that the scheduler counts: a full document is refreshed every two seconds. */
const rowsPerCharacter = 1 / 100;

/** Documents that show what steps wrote, in editors that nobody can type in. */
export interface OutputDocuments extends vscode.Disposable {
  /** Opens the output of a step's last run; it follows while the step runs. */
  show(node: NodeRecord, options?: { readonly preserveFocus?: boolean }): Promise<void>;
  /** Opens what a step wrote in one run, of this window or one that was kept. */
  showOfRun(runId: string, step: string): Promise<void>;
  /** The file that has all of it; `undefined` before a step's first run, and for a run that was kept: what was kept is shown. */
  completeFile(address: OutputAddress): string | undefined;
}

export function createOutputDocuments(store: StoreView, history: KeptRunReader): OutputDocuments {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const decorations = createOutputDecorations();
  const parsed = new Map<string, AnsiText>();
  /** Documents whose last line is to be shown once their text is there. */
  const following = new Set<string>();
  /** Documents of runs that are not known. */
  const missing = new Set<string>();
  let characters = 0;
  const scheduler = createRefreshScheduler<string>(
    systemClock,
    (keys) => {
      for (const document of openDocuments()) {
        const address = decodeAddress(document.uri.query);
        if (address?.kind !== 'live' || (keys !== undefined && !keys.has(address.node))) continue;
        if (editorsOf(document.uri).some(showsEnd)) following.add(document.uri.toString());
        changed.fire(document.uri);
      }
    },
    () => {
      const rows = characters * rowsPerCharacter;
      characters = 0;
      return rows;
    },
  );

  const isOpen = (key: string) => openDocuments().some(({ uri }) => uri.query === JSON.stringify({ kind: 'live', node: key }));
  const subscriptions = [
    vscode.workspace.registerTextDocumentContentProvider(outputScheme, { onDidChange: changed.event, provideTextDocumentContent: content }),
    store.onDidOutput((key) => {
      if (isOpen(key)) scheduler.mark([key]);
    }),
    store.onDidChange(({ nodes, structure, runs }) => {
      for (const { uri } of openDocuments()) {
        const address = decodeAddress(uri.query);
        if (address?.kind !== 'run' || store.run(address.runId) !== undefined) continue;
        // A run that was kept may go on, and one of an earlier window is known once its project is loaded.
        if (runs.has(address.runId) || (structure.size > 0 && missing.has(uri.toString()))) changed.fire(uri);
      }
      const keys = openDocuments().flatMap(({ uri }) => {
        const address = decodeAddress(uri.query);
        return address?.kind === 'live' && (structure.size > 0 || nodes.has(address.node)) ? [address.node] : [];
      });
      if (keys.length > 0) scheduler.mark(keys);
    }),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.uri.scheme === outputScheme) for (const editor of editorsOf(document.uri)) present(editor);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      parsed.delete(uri.toString());
      following.delete(uri.toString());
      missing.delete(uri.toString());
    }),
    vscode.window.onDidChangeVisibleTextEditors((editors) => {
      for (const editor of editors) if (editor.document.uri.scheme === outputScheme) present(editor);
    }),
  ];

  async function content(uri: vscode.Uri): Promise<string> {
    const address = decodeAddress(uri.query);
    const found = address === undefined ? t('There is no such output.') : await read(address);
    if (found === undefined) missing.add(uri.toString());
    else missing.delete(uri.toString());
    const output = found ?? t('This run is no longer kept.');
    const result = parseAnsi(output);
    characters += output.length;
    parsed.set(uri.toString(), result);
    return result.text;
  }

  /** `undefined` where the run is not known. */
  async function read(address: OutputAddress): Promise<string | undefined> {
    if (address.kind === 'live') {
      const node = store.node(address.node);
      if (node === undefined) return t('This step is no longer part of the pipeline.');
      return withFooter(store.output(node.key), outputFooter(node, store.project(node.project)?.root, t));
    }
    const { runId, step } = address;
    const own = store.run(runId);
    const run = own ?? (await history.open(runId));
    if (run === undefined) return undefined;
    const output = own === undefined ? await history.output(runId, step) : await readEnd(join(own.outputFolder, outputFileName(step)));
    if (output === undefined) return undefined;
    const span = run.spans.findLast(({ nodeId }) => nodeId === step);
    if (span === undefined || span.state === 'retried') return output;
    const { state, startedAt, endedAt, error } = span;
    const ending = { id: step, state, durationMs: endedAt === undefined ? undefined : endedAt - startedAt, error };
    return withFooter(output, outputFooter(ending, store.project(run.project)?.root, t));
  }

  function present(editor: vscode.TextEditor): void {
    const uri = editor.document.uri.toString();
    const result = parsed.get(uri);
    // The text that was asked for last may not have reached the editor yet.
    if (result === undefined || result.text.length !== editor.document.getText().replaceAll('\r\n', '\n').length) return;
    decorations.apply(editor, result.spans);
    if (!following.delete(uri)) return;
    const last = editor.document.lineCount - 1;
    editor.revealRange(new vscode.Range(last, 0, last, 0));
  }

  async function showDocument(address: OutputAddress, pipeline: string, step: string, end: boolean, preserveFocus: boolean): Promise<void> {
    const uri = vscode.Uri.from({ scheme: outputScheme, ...encodeAddress(address, pipeline, step) });
    if (end) following.add(uri.toString());
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document, { preview: true, preserveFocus });
    present(editor);
  }

  return {
    async show(node, options = {}) {
      const end = node.state === 'running' || node.state === 'failed' || node.state === 'timed-out';
      await showDocument({ kind: 'live', node: node.key }, node.pipeline, node.id, end, options.preserveFocus ?? false);
    },
    async showOfRun(runId, step) {
      await showDocument({ kind: 'run', runId, step }, store.anyRun(runId)?.pipeline ?? '', step, false, false);
    },
    completeFile(address) {
      const node = address.kind === 'live' ? store.node(address.node) : undefined;
      const runId = address.kind === 'run' ? address.runId : node?.runId;
      const step = address.kind === 'run' ? address.step : node?.id;
      const run = runId === undefined ? undefined : store.run(runId);
      return run === undefined || step === undefined ? undefined : join(run.outputFolder, outputFileName(step));
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      scheduler.dispose();
      decorations.dispose();
      changed.dispose();
    },
  };
}

function withFooter(output: string, footer: string): string {
  return output === '' || footer === '' ? output + footer : `${output}${output.endsWith('\n') ? '' : '\n'}\x1b[0m\n${footer}`;
}

function openDocuments(): readonly vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === outputScheme);
}

function editorsOf(uri: vscode.Uri): readonly vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter(({ document }) => document.uri.toString() === uri.toString());
}

function showsEnd({ visibleRanges, document }: vscode.TextEditor): boolean {
  return (visibleRanges.at(-1)?.end.line ?? 0) >= document.lineCount - 2;
}

async function readEnd(file: string): Promise<string> {
  let handle;
  try {
    handle = await open(file);
  } catch {
    // A step that wrote nothing has no file.
    return '';
  }
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, mostBytes);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(length), position: size - length });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
