import * as vscode from 'vscode';
import type { ProjectSet } from './project-set.ts';

/** Changes on the disk come in bursts. */
const quietMs = 100;
/** The editor's patterns know no braces within braces: such a one matches nothing. */
const sources = '**/{*.ts,*.mts,*.cts,*.tsx,*.js,*.mjs,*.cjs,*.jsx,*.json,*.jsonc,pnpm-lock.yaml,yarn.lock,bun.lock}';

/** Tells the engines what changes by any means, for projects that are made of it. Those that are watched are by their engines. */
export function watchFiles(projects: Pick<ProjectSet, 'all'>): vscode.Disposable {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    const files = [...changed];
    changed.clear();
    for (const engine of projects.all) void engine.filesChanged(files);
  };
  const onChange = ({ scheme, fsPath }: vscode.Uri): void => {
    if (scheme !== 'file') return;
    changed.add(fsPath);
    clearTimeout(timer);
    timer = setTimeout(flush, quietMs);
  };
  const watcher = vscode.workspace.createFileSystemWatcher(sources);
  const disposables = [
    watcher,
    watcher.onDidChange(onChange),
    watcher.onDidCreate(onChange),
    watcher.onDidDelete(onChange),
    // Watching files is the system's favour, and not to be had everywhere; what the editor itself does is always told.
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      onChange(uri);
      if (uri.scheme === 'file') for (const engine of projects.all) engine.saved(uri.fsPath);
    }),
    vscode.workspace.onDidCreateFiles(({ files }) => files.forEach(onChange)),
    vscode.workspace.onDidDeleteFiles(({ files }) => files.forEach(onChange)),
    vscode.workspace.onDidRenameFiles(({ files }) => files.flatMap(({ oldUri, newUri }) => [oldUri, newUri]).forEach(onChange)),
    { dispose: () => clearTimeout(timer) },
  ];
  return vscode.Disposable.from(...disposables);
}
