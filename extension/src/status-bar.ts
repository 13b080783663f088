import * as vscode from 'vscode';
import type { WorkspaceModel } from './workspace-model.ts';
import { createRefreshScheduler, systemClock } from './tree/refresh.ts';
import { failedStepsText, summarise } from './tree/summary.ts';

const t = vscode.l10n.t;

/** One item: how far the runs are, or how many steps have failed. Hidden while there is no pipeline. */
export function createStatusBar({ store }: WorkspaceModel): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('treadle.status', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Treadle';
  item.command = 'treadle.pipelines.focus';

  const update = () => {
    const { running, percent, failedSteps, passed, progress, watched, stoppingText, failedLightly } = summarise(store, Date.now(), t);
    const hasPipelines = store.projects.some(({ pipelines }) => pipelines.length > 0);
    if (!hasPipelines) return item.hide();
    const failed = failedSteps > 0 ? t('{0} failed', failedSteps) : undefined;
    const [text, tooltip] =
      running > 0
        ? [`$(loading~spin) ${stoppingText ?? `${percent}%`}${failed === undefined ? '' : ` · ${failed}`}`, progress]
        : failed === undefined
          ? [passed ? '$(pass) Treadle' : 'Treadle', passed ? t('All that ran has passed') : t('Nothing has run yet')]
          : [`$(error) ${failed}`, failedStepsText(failedSteps, t)];
    item.text = watched === 'none' ? text : `${text} $(eye)`;
    item.tooltip = `Treadle: ${tooltip}${watched === 'none' ? '' : `\n${t('Reruns on save')}`}`;
    item.accessibilityInformation = { label: `Treadle, ${running > 0 ? (stoppingText ?? t('running, {0} percent', percent)) : tooltip}` };
    const background = failedLightly ? 'statusBarItem.warningBackground' : 'statusBarItem.errorBackground';
    item.backgroundColor = running === 0 && failedSteps > 0 ? new vscode.ThemeColor(background) : undefined;
    item.show();
  };
  const scheduler = createRefreshScheduler<string>(systemClock, update);
  const subscription = store.onDidChange(({ runs, structure, nodes }) => {
    if (runs.size > 0 || structure.size > 0 || nodes.size > 0) scheduler.markAll();
  });
  // How long a run goes on changes without anything else.
  const ticker = setInterval(() => {
    if (store.runs.some(({ state }) => state === 'running')) scheduler.markAll();
  }, 1000);
  update();

  return {
    dispose() {
      clearInterval(ticker);
      subscription.dispose();
      scheduler.dispose();
      item.dispose();
    },
  };
}
