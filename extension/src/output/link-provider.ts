import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { StoreView } from '../store/records.ts';
import { decodeAddress, outputScheme } from './address.ts';
import { findMentions, resolveMention } from './links.ts';

/** More files than this are not looked for: each costs a look at the disk. */
const mostFiles = 500;

/** Makes `file:line` in output a link, where there is such a file in the workspace. */
export function registerOutputLinks(store: StoreView): vscode.Disposable {
  return vscode.languages.registerDocumentLinkProvider(
    { scheme: outputScheme },
    {
      async provideDocumentLinks(document, cancellation) {
        const root = rootOf(document.uri, store);
        if (root === undefined) return [];
        const workspace = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(root))?.uri.fsPath;
        if (workspace === undefined) return [];
        const files = new Map<string, Promise<boolean>>();
        const links: vscode.DocumentLink[] = [];
        for (const { file, start, end, line, column } of findMentions(document.getText())) {
          if (cancellation.isCancellationRequested) break;
          const path = resolveMention(file, root, workspace);
          if (path === undefined || (files.size >= mostFiles && !files.has(path))) continue;
          const exists = files.get(path) ?? isFile(path);
          files.set(path, exists);
          if (!(await exists)) continue;
          const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
          // The editor takes the place to open from the fragment.
          const fragment = column === undefined ? `L${line}` : `L${line},${column}`;
          links.push(new vscode.DocumentLink(range, vscode.Uri.file(path).with({ fragment })));
        }
        return links;
      },
    },
  );
}

function rootOf(uri: vscode.Uri, store: StoreView): string | undefined {
  const address = decodeAddress(uri.query);
  const project = address?.kind === 'live' ? store.node(address.node)?.project : address && store.anyRun(address.runId)?.project;
  return project === undefined ? undefined : store.project(project)?.root;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
