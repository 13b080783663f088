import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Plan, PlanNode } from '../../../core/contract/plan.ts';
import type { KeptRunReader } from '../history/kept-history.ts';
import type { KeptRunRecord, RunRecord, RunSpan, StoreView } from '../store/records.ts';
import { nodeName, stateWord } from '../tree/labels.ts';
import { createRefreshScheduler, systemClock } from '../tree/refresh.ts';
import type { FromPage, Texts, ToPage } from './messages.ts';
import { timelinePage } from './page.ts';

const t = vscode.l10n.t;
const viewType = 'treadle.timeline';

/** The timeline of a run in an editor of its own. */
export interface Timeline extends vscode.Disposable {
  /** @param runId - Default: the last run, and each that follows. */
  show(runId?: string): void;
}

export function createTimeline(
  store: StoreView,
  history: KeptRunReader,
  extensionUri: vscode.Uri,
  openSpan: (run: Pick<RunRecord, 'runId' | 'project' | 'pipeline'>, span: RunSpan) => void,
): Timeline {
  let panel: vscode.WebviewPanel | undefined;
  let pinned: string | undefined;
  let isReady = false;
  let sent: { readonly runId: string; readonly spans: readonly RunSpan[]; readonly state: string } | undefined;

  /** Names of the nodes of the run that is shown. */
  let named: { readonly plan: Plan; readonly names: ReadonlyMap<string, string> } | undefined;

  const current = (): RunRecord | KeptRunRecord | undefined =>
    pinned === undefined ? store.runs.toSorted((a, b) => b.startedAt - a.startedAt)[0] : store.anyRun(pinned);

  function send(): void {
    if (panel === undefined || !isReady) return;
    const run = current();
    panel.title = run === undefined ? t('Timeline') : t('Timeline of {0}', run.pipeline);
    if (run === undefined) {
      sent = undefined;
      const none = t('No run has begun in this window yet. Run a pipeline, and its steps appear here.');
      return post({ type: 'none', text: pinned === undefined ? none : t('This run is no longer kept.') });
    }
    const before = sent?.runId === run.runId ? sent.spans : [];
    if (run.plan !== undefined && named?.plan !== run.plan) named = { plan: run.plan, names: namesIn(run.plan, run.pipeline) };
    const nameOf = ({ nodeId }: RunSpan): string => named?.names.get(nodeId) ?? nodeId;
    // Records are immutable: what is another object says something else.
    const changed = run.spans.flatMap((span, index) => (before[index] === span ? [] : [[index, span, nameOf(span)] as const]));
    if (sent?.runId === run.runId && changed.length === 0 && sent.state === run.state) return;
    sent = { runId: run.runId, spans: run.spans, state: run.state };
    const { runId, pipeline, state, startedAt, durationMs } = run;
    const duration = durationMs === undefined ? {} : { durationMs };
    post({ type: 'run', runId, pipeline, state, stateWord: stateWord(state, t), startedAt, ...duration, changed, texts: texts() });
  }

  function post(message: ToPage): void {
    void panel?.webview.postMessage(message);
  }

  const scheduler = createRefreshScheduler<string>(systemClock, send);
  const subscription = store.onDidChange(({ runs }) => {
    if (panel !== undefined && runs.size > 0) scheduler.mark(runs);
  });

  function adopt(made: vscode.WebviewPanel): void {
    panel = made;
    isReady = false;
    sent = undefined;
    const scripts = vscode.Uri.joinPath(extensionUri, 'dist');
    const { webview } = made;
    webview.options = { enableScripts: true, localResourceRoots: [scripts] };
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'media', `tab-${theme}.svg`);
    made.iconPath = { light: icon('light'), dark: icon('dark') };
    made.onDidDispose(() => {
      if (panel === made) panel = undefined;
    });
    made.onDidChangeViewState(() => scheduler.setVisible(made.visible));
    webview.onDidReceiveMessage((message: FromPage) => {
      if (message.type === 'ready') {
        // A page that was hidden is made anew, and knows nothing.
        isReady = true;
        sent = undefined;
        send();
      } else if (sent !== undefined) {
        const run = store.anyRun(sent.runId);
        const span = run?.spans.find(({ nodeId }) => nodeId === message.nodeId);
        if (run !== undefined && span !== undefined) openSpan(run, span);
      }
    });
    webview.html = timelinePage({
      csp: webview.cspSource,
      nonce: randomBytes(18).toString('base64'),
      script: webview.asWebviewUri(vscode.Uri.joinPath(scripts, 'timeline.js')).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(scripts, 'timeline.css')).toString(),
      language: vscode.env.language,
    });
  }

  const serializer = vscode.window.registerWebviewPanelSerializer(viewType, {
    async deserializeWebviewPanel(restored) {
      adopt(restored);
    },
  });

  return {
    show(runId) {
      pinned = runId;
      if (panel === undefined) adopt(vscode.window.createWebviewPanel(viewType, t('Timeline'), vscode.ViewColumn.Active, {}));
      else panel.reveal();
      send();
      // It is shown once its file has been read.
      if (runId !== undefined && store.run(runId) === undefined) void history.open(runId).then(send);
    },
    dispose() {
      subscription.dispose();
      scheduler.dispose();
      serializer.dispose();
      panel?.dispose();
    },
  };
}

/** By the run's own plan: the pipeline may have another one now. */
function namesIn(plan: Plan, pipeline: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const visit = (node: PlanNode): void => {
    names.set(node.id, nodeName({ ...node, pipeline, operator: node.kind === 'group' ? node.operator : undefined }, t));
    if (node.kind !== 'step') node.children.forEach(visit);
  };
  visit(plan);
  return names;
}

function texts(): Texts {
  const states = ['running', 'retried', 'passed', 'failed', 'timed-out', 'cancelled', 'interrupted', 'skipped'] as const;
  return {
    groups: t('Groups'),
    steps: t('Main process'),
    thread: t('Thread {0}'),
    attempt: t('attempt {0}'),
    states: Object.fromEntries(states.map((state) => [state, stateWord(state, t)])) as Texts['states'],
    help: t('Arrow keys go from bar to bar, Enter opens the output, plus and minus zoom, 0 shows all.'),
    zoomIn: t('Zoom in'),
    zoomOut: t('Zoom out'),
    fit: t('Show all'),
    follow: t('Steps over time'),
  };
}
