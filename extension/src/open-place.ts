import { isAbsolute, relative, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { SourceLocation } from '../../core/contract/status.ts';
import type { ProjectRecord } from './store/records.ts';

/** Opens a place in a file of a project. */
export async function openPlace(project: ProjectRecord, location: SourceLocation): Promise<void> {
  const file = resolve(project.root, location.file);
  const inside = relative(project.root, file);
  // A location comes from the project's own programs. What lies elsewhere is a library's, and is opened too, but as a preview.
  const isOutside = inside.startsWith('..') || isAbsolute(inside);
  const position = new vscode.Position(Math.max(0, location.line - 1), Math.max(0, location.column - 1));
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(position, position), preview: isOutside });
}
