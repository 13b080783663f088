import * as vscode from 'vscode';
import { createPipelinesView } from './tree/view.ts';
import type { WorkspaceModel } from './workspace-model.ts';

let model: WorkspaceModel | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Treadle', { log: true });
  context.subscriptions.push(log);
  model = undefined;
  if (model !== undefined) context.subscriptions.push(createPipelinesView(model));
}

/** The editor gives this five seconds. */
export async function deactivate(): Promise<void> {
  await model?.dispose();
  model = undefined;
}
