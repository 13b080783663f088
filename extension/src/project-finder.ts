import { basename, dirname, extname, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { ProjectFile } from './project-set.ts';

const usualGlob = '**/treadle.config.{ts,mts,js,mjs,json}';
const passedOver = '{**/node_modules/**,**/.treadle/**,**/.git/**}';
/** Changes come in bursts: a checkout, a rename. */
const quietMs = 100;

/** Finds the pipeline files of all workspace folders, and says so again whenever some come or go. */
export class ProjectFinder implements vscode.Disposable {
  /** Resolves when the first look is over. */
  readonly ready: Promise<void>;
  private readonly onFound: (files: readonly ProjectFile[]) => Promise<void>;
  private readonly disposables: vscode.Disposable[] = [];
  private watcher: vscode.FileSystemWatcher | undefined;
  private known: readonly ProjectFile[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void>;
  private disposed = false;

  constructor(onFound: (files: readonly ProjectFile[]) => Promise<void>) {
    this.onFound = onFound;
    this.watch();
    // Of everything, because a folder that comes or goes is told of by its own name alone.
    const all = vscode.workspace.createFileSystemWatcher('**/*', false, true, false);
    this.disposables.push(
      all,
      all.onDidCreate((uri) => void this.folderCreated(uri)),
      all.onDidDelete(({ fsPath }) => {
        if (this.known.some(({ configFile }) => configFile === fsPath || configFile.startsWith(fsPath + sep))) this.lookSoon();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.lookSoon()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('treadle.configGlob')) return;
        this.watch();
        this.lookSoon();
      }),
    );
    this.looking = this.look();
    this.ready = this.looking;
  }

  dispose(): void {
    this.disposed = true;
    this.watcher?.dispose();
    clearTimeout(this.timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** Pipeline files themselves. */
  private watch(): void {
    this.watcher?.dispose();
    this.watcher = vscode.workspace.createFileSystemWatcher(glob(), false, true, true);
    this.watcher.onDidCreate(() => this.lookSoon());
  }

  private async folderCreated(uri: vscode.Uri): Promise<void> {
    // What has an extension is nearly always a file, and not worth a question.
    if (extname(uri.fsPath) !== '' || /[\\/](?:node_modules|\.treadle|\.git)(?:[\\/]|$)/.test(uri.fsPath)) return;
    const found = await vscode.workspace.fs.stat(uri).then(undefined, () => undefined);
    if (found !== undefined && (found.type & vscode.FileType.Directory) !== 0) this.lookSoon();
  }

  private lookSoon(): void {
    clearTimeout(this.timer);
    if (this.disposed) return;
    this.timer = setTimeout(() => {
      // One look at a time, so that an earlier one cannot bring back what is gone.
      this.looking = this.looking.then(() => this.look());
    }, quietMs);
  }

  private async look(): Promise<void> {
    const found = await vscode.workspace.findFiles(glob(), passedOver);
    if (this.disposed) return;
    this.known = withLabels(found.filter(({ scheme }) => scheme === 'file'));
    await this.onFound(this.known);
  }
}

function glob(): string {
  const configured = vscode.workspace.getConfiguration('treadle').get<string>('configGlob', '');
  return configured === '' ? usualGlob : configured;
}

/** Labels such as `shop`, `shop/packages/api`, or with the file's name where a folder has several. */
function withLabels(uris: readonly vscode.Uri[]): readonly ProjectFile[] {
  const files = new Map<string, ProjectFile>();
  for (const uri of uris) {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    if (folder === undefined) continue;
    const configFile = uri.fsPath;
    const path = relative(folder.uri.fsPath, dirname(configFile)).split(sep).join('/');
    const isAlone = !uris.some((other) => other.fsPath !== configFile && dirname(other.fsPath) === dirname(configFile));
    const label = [folder.name, path, isAlone ? '' : basename(configFile)].filter((part) => part !== '').join('/');
    files.set(configFile, { configFile, label, workspaceFolder: folder.uri.fsPath });
  }
  return [...files.values()];
}
