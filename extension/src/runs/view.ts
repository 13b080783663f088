import * as vscode from 'vscode';
import type { KeptRunReader } from '../history/kept-history.ts';
import type { KeptRunRecord, RunRecord, StoreView } from '../store/records.ts';
import { createRefreshScheduler, systemClock } from '../tree/refresh.ts';
import { runItem, type RunElement } from './items.ts';
import { stepsOfRun } from './labels.ts';
import { RunTests } from './run-tests.ts';

const t = vscode.l10n.t;

/** Most test cases that a step lists. */
const mostTests = 200;

/** The runs of this window and those that projects have kept, the last one on top; each unfolds to its steps, and these to their test cases. */
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
  const step = (runId: string, id: string) => intern(`${runId} ${id}`, () => ({ kind: 'run-step', runId, step: id }));
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

  const cases = new RunTests(store, history);
  const testRows = async (runId: string, step: string): Promise<RunElement[]> => {
    opening.add(runId);
    const tests = await cases.of(runId, step).finally(() => opening.delete(runId));
    if (tests === undefined) return gone();
    const rows = tests.slice(0, mostTests).map((test, index): RunElement => ({ kind: 'run-test', runId, step, index, test }));
    return tests.length > mostTests ? [...rows, { kind: 'run-more', runId, step, count: tests.length - mostTests }] : rows;
  };

  const view = vscode.window.createTreeView<RunElement>('treadle.runs', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      async getChildren(element) {
        if (element === undefined) return all().map(({ runId }) => run(runId));
        if (element.kind === 'run-step') return testRows(element.runId, element.step);
        if (element.kind !== 'run') return [];
        const { runId } = element;
        const record = store.run(runId) ?? (await open(runId));
        if (record === undefined) return gone();
        return stepsOfRun(record).map(({ nodeId }) => step(runId, nodeId));
      },
      getParent: (element) =>
        element.kind === 'run' ? undefined : element.kind === 'run-step' ? run(element.runId) : step(element.runId, element.step),
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

function gone(): RunElement[] {
  void vscode.window.showInformationMessage(t('This run is no longer kept.'));
  return [];
}
