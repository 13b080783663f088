import * as vscode from 'vscode';
import type { KeptRunReader } from '../history/kept-history.ts';
import type { KeptRunRecord, RunRecord, StoreView } from '../store/records.ts';
import { stateWord } from '../tree/labels.ts';
import { runIcon, spanIcon } from '../tree/icons.ts';
import { themeIcon } from '../tree/items.ts';
import { createRefreshScheduler, systemClock } from '../tree/refresh.ts';
import { timeLeftText } from '../tree/time-left.ts';
import { isKept, keptRunDescription, runAriaLabel, runDescription, spanDescription, stepsOfRun } from './labels.ts';

const t = vscode.l10n.t;

/** What the Runs view has rows for. */
export type RunElement =
  { readonly kind: 'run'; readonly runId: string } | { readonly kind: 'run-step'; readonly runId: string; readonly step: string };

/** The runs of this window and those that projects have kept, the last one on top; each unfolds to its steps. */
export interface RunsView extends vscode.Disposable {
  readonly selection: readonly RunElement[];
}

export function createRunsView(store: StoreView, history: KeptRunReader): RunsView {
  const elements = new Map<string, RunElement>();
  const changed = new vscode.EventEmitter<RunElement[] | undefined>();
  let known = '';
  const scheduler = createRefreshScheduler<string>(systemClock, (runIds) => {
    const ids = all()
      .map(({ runId }) => runId)
      .join(' ');
    const sameRuns = ids === known;
    known = ids;
    if (sameRuns && runIds !== undefined) changed.fire(Array.from(runIds, run));
    else {
      elements.clear();
      changed.fire(undefined);
    }
  });
  const intern = (id: string, make: () => RunElement): RunElement => {
    const element = elements.get(id) ?? make();
    elements.set(id, element);
    return element;
  };
  const run = (runId: string) => intern(runId, () => ({ kind: 'run', runId }));
  const all = (): readonly (RunRecord | KeptRunRecord)[] =>
    [...store.runs, ...store.keptRuns].toSorted((a, b) => b.startedAt - a.startedAt);
  const running = () =>
    all()
      .filter(({ state }) => state === 'running')
      .map(({ runId }) => runId);
  const ticker = setInterval(() => scheduler.mark(running()), 1000);

  /** Runs whose steps the editor waits for: what it is given is lost when the row is refreshed before it has arrived. */
  const opening = new Set<string>();
  const open = async (runId: string): Promise<KeptRunRecord | undefined> => {
    opening.add(runId);
    return history.open(runId).finally(() => opening.delete(runId));
  };

  const view = vscode.window.createTreeView<RunElement>('treadle.runs', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      async getChildren(element) {
        if (element === undefined) return all().map(({ runId }) => run(runId));
        if (element.kind !== 'run') return [];
        const { runId } = element;
        const record = store.run(runId) ?? (await open(runId));
        if (record === undefined) {
          void vscode.window.showInformationMessage(t('This run is no longer kept.'));
          return [];
        }
        return stepsOfRun(record).map(({ nodeId: step }) => intern(`${runId} ${step}`, () => ({ kind: 'run-step', runId, step })));
      },
      getParent: (element) => (element.kind === 'run' ? undefined : run(element.runId)),
      getTreeItem: (element) => runItem(element, store),
    },
  });
  const subscriptions = [
    view,
    changed,
    scheduler,
    store.onDidChange(({ runs }) => {
      scheduler.mark([...runs].filter((runId) => !opening.has(runId)));
    }),
    view.onDidChangeVisibility(({ visible }) => setVisible(visible)),
  ];
  setVisible(view.visible);

  function setVisible(isVisible: boolean): void {
    scheduler.setVisible(isVisible);
    history.setVisible(isVisible);
  }

  return {
    get selection() {
      return view.selection;
    },
    dispose() {
      clearInterval(ticker);
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

function runItem(element: RunElement, store: StoreView): vscode.TreeItem {
  const run = store.anyRun(element.runId);
  if (run === undefined) return new vscode.TreeItem('');
  const now = Date.now();
  const kept = isKept(run);
  const standing = kept ? 'kept' : run.state === 'running' ? 'running' : 'ended';
  if (element.kind === 'run') {
    const item = new vscode.TreeItem(run.pipeline, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = run.runId;
    item.iconPath = themeIcon(runIcon(run.state));
    item.description = kept ? keptRunDescription(run, now, t) : runDescription(run, now, t, timeLeftText(run, store, now, t));
    const lines = [new Date(run.startedAt).toLocaleString(), `${run.pipeline}: ${stateWord(run.state, t)}`, item.description];
    item.tooltip = [...lines, ...(kept ? [t('Of the command line, or of another window: kept in .treadle/runs')] : [])].join('\n');
    item.accessibilityInformation = { label: runAriaLabel(run, now, t) };
    item.contextValue = `run ${standing}`;
    return item;
  }
  const span = stepsOfRun(run).find(({ nodeId }) => nodeId === element.step);
  const item = new vscode.TreeItem(element.step);
  item.id = `${run.runId} ${element.step}`;
  if (span === undefined) return item;
  item.iconPath = themeIcon(spanIcon(span));
  item.description = spanDescription(span, now, t);
  item.accessibilityInformation = { label: [element.step, stateWord(span.state, t), item.description].join(', ') };
  item.contextValue = `run-step output ${standing}`;
  // Without arguments, as in the Pipelines view.
  item.command = { command: 'treadle.openRunRow', title: t('Show Output') };
  return item;
}
