import * as vscode from 'vscode';
import { createApi } from './api.ts';
import type { TreadleApi } from './api.ts';
import { registerCommands } from './commands/register.ts';
import { registerCodeLenses } from './editing/code-lenses.ts';
import { createLog } from './log.ts';
import { registerNotifications, showNotice } from './notifications.ts';
import { createOutputDocuments } from './output/documents.ts';
import { registerOutputLinks } from './output/link-provider.ts';
import { registerOutputReveal } from './output/reveal.ts';
import { registerProblems } from './problems/diagnostics.ts';
import { createRunsView } from './runs/view.ts';
import { createStatusBar } from './status-bar.ts';
import { registerTasks } from './tasks/provider.ts';
import { registerTestExplorer } from './testing/explorer.ts';
import { createTimeline } from './timeline/panel.ts';
import { createPipelinesView } from './tree/view.ts';
import { createWorkspaceModel } from './workspace-model.ts';
import type { WorkspaceModel } from './workspace-model.ts';

let model: WorkspaceModel | undefined;

/** Puts the parts together; what each of them does is told in its own file. */
export function activate(context: vscode.ExtensionContext): TreadleApi {
  const log = createLog();
  const { version }: { version: string } = context.extension.packageJSON;
  const made = createWorkspaceModel({
    workspaceState: context.workspaceState,
    globalStorageUri: context.globalStorageUri,
    extensionVersion: version,
    log: log.channel,
    tell: (notice) => void showNotice(notice, made.store),
  });
  model = made;
  const { store, history } = made;
  const pipelinesView = createPipelinesView(made);
  const runsView = createRunsView(store, history);
  const documents = createOutputDocuments(store, history);
  const timeline = createTimeline(store, history, context.extensionUri, ({ runId, project, pipeline }, { nodeId, kind }) => {
    if (kind === 'step') return void documents.showOfRun(runId, nodeId);
    const node = store.node(store.nodeKey(project, pipeline, nodeId));
    if (node !== undefined) void vscode.commands.executeCommand('treadle.selectNode', node.key);
  });
  context.subscriptions.push(
    log.channel,
    pipelinesView,
    runsView,
    documents,
    timeline,
    registerOutputLinks(store),
    registerOutputReveal(store, documents),
    createStatusBar(made),
    registerTestExplorer(made),
    registerProblems(made),
    registerCodeLenses(made),
    registerTasks(made),
    registerNotifications(made, pipelinesView, documents),
    registerCommands({ model: made, pipelinesView, runsView, documents, timeline, log, extensionVersion: version }),
  );
  return createApi(made, context.subscriptions);
}

/** The editor gives this five seconds. */
export async function deactivate(): Promise<void> {
  await model?.dispose();
  model = undefined;
}
