import * as vscode from 'vscode';
import type { StoreChange, StoreView } from '../store/records.ts';
import { createElementTable } from './elements.ts';
import type { ElementTable, TreeElement } from './elements.ts';
import { tooltip, treeItem } from './items.ts';
import { createOutline } from './outline.ts';
import type { Outline } from './outline.ts';
import { commonAncestor, createRefreshScheduler, systemClock } from './refresh.ts';
import { stoppingText } from './stopping.ts';
import { createStaleness } from './staleness.ts';
import type { Appearance } from './staleness.ts';

const t = vscode.l10n.t;
const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** How often elapsed times and rows that wait for their time are looked at, in milliseconds. */
const tickInterval = 250;

/** With more dirty rows than this, the row that has all of them below it is refreshed instead. */
const mostRowsAtOnce = 200;

/** What a view has cost. */
export interface DrawnRows {
  readonly refreshes: number;
  readonly rows: number;
}

/** The rows of the Pipelines view. */
export interface PipelinesProvider extends vscode.TreeDataProvider<TreeElement>, vscode.Disposable {
  readonly elements: ElementTable;
  readonly outline: Outline;
  /** Nothing is refreshed while the view is hidden. */
  setVisible(isVisible: boolean): void;
  setFailedOnly(failedOnly: boolean): void;
  /** How often rows were refreshed, and how many of them the editor has asked for, since the start. */
  readonly drawn: DrawnRows;
  /** Told whenever rows were refreshed: what else shows the same facts follows at the same pace. */
  readonly onDidRefresh: vscode.Event<void>;
}

export function createPipelinesProvider(store: StoreView): PipelinesProvider {
  const elements = createElementTable();
  let failedOnly = false;
  const outline = createOutline(store, elements, () => failedOnly);
  const changed = new vscode.EventEmitter<TreeElement[] | undefined>();
  const refreshed = new vscode.EventEmitter<void>();
  const staleness = createStaleness(() => systemClock.now());
  const running = new Set<string>();
  let rows = 0;
  const drawn = { refreshes: 0, rows: 0 };

  const scheduler = createRefreshScheduler<string>(systemClock, refresh, () => {
    const asked = rows;
    rows = 0;
    return asked;
  });
  const ticker = setInterval(() => scheduler.mark([...running, ...staleness.waiting]), tickInterval);
  const subscription = store.onDidChange(onChange);

  function onChange(change: StoreChange): void {
    for (const key of change.nodes) {
      if (store.node(key)?.state === 'running') running.add(key);
      else running.delete(key);
    }
    if (change.structure.size > 0) {
      for (const key of running) if (store.node(key)?.state !== 'running') running.delete(key);
      scheduler.markAll();
    } else scheduler.mark(change.nodes);
  }

  function fire(changes: TreeElement[] | undefined): void {
    drawn.refreshes += 1;
    changed.fire(changes);
  }

  function refresh(keys: ReadonlySet<string> | undefined): void {
    // Which rows a filter hides depends on all of them.
    if (keys === undefined || failedOnly) {
      elements.clear();
      staleness.clear();
      fire(undefined);
    } else {
      const stale = staleness.select(keys, appearance);
      if (stale.length > mostRowsAtOnce) {
        const ancestor = commonAncestor(stale, (key) => store.node(key)?.parent);
        fire(ancestor === undefined ? undefined : [elements.node(ancestor)]);
      } else if (stale.length > 0) fire(stale.map((key) => elements.node(key)));
    }
    refreshed.fire();
  }

  function appearance(key: string): Appearance {
    const node = store.node(key);
    if (node === undefined) return { isBranch: false, shape: '', text: '' };
    const { label, description, iconPath, contextValue } = treeItem(elements.node(key), store, false);
    const run = node.kind === 'pipeline' && node.runId !== undefined ? store.run(node.runId) : undefined;
    const icon = iconPath instanceof vscode.ThemeIcon ? iconPath.id : '';
    return {
      isBranch: node.kind !== 'step',
      shape: JSON.stringify([label, icon, contextValue, node.tests.length, node.diagnostics.length, stoppingText(run, t)]),
      text: String(description),
    };
  }

  return {
    elements,
    outline,
    drawn,
    onDidChangeTreeData: changed.event,
    onDidRefresh: refreshed.event,
    getChildren: (element) => [...outline.children(element)],
    getParent: (element) => outline.parent(element),
    getTreeItem(element) {
      rows += 1;
      drawn.rows += 1;
      const item = treeItem(element, store, outline.children(element).length > 0);
      if (failedOnly) {
        // Rows of their own, as the editor remembers by id what was folded: what failed is what one wants to see.
        item.id = `failed ${element.id}`;
        if (item.collapsibleState === Collapsed) item.collapsibleState = Expanded;
      }
      if (element.kind === 'node') staleness.shown(element.key, appearance(element.key));
      return item;
    },
    resolveTreeItem(item, element) {
      item.tooltip = tooltip(element, store);
      staleness.read();
      return item;
    },
    setVisible: (isVisible) => scheduler.setVisible(isVisible),
    setFailedOnly(value) {
      failedOnly = value;
      scheduler.markAll();
    },
    dispose() {
      clearInterval(ticker);
      subscription.dispose();
      scheduler.dispose();
      changed.dispose();
      refreshed.dispose();
    },
  };
}
