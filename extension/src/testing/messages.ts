import { sep } from 'node:path';
import * as vscode from 'vscode';
import type { SerializedError } from '../../../core/contract/errors.ts';
import type { TestResult } from '../../../core/contract/events.ts';
import { projectFrames } from '../../../core/contract/stack-frames.ts';
import type { SourceLocation } from '../../../core/contract/status.ts';
import { projectPath } from '../project-path.ts';
import type { ProjectRecord } from '../store/records.ts';

/** Of more stack frames than this, the first ones are shown. */
const mostFrames = 30;

/** A place in a file of a project, or nothing for one that is nowhere. */
export function editorLocation(project: ProjectRecord, location: SourceLocation | undefined): vscode.Location | undefined {
  const file = location === undefined ? undefined : projectPath(project, location.file);
  if (location === undefined || file === undefined) return undefined;
  return new vscode.Location(vscode.Uri.file(file), positionOf(location));
}

/** Lines and columns of the engine count from 1. */
export function positionOf({ line, column }: Pick<SourceLocation, 'line' | 'column'>): vscode.Position {
  return new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
}

/** Why a test case failed. */
export function caseMessage(project: ProjectRecord, { error, location }: TestResult): vscode.TestMessage {
  const text = error?.message ?? vscode.l10n.t('The test failed.');
  const { expected, actual, stack } = error ?? {};
  const message =
    expected === undefined || actual === undefined ? new vscode.TestMessage(text) : vscode.TestMessage.diff(text, expected, actual);
  message.stackTrace = framesOf(project, stack);
  message.location = editorLocation(project, location) ?? ownPlace(project, message.stackTrace);
  return message;
}

/** Where the project's own code was, nearest to the failure. */
function ownPlace({ root }: ProjectRecord, frames: readonly vscode.TestMessageStackFrame[]): vscode.Location | undefined {
  for (const { uri, position } of frames) {
    if (uri === undefined || position === undefined || !uri.fsPath.startsWith(root + sep)) continue;
    if (!/[\\/](?:node_modules|\.treadle)[\\/]/.test(uri.fsPath.slice(root.length))) return new vscode.Location(uri, position);
  }
  return undefined;
}

/** Why a step or group failed. */
export function nodeMessage(project: ProjectRecord, error: SerializedError, written: SourceLocation | undefined): vscode.TestMessage {
  const hint = error.hint === undefined ? [] : [error.hint];
  const message = new vscode.TestMessage([error.message, ...hint].join('\n'));
  message.location = editorLocation(project, error.location) ?? editorLocation(project, written);
  message.stackTrace = framesOf(project, error.stack);
  return message;
}

/** Where the project's own code was; what lies between is the business of tools. */
function framesOf(project: ProjectRecord, stack: string | undefined): vscode.TestMessageStackFrame[] {
  return projectFrames(stack, project.root)
    .slice(0, mostFrames)
    .map(({ call, file, line, column = 1 }) => {
      const place = editorLocation(project, { file, line, column });
      return new vscode.TestMessageStackFrame(call === '' ? `${file}:${line}` : call, place?.uri, place?.range.start);
    });
}
