import { dirname, sep } from 'node:path';
import * as vscode from 'vscode';
import type { ProjectSet } from './project-set.ts';

/** Changes on the disk come in bursts. */
const quietMs = 100;
const sources = '**/{*.{ts,mts,cts,tsx,js,mjs,cjs,jsx,json,jsonc},pnpm-lock.yaml,yarn.lock,bun.lock}';

/** Tells the engines what a person saves, for pipelines that are watched, and what changes by any means, for projects that are made of it. */
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
  const onSave = (uris: readonly vscode.Uri[]): void => {
    const isOn = vscode.workspace.getConfiguration('treadle').get<string>('watch.mode') !== 'off';
    const files = uris.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath);
    for (const uri of uris) onChange(uri);
    if (!isOn) return;
    for (const engine of projects.all) {
      const own = files.filter((file) => belongsTo(file, dirname(engine.key)));
      if (own.length > 0) engine.filesSaved(own);
    }
  };
  const watcher = vscode.workspace.createFileSystemWatcher(sources);
  const disposables = [
    watcher,
    watcher.onDidChange(onChange),
    watcher.onDidCreate(onChange),
    watcher.onDidDelete(onChange),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => onSave([uri])),
    vscode.workspace.onDidCreateFiles(({ files }) => onSave(files)),
    vscode.workspace.onDidDeleteFiles(({ files }) => onSave(files)),
    vscode.workspace.onDidRenameFiles(({ files }) => onSave(files.flatMap(({ oldUri, newUri }) => [oldUri, newUri]))),
    { dispose: () => clearTimeout(timer) },
  ];
  return vscode.Disposable.from(...disposables);
}

/** Whether a file is part of a project's own work. */
function belongsTo(file: string, folder: string): boolean {
  if (!file.startsWith(folder + sep)) return false;
  return !file
    .slice(folder.length)
    .split(sep)
    .some((part) => part === 'node_modules' || part === '.treadle' || part === '.git');
}
