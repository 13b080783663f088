import * as vscode from 'vscode';
import type { NodeKey, NodeRecord, RunRecord, StoreView } from '../store/records.ts';
import type { OutputDocuments } from './documents.ts';

/** Opens output by itself where the settings ask for it, without taking the focus. Saves never open anything. */
export function registerOutputReveal(store: StoreView, documents: OutputDocuments): vscode.Disposable {
  /** Runs that have shown what they have to show. */
  const done = new Set<string>();
  return store.onDidChange(({ runs }) => {
    for (const runId of runs) {
      const run = store.run(runId);
      if (run === undefined || done.has(runId) || run.trigger.kind === 'save') continue;
      const setting = vscode.workspace.getConfiguration('treadle').get<string>('output.reveal', 'never');
      const step = setting === 'never' ? undefined : stepToShow(run, setting, store);
      if (step !== undefined || run.state !== 'running') done.add(runId);
      if (step !== undefined) void documents.show(step, { preserveFocus: true });
    }
  });
}

function stepToShow(run: RunRecord, setting: string, store: StoreView): NodeRecord | undefined {
  const span = run.spans.find(({ kind, state }) =>
    setting === 'onRun' ? kind === 'step' : kind === 'step' && run.state !== 'running' && (state === 'failed' || state === 'timed-out'),
  );
  if (span === undefined) return undefined;
  const key: NodeKey = store.nodeKey(run.project, run.pipeline, span.nodeId);
  return store.node(key);
}
