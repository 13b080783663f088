import type { TestStatus } from '../../../core/contract/events.ts';
import type { KeptRunRecord, NodeRecord, NodeState, RunSpan } from '../store/records.ts';

/** A codicon and the theme colour that it has. States differ in shape, so that nobody has to tell them by colour. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
}

const stateIcons: { readonly [state in Exclude<NodeState, 'idle'>]: Icon } = {
  queued: { id: 'history', color: 'charts.yellow' },
  running: { id: 'loading~spin', color: 'charts.blue' },
  passed: { id: 'pass', color: 'testing.iconPassed' },
  failed: { id: 'error', color: 'problemsErrorIcon.foreground' },
  'timed-out': { id: 'watch', color: 'problemsErrorIcon.foreground' },
  cancelled: { id: 'circle-slash', color: 'testing.iconSkipped' },
  skipped: { id: 'debug-step-over', color: 'testing.iconSkipped' },
};

const idleIcons: { readonly [kind in NodeRecord['kind']]: Icon } = {
  pipeline: { id: 'layers', color: 'testing.iconUnset' },
  group: { id: 'split-horizontal', color: 'testing.iconUnset' },
  sequence: { id: 'list-ordered', color: 'testing.iconUnset' },
  step: { id: 'circle-large-outline', color: 'testing.iconUnset' },
};

const testIcons: { readonly [status in TestStatus]: Icon } = {
  passed: { id: 'check', color: 'testing.iconPassed' },
  failed: { id: 'close', color: 'problemsErrorIcon.foreground' },
  skipped: { id: 'debug-step-over', color: 'testing.iconSkipped' },
  todo: { id: 'circle-outline', color: 'testing.iconSkipped' },
};

const severityIcons = {
  error: { id: 'error', color: 'problemsErrorIcon.foreground' },
  warning: { id: 'warning', color: 'problemsWarningIcon.foreground' },
  info: { id: 'info', color: 'problemsInfoIcon.foreground' },
} as const satisfies Record<string, Icon>;

/** How a node looks: by its kind until it runs, then by its state. */
export function nodeIcon(node: Pick<NodeRecord, 'kind' | 'state' | 'flaky' | 'cached'>): Icon {
  if (node.state === 'idle') return idleIcons[node.kind];
  if (node.state === 'passed' && node.flaky) return { id: 'warning', color: 'problemsWarningIcon.foreground' };
  if (node.state === 'passed' && node.cached) return { id: 'archive', color: 'testing.iconPassed' };
  return stateIcons[node.state];
}

/** How a run, or a step in it, looks whose process ended before it did. */
const interruptedIcon: Icon = { id: 'debug-disconnect', color: 'problemsWarningIcon.foreground' };

/** How a run looks. */
export function runIcon(state: KeptRunRecord['state']): Icon {
  return state === 'interrupted' ? interruptedIcon : stateIcons[state];
}

/** How a step looks in one run. */
export function spanIcon({ state, attempt, cached = false }: RunSpan): Icon {
  if (state === 'retried') return { id: 'refresh', color: 'problemsWarningIcon.foreground' };
  if (state === 'interrupted') return interruptedIcon;
  return nodeIcon({ kind: 'step', state, flaky: attempt > 1, cached });
}

export function testIcon(status: TestStatus): Icon {
  return testIcons[status];
}

export function severityIcon(severity: keyof typeof severityIcons): Icon {
  return severityIcons[severity];
}
