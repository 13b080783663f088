import * as vscode from 'vscode';
import { openPlace } from './open-place.ts';
import type { OutputDocuments } from './output/documents.ts';
import { errorText } from './output/footer.ts';
import type { NodeRecord, RunRecord, StoreView } from './store/records.ts';
import type { PipelinesView } from './tree/view.ts';
import { errorLine } from './tree/labels.ts';
import type { Notice } from './notice.ts';
import type { WorkspaceModel } from './workspace-model.ts';

const t = vscode.l10n.t;

/** Tells about runs that failed, as the setting asks; never about one that passed. */
export function registerNotifications(model: WorkspaceModel, view: PipelinesView, documents: OutputDocuments): vscode.Disposable {
  const { store, runs } = model;
  const told = new Set<string>();

  async function tell(run: RunRecord): Promise<void> {
    const failed = stepsThatFailed(run);
    const [first] = failed;
    const show = t('Show');
    const rerun = t('Rerun Failed');
    const choice = await vscode.window.showErrorMessage(headline(run, failed), ...(first === undefined ? [] : [show]), rerun);
    if (choice === rerun) await runs.runFailed(run.project, run.pipeline);
    if (choice === show && first !== undefined) {
      await view.reveal(first.key);
      await documents.show(first);
    }
  }

  function stepsThatFailed(run: RunRecord): readonly NodeRecord[] {
    return run.spans
      .filter(({ kind, state }) => kind === 'step' && (state === 'failed' || state === 'timed-out'))
      .map(({ nodeId }) => store.node(store.nodeKey(run.project, run.pipeline, nodeId)))
      .filter((node) => node !== undefined);
  }

  return store.onDidChange(({ runs: changed }) => {
    const setting = vscode.workspace.getConfiguration('treadle').get<string>('notifications', 'onFailure');
    for (const runId of changed) {
      const run = store.run(runId);
      if (run === undefined || run.state === 'running' || told.has(runId)) continue;
      told.add(runId);
      const isFailure = run.state === 'failed' || run.state === 'timed-out';
      const isAsked = setting === 'onAnyFailure' || (setting === 'onFailure' && run.trigger.kind !== 'save');
      if (isFailure && isAsked) void tell(run);
    }
  });
}

function headline(run: RunRecord, failed: readonly NodeRecord[]): string {
  const [first, ...others] = failed;
  if (first === undefined) return run.state === 'timed-out' ? t('{0} timed out.', run.pipeline) : t('{0} failed.', run.pipeline);
  const reason = errorLine(first.error);
  const what = reason === undefined ? first.id : `${first.id}: ${reason}`;
  return others.length === 0
    ? t('{0} failed at {1}', run.pipeline, what)
    : t('{0}: {1} steps failed. The first is {2}', run.pipeline, failed.length, what);
}

/** Shows what the engine or the model has to tell, with what helps. */
export async function showNotice({ severity, message, project: key, error, action }: Notice, store: StoreView): Promise<void> {
  const actions = new Map<string, () => unknown>();
  const project = key === undefined ? undefined : store.project(key);
  const location = error?.location;
  if (location !== undefined && project !== undefined) actions.set(t('Open'), () => openPlace(project, location));
  if (error !== undefined) actions.set(t('Copy Error'), () => vscode.env.clipboard.writeText(errorText(error, project?.root, t)));
  if (action === undefined) actions.set(t('Show Log'), () => vscode.commands.executeCommand('treadle.showLog'));
  else actions.set(action.title, action.run);
  const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;
  const show = { error: showErrorMessage, warning: showWarningMessage, information: showInformationMessage }[severity];
  const choice = await show(message, ...actions.keys());
  if (choice !== undefined) await actions.get(choice)?.();
}
