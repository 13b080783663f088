import * as vscode from 'vscode';
import type { StoreView } from '../store/records.ts';
import { stateWord } from '../tree/labels.ts';
import { runIcon, spanIcon } from '../tree/icons.ts';
import { themeIcon } from '../tree/items.ts';
import { createRefreshScheduler, systemClock } from '../tree/refresh.ts';
import { timeLeftText } from '../tree/time-left.ts';
import { runAriaLabel, runDescription, spanDescription, stepsOfRun } from './labels.ts';

const t = vscode.l10n.t;

/** What the Runs view has rows for. */
export type RunElement =
  { readonly kind: 'run'; readonly runId: string } | { readonly kind: 'run-step'; readonly runId: string; readonly step: string };

/** The runs of this window, the last one on top; each unfolds to its steps. */
export interface RunsView extends vscode.Disposable {
  readonly selection: readonly RunElement[];
}

export function createRunsView(store: StoreView): RunsView {
  const elements = new Map<string, RunElement>();
  const changed = new vscode.EventEmitter<RunElement[] | undefined>();
  let known = '';
  const scheduler = createRefreshScheduler<string>(systemClock, (runIds) => {
    const ids = store.runs.map(({ runId }) => runId).join(' ');
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
  const running = () => store.runs.filter(({ state }) => state === 'running').map(({ runId }) => runId);
  const ticker = setInterval(() => scheduler.mark(running()), 1000);

  const view = vscode.window.createTreeView<RunElement>('treadle.runs', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren(element) {
        if (element === undefined) return store.runs.toSorted((a, b) => b.startedAt - a.startedAt).map(({ runId }) => run(runId));
        const record = element.kind === 'run' ? store.run(element.runId) : undefined;
        if (record === undefined) return [];
        const { runId } = record;
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
      if (runs.size > 0) scheduler.mark(runs);
    }),
    view.onDidChangeVisibility(({ visible }) => scheduler.setVisible(visible)),
  ];
  scheduler.setVisible(view.visible);

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
  const run = store.run(element.runId);
  if (run === undefined) return new vscode.TreeItem('');
  const now = Date.now();
  if (element.kind === 'run') {
    const item = new vscode.TreeItem(run.pipeline, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = run.runId;
    item.iconPath = themeIcon(runIcon(run.state));
    item.description = runDescription(run, now, t, timeLeftText(run, store, now, t));
    item.tooltip = `${new Date(run.startedAt).toLocaleString()}\n${run.pipeline}: ${stateWord(run.state, t)}\n${item.description}`;
    item.accessibilityInformation = { label: runAriaLabel(run, now, t) };
    item.contextValue = `run ${run.state === 'running' ? 'running' : 'ended'}`;
    return item;
  }
  const span = stepsOfRun(run).find(({ nodeId }) => nodeId === element.step);
  const item = new vscode.TreeItem(element.step);
  item.id = `${run.runId} ${element.step}`;
  if (span === undefined) return item;
  item.iconPath = themeIcon(spanIcon(span));
  item.description = spanDescription(span, now, t);
  item.accessibilityInformation = { label: [element.step, stateWord(span.state, t), item.description].join(', ') };
  item.contextValue = `run-step output ${run.state === 'running' ? 'running' : 'ended'}`;
  // Without arguments, as in the Pipelines view.
  item.command = { command: 'treadle.openRunRow', title: t('Show Output') };
  return item;
}
