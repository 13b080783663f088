import * as vscode from 'vscode';
import type { NodeKey } from '../store/records.ts';
import type { WorkspaceModel } from '../workspace-model.ts';
import type { TreeElement } from './elements.ts';
import { viewState } from './outline.ts';
import { createPipelinesProvider } from './provider.ts';
import type { DrawnRows } from './provider.ts';
import { failedStepsText, summarise } from './summary.ts';

const t = vscode.l10n.t;

/** The Pipelines view: its rows, badge, message and the conditions of its menus and welcome texts. */
export interface PipelinesView extends vscode.Disposable {
  readonly selection: readonly TreeElement[];
  readonly drawn: DrawnRows;
  /** Unfolds what is above it, selects it and shows the view. */
  reveal(key: NodeKey, options?: { readonly focus?: boolean }): Promise<void>;
  expandAll(): Promise<void>;
  setFailedOnly(failedOnly: boolean): Promise<void>;
}

export function createPipelinesView(model: WorkspaceModel): PipelinesView {
  const { store } = model;
  const provider = createPipelinesProvider(store);
  const view = vscode.window.createTreeView('treadle.pipelines', {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
  });
  let failedOnly = false;
  let isLoading = true;

  const contexts = createContextKeys();
  // There is always one, so that rows do not move under the pointer when a run begins or ends. Beside a welcome text there is none.
  const showMessage = () => {
    const { progress, failedSteps, killable } = summarise(store, Date.now(), t);
    // Time alone makes it so.
    contexts.set('treadle.killable', killable);
    const isBroken = store.projects.length === 1 && store.projects[0]?.problem?.kind === 'config';
    const message = isBroken
      ? t('The pipeline file could not be loaded:')
      : failedOnly && failedSteps === 0
        ? t('No step has failed.')
        : progress;
    const shown = viewState(store, isLoading) === 'ready' ? message : undefined;
    if (view.message !== shown) view.message = shown;
  };
  const update = () => {
    const summary = summarise(store, Date.now(), t);
    if ((view.badge?.value ?? 0) !== summary.failedSteps) {
      view.badge = summary.failedSteps === 0 ? undefined : { value: summary.failedSteps, tooltip: failedStepsText(summary.failedSteps, t) };
    }
    const state = viewState(store, isLoading);
    contexts.set('treadle.state', state);
    contexts.set('treadle.ready', state === 'ready' && vscode.workspace.isTrusted);
    contexts.set('treadle.hasProjects', store.projects.length > 0);
    contexts.set('treadle.running', summary.running > 0);
    contexts.set('treadle.killable', summary.killable);
    contexts.set('treadle.hasFailed', summary.failedSteps > 0);
    contexts.set('treadle.watched', summary.watched);
  };
  const settle = () => {
    isLoading = false;
    update();
  };
  // Whether something runs and what there is decides over buttons, even while the rows are hidden.
  const subscriptions = [
    provider,
    view,
    provider.onDidRefresh(showMessage),
    store.onDidChange(({ structure, nodes, runs }) => {
      // A pipeline whose watch was switched is among its nodes.
      const isSwitched = [...nodes].some((key) => store.node(key)?.kind === 'pipeline');
      if (structure.size > 0 || runs.size > 0 || isSwitched) update();
    }),
    model.onDidFindProjects(settle),
    vscode.workspace.onDidGrantWorkspaceTrust(update),
    view.onDidChangeVisibility(({ visible }) => provider.setVisible(visible)),
  ];
  provider.setVisible(view.visible);
  update();
  void model.ready.then(settle, settle);

  return {
    get selection() {
      return view.selection;
    },
    drawn: provider.drawn,
    async reveal(key, options = {}) {
      await view.reveal(provider.elements.node(key), { select: true, focus: options.focus ?? false, expand: true });
    },
    async expandAll() {
      const unfold = async (element: TreeElement): Promise<void> => {
        const children = provider.outline.children(element);
        if (children.length === 0) return;
        const deeper = children.filter((child) => provider.outline.children(child).length > 0);
        // Unfolding a row unfolds all above it.
        if (deeper.length === 0) await view.reveal(element, { select: false, expand: true });
        for (const child of deeper) await unfold(child);
      };
      const roots = provider.outline.children();
      for (const element of roots) await unfold(element);
      // Each row that was unfolded was scrolled to.
      if (roots[0] !== undefined) await view.reveal(roots[0], { select: false });
    },
    async setFailedOnly(value) {
      failedOnly = value;
      provider.setFailedOnly(value);
      await vscode.commands.executeCommand('setContext', 'treadle.filterFailed', value);
      showMessage();
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

/** Sets a context key only when its value changed: each setting is a message to the window. */
function createContextKeys(): { set(key: string, value: string | boolean): void } {
  const known = new Map<string, string | boolean>();
  return {
    set(key, value) {
      if (known.get(key) === value) return;
      known.set(key, value);
      void vscode.commands.executeCommand('setContext', key, value);
    },
  };
}
