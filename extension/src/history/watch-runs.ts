import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { StoreView } from '../store/records.ts';
import type { KeptHistory } from './kept-history.ts';
import { runFolder } from './run-file.ts';

/** Notices runs that begin and end elsewhere: a file stands beside that of a run for as long as it is written. */
export function watchRuns(store: StoreView, history: KeptHistory): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher('**/.treadle/runs/*.{ndjson,live}', false, true, false);
  const onChange = ({ fsPath }: vscode.Uri): void => {
    // Such as 20261125T141502Z-mzk3f2p1-a8x0q2.rerun.live
    const runId = /^[^-]*-(.*?)(?:\.rerun)?\.(?:ndjson|live)$/.exec(basename(fsPath))?.[1];
    // Runs of this window are told by their engines.
    if (runId === undefined || store.run(runId) !== undefined) return;
    const folder = dirname(fsPath);
    history.mark(store.projects.filter(({ configFile }) => runFolder(dirname(configFile)) === folder).map(({ key }) => key));
  };
  return vscode.Disposable.from(watcher, watcher.onDidCreate(onChange), watcher.onDidDelete(onChange));
}
