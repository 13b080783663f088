import type { GroupNode } from '../contract/plan.ts';
import { remainingTime } from '../contract/remaining-time.ts';
import type { NodeView, RunView } from './run-view.ts';
import { stepsOf } from './run-view.ts';
import { duration, icon, oneLine, plural, type Paint } from './style.ts';
import { fit } from './text-width.ts';

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** A tree of more steps than this is not printed whole at the end. */
const wholeTreeLimit = 200;

/** How lines are drawn. */
export interface TreeStyle {
  readonly paint: Paint;
  readonly columns: number;
  /** Unix time in milliseconds. */
  readonly now: number;
  /** Counts frames, for the spinner. */
  readonly frame: number;
}

/** One frame of the live region: the overall bar, and as much of the tree as there is room for. */
export function frameLines(view: RunView, style: TreeStyle, rows: number): string[] {
  const head = [overallLine(view, style), ''];
  const room = Math.max(1, rows - head.length);
  const all = [...view.nodes.values()];
  if (all.length <= room) return [...head, ...all.map((node) => nodeLine(node, style))];
  return [...head, ...mostTelling(all, style, room)];
}

/** The whole tree, or what failed of a large one. */
export function treeLines(view: RunView, style: TreeStyle): string[] {
  const all = [...view.nodes.values()];
  const shown = all.length <= wholeTreeLimit ? all : all.filter(({ state }) => state === 'failed' || state === 'timed-out');
  return [overallLine(view, style), '', ...shown.map((node) => nodeLine(node, style))].map((line) => fit(line, style.columns));
}

/** Too many for the screen: what runs and what failed, with what is above them, then what comes next. */
function mostTelling(all: readonly NodeView[], style: TreeStyle, room: number): string[] {
  const rank = ({ state }: NodeView): number =>
    state === 'running' ? 0 : state === 'failed' || state === 'timed-out' ? 1 : state === 'pending' ? 2 : 3;
  const chosen = new Set(
    all
      .map((node, index) => ({ node, index, rank: rank(node) }))
      .sort((a, b) => a.rank - b.rank || (a.rank === 3 ? b.index - a.index : a.index - b.index))
      .slice(0, room - 1)
      .map(({ node }) => node),
  );
  const hidden = all.filter((node) => node.node.kind === 'step' && !chosen.has(node));
  const count = (states: readonly string[]): number => hidden.filter(({ state }) => states.includes(state)).length;
  const parts = [
    [count(['passed']), 'passed'],
    [count(['pending']), 'to come'],
    [count(['skipped']), 'skipped'],
    [count(['running']), 'running'],
    [count(['failed', 'timed-out', 'cancelled']), 'not passed'],
  ] as const;
  const more = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return [
    ...all.filter((node) => chosen.has(node)).map((node) => nodeLine(node, style)),
    style.paint('dim', more.length === 0 ? '…' : `… and ${more.join(', ')}`),
  ];
}

function overallLine(view: RunView, { paint, columns, now }: TreeStyle): string {
  const steps = stepsOf(view);
  const ended = steps.filter(({ state }) => state !== 'pending' && state !== 'running').length;
  const elapsed = view.end?.durationMs ?? (view.startedAt === 0 ? 0 : now - view.startedAt);
  const width = Math.max(10, Math.min(30, columns - 50));
  const full = Math.round((view.overall / 100) * width);
  const failed = steps.some(({ state }) => state === 'failed' || state === 'timed-out');
  const bar = paint(failed ? 'red' : 'green', '━'.repeat(full)) + paint('dim', '─'.repeat(width - full));
  const percent = `${Math.floor(view.overall)}%`.padStart(4);
  const left = view.end === undefined ? timeLeft(view, now) : '';
  return `${paint('bold', oneLine(view.pipeline))} ${bar} ${percent} ${paint('dim', `${ended}/${steps.length} · ${duration(elapsed)}${left}`)}`;
}

/** As earlier runs took, in whole seconds; nothing when it may end at any moment. */
function timeLeft(view: RunView, now: number): string {
  if (view.plan === undefined) return '';
  const left = remainingTime(view.plan, view.expected, (id) => {
    const node = view.nodes.get(id);
    if (node?.state === 'running') return { state: 'running', elapsedMs: now - (node.attemptAt ?? now) };
    return { state: node === undefined || node.state === 'pending' ? 'pending' : 'ended' };
  });
  const seconds = Math.ceil((left ?? 0) / 1000);
  if (left === undefined || seconds < 1) return '';
  return ` · about ${seconds < 60 ? `${seconds} s` : duration(1000 * seconds)} left`;
}

function nodeLine(view: NodeView, style: TreeStyle): string {
  const { paint } = style;
  const mark = view.state === 'running' ? paint('cyan', spinner[style.frame % spinner.length] ?? '') : icon(view.state, paint);
  const indent = '  '.repeat(view.depth);
  const name = view.node.kind === 'step' ? stepName(view, paint) : branchName(view, paint);
  const details = view.state === 'running' ? runningDetails(view, style) : endedDetails(view, paint);
  return `${indent}${mark} ${name}${details === '' ? '' : ` ${details}`}`;
}

function stepName(view: NodeView, paint: Paint): string {
  const { id } = view.node;
  return view.state === 'pending' || view.state === 'skipped' ? paint('dim', id) : id;
}

function branchName({ node }: NodeView, paint: Paint): string {
  const own = /^(all|any|atLeast|sequence)\(/.test(node.id) ? '' : `${node.id} `;
  const kind = node.kind === 'group' ? operatorText(node) : 'in order';
  return `${own}${paint('dim', own === '' ? kind : `(${kind})`)}`;
}

function operatorText({ operator, required, children }: GroupNode): string {
  if (operator === 'all') return `all of ${children.length}`;
  return operator === 'any' ? `any of ${children.length}` : `at least ${required} of ${children.length}`;
}

function runningDetails(view: NodeView, { paint, now, columns }: TreeStyle): string {
  if (view.node.kind !== 'step') return '';
  const elapsed = view.startedAt === undefined ? 0 : now - view.startedAt;
  const parts = [
    view.percent === undefined ? '' : paint('bold', `${Math.floor(view.percent)}%`),
    view.attempt > 1 ? paint('magenta', `attempt ${view.attempt}`) : '',
    elapsed >= 1000 ? paint('dim', duration(elapsed)) : '',
    // A line of output tells what goes on where the step itself does not.
    paint('dim', oneLine((view.message ?? (columns >= 60 ? view.output.lastLine() : '')).slice(0, 500))),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function endedDetails(view: NodeView, paint: Paint): string {
  if (view.state === 'pending') return '';
  const failedTests = view.tests.filter(({ status }) => status === 'failed').length;
  const parts = [
    view.cached
      ? paint('cyan', 'cached')
      : view.node.kind === 'step' && view.state !== 'skipped'
        ? paint('dim', duration(view.durationMs))
        : '',
    view.tests.length === 0
      ? ''
      : failedTests > 0
        ? paint('red', `${failedTests} of ${plural(view.tests.length, 'test')} failed`)
        : paint('dim', plural(view.tests.length, 'test')),
    view.diagnostics.length > 0 ? paint('magenta', plural(view.diagnostics.length, 'problem')) : '',
    view.flaky ? paint('magenta', 'flaky') : '',
    view.warnings.length > 0 ? paint('magenta', plural(view.warnings.length, 'warning')) : '',
    view.conflicts.length > 0 ? paint('magenta', plural(view.conflicts.length, 'conflict')) : '',
    view.state === 'timed-out' ? paint('red', 'timed out') : view.state === 'cancelled' ? paint('magenta', 'cancelled') : '',
    view.reason === undefined ? '' : paint('dim', view.reason),
  ];
  return parts.filter((part) => part !== '').join(' ');
}
