import * as vscode from 'vscode';
import type { RunRecord } from '../store/records.ts';
import type { RunOrder } from '../store/run-control.ts';
import type { WorkspaceModel } from '../workspace-model.ts';
import { afterWindow } from './after-window.ts';
import { createChunkedQueue } from './chunked-queue.ts';
import { TestItems } from './items.ts';
import { ordersOf } from './orders.ts';
import { TestRuns } from './test-runs.ts';

const t = vscode.l10n.t;

/** Shows steps and their test cases in the editor's own test explorer, for as long as the setting wants it. */
export function registerTestExplorer(model: WorkspaceModel): vscode.Disposable {
  let explorer: vscode.Disposable | undefined;
  const update = (): void => {
    const isEnabled = vscode.workspace.getConfiguration('treadle').get('testExplorer.enabled', true);
    if (isEnabled) explorer ??= createExplorer(model);
    else {
      explorer?.dispose();
      explorer = undefined;
    }
  };
  const subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('treadle.testExplorer.enabled')) update();
  });
  update();
  return {
    dispose() {
      subscription.dispose();
      explorer?.dispose();
    },
  };
}

/** A run that was asked for here and has not begun. */
interface Awaited {
  readonly order: RunOrder;
  readonly run: vscode.TestRun;
}

function createExplorer({ store, runs }: WorkspaceModel): vscode.Disposable {
  const controller = vscode.tests.createTestController('treadle', 'Treadle');
  const queue = createChunkedQueue((callback) => void afterWindow(callback));
  const items = new TestItems(controller, store);
  const awaited = new Set<Awaited>();
  const continuous = new Map<string, vscode.TestRunRequest>();
  const shown = new TestRuns({ store, runs, items, queue, open });
  const nameOf = (project: string, pipeline: string): string => JSON.stringify([project, pipeline]);

  function open(record: RunRecord): vscode.TestRun {
    for (const one of awaited) {
      if (!isOrderOf(record, one.order)) continue;
      awaited.delete(one);
      return one.run;
    }
    const request = record.trigger.kind === 'save' ? continuous.get(nameOf(record.project, record.pipeline)) : undefined;
    return controller.createTestRun(request ?? requestOf(record), titleOf(record));
  }

  /** As a request that nobody made here: it leaves the focus where it is. */
  function requestOf({ project, pipeline, only }: RunRecord): vscode.TestRunRequest {
    const root = store.project(project)?.pipelines.find(({ name }) => name === pipeline)?.node;
    const keys = only.length > 0 ? only.map((id) => store.nodeKey(project, pipeline, id)) : root === undefined ? [] : [root];
    const include = keys.map((key) => items.node(key)).filter((item) => item !== undefined);
    return new vscode.TestRunRequest(include, undefined, undefined, false, true);
  }

  async function runAll(request: vscode.TestRunRequest, token: vscode.CancellationToken, debug: boolean): Promise<void> {
    const orders = ordersOf(store, targets(request.include), targets(request.exclude) ?? []);
    if (request.continuous === true) return watch(request, orders, token);
    await Promise.all(orders.map((order) => run(request, debug ? { ...order, debug } : order)));
  }

  async function run(request: vscode.TestRunRequest, order: RunOrder): Promise<void> {
    const one: Awaited = { order, run: controller.createTestRun(request, titleOf(order)) };
    awaited.add(one);
    // Until the run has begun; then it is stopped by what shows it.
    one.run.token.onCancellationRequested(() => {
      if (awaited.has(one)) stop(order);
    });
    await runs.run(order);
    // The person was told why it did not begin.
    if (awaited.delete(one)) one.run.end();
  }

  function stop({ project, pipeline, only = [] }: RunOrder): void {
    const root = store.project(project)?.pipelines.find(({ name }) => name === pipeline)?.node;
    const keys = only.length === 0 ? [root] : only.map((id) => store.nodeKey(project, pipeline, id));
    for (const key of keys) if (key !== undefined) void runs.stop(key);
  }

  /** A continuous run is the pipeline's watch: what the Pipelines view toggles, too. */
  async function watch(request: vscode.TestRunRequest, orders: readonly RunOrder[], token: vscode.CancellationToken): Promise<void> {
    await Promise.all(
      orders.map(async ({ project, pipeline }) => {
        continuous.set(nameOf(project, pipeline), request);
        const isWatched = (): boolean =>
          store.project(project)?.pipelines.some(({ name, watched }) => name === pipeline && watched) === true;
        const wasWatched = isWatched();
        token.onCancellationRequested(() => {
          if (continuous.get(nameOf(project, pipeline)) === request) continuous.delete(nameOf(project, pipeline));
          if (!wasWatched && isWatched()) void runs.setWatch(project, pipeline, false);
        });
        if (!wasWatched) await runs.setWatch(project, pipeline, true);
      }),
    );
  }

  function targets(chosen: readonly vscode.TestItem[] | undefined) {
    return chosen?.map((item) => items.target(item)).filter((target) => target !== undefined);
  }

  const profile = (kind: vscode.TestRunProfileKind, title: string, debug: boolean): vscode.TestRunProfile =>
    controller.createRunProfile(title, kind, (request, token) => runAll(request, token, debug), true, undefined, !debug);
  const subscriptions = [
    profile(vscode.TestRunProfileKind.Run, t('Run'), false),
    profile(vscode.TestRunProfileKind.Debug, t('Debug'), true),
    store.onDidChange((change) => {
      for (const project of change.structure) items.syncProject(project);
      shown.update(change);
    }),
    store.onDidOutput((key, text) => shown.output(key, text)),
  ];
  controller.refreshHandler = () => runs.reload();

  return {
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      shown.dispose();
      for (const { run } of awaited) run.end();
      // What is still to be told belongs to a controller that goes.
      queue.dispose();
      controller.dispose();
    },
  };
}

function isOrderOf(record: RunRecord, order: RunOrder): boolean {
  const { project, pipeline, only = [], debug = false } = order;
  const isSamePart = record.only.length === only.length && record.only.every((id, index) => id === only[index]);
  return record.project === project && record.pipeline === pipeline && isSamePart && (record.trigger.kind === 'debug') === debug;
}

function titleOf({ pipeline, only = [] }: Pick<RunOrder, 'pipeline' | 'only'>): string {
  return only.length === 0 ? pipeline : `${pipeline}: ${only.join(', ')}`;
}
