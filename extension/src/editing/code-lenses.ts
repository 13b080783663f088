import * as vscode from 'vscode';
import { projectPath } from '../project-path.ts';
import type { NodeKey, NodeRecord, ProjectRecord, StoreView } from '../store/records.ts';
import { createRefreshScheduler, systemClock } from '../tree/refresh.ts';
import { isDebuggable } from '../tree/context-values.ts';
import type { WorkspaceModel } from '../workspace-model.ts';
import { lensTexts } from './lens-texts.ts';

/** A file with more steps than this has a program that writes it, and nobody who reads it. */
const mostPerFile = 500;

/** Above each step and pipeline, in the file where it is written: run, debug, and how it went last. */
export function registerCodeLenses({ store }: WorkspaceModel): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const isEnabled = (): boolean => vscode.workspace.getConfiguration('treadle').get('codeLens.enabled', true);
  const scheduler = createRefreshScheduler<string>(systemClock, () => changed.fire());
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) => (isEnabled() ? [...lensesOf(document.uri.fsPath, store)] : []),
  };
  return vscode.Disposable.from(
    changed,
    vscode.languages.registerCodeLensProvider({ scheme: 'file', pattern: '**/*.{ts,mts,cts,js,mjs,cjs,json}' }, provider),
    store.onDidChange(({ structure, nodes }) => {
      if (structure.size > 0 || nodes.size > 0) scheduler.markAll();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('treadle.codeLens.enabled')) changed.fire();
    }),
    { dispose: () => scheduler.dispose() },
  );
}

function lensesOf(path: string, store: StoreView): readonly vscode.CodeLens[] {
  const nodes = store.projects.flatMap((project) => nodesIn(path, project, store)).slice(0, mostPerFile);
  const perLine = Map.groupBy(nodes, ({ location }) => location?.line ?? 0);
  return [...perLine].flatMap(([line, here]) => {
    const range = new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), 0);
    return here.flatMap((node) =>
      lensTexts(node, isDebuggable(node, store.project(node.project)), here.length === 1, vscode.l10n.t).map(
        ({ title, tooltip, command, node: key }) => new vscode.CodeLens(range, { title, tooltip, command, arguments: [key] }),
      ),
    );
  });
}

/** Steps and pipelines that are written in a file. A group is written by what is in it. */
function nodesIn(path: string, project: ProjectRecord, store: StoreView): readonly NodeRecord[] {
  const found: NodeRecord[] = [];
  const visit = (key: NodeKey): void => {
    const node = store.node(key);
    if (node === undefined) return;
    const isShown = node.kind === 'step' || node.kind === 'pipeline';
    if (isShown && node.location !== undefined && projectPath(project, node.location.file) === path) found.push(node);
    node.children.forEach(visit);
  };
  for (const { node } of project.pipelines) visit(node);
  return found;
}
