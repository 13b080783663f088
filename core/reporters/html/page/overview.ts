import type { ReportData } from '../report-data.ts';
import { link } from './detail.ts';
import { fold, h } from './dom.ts';
import { duration, plural } from './format.ts';
import { stateIcon } from './icons.ts';
import { hasFailed, isCulprit, type TreeNode } from './model.ts';
import { errorCard } from './problems.ts';

const shownFailures = 50;
const shownSlow = 8;
const shownNotes = 100;

/** What is worth knowing about a run: what failed, what took long, what else happened. */
export function renderOverview(data: ReportData, tree: readonly TreeNode[], select: (node: TreeNode) => void): HTMLElement {
  const culprits = tree.filter(isCulprit);
  const notes = notesOf(tree, select);
  return h(
    'article',
    { class: 'overview' },
    ...data.errors.map((error) => errorCard(error)),
    ...(data.status === 'stopped' ? [h('p', { class: 'error' }, 'The run was stopped before it could end.')] : []),
    ...(culprits.length > 0
      ? [
          h('h2', { tabindex: -1 }, 'What failed'),
          ...culprits.slice(0, shownFailures).map((node) => failure(node, select)),
          ...(culprits.length > shownFailures ? [h('p', { class: 'quiet' }, `… and ${culprits.length - shownFailures} more.`)] : []),
        ]
      : data.status === 'passed'
        ? [h('h2', { tabindex: -1 }, tree.some((node) => hasFailed(node.data)) ? 'Everything that had to pass did.' : 'Nothing failed.')]
        : []),
    ...(notes.length > 0 ? [h('h3', {}, 'Worth a look'), h('ul', { class: 'notes' }, ...notes.slice(0, shownNotes))] : []),
    slowest(tree, select),
    ...(data.results === undefined ? [] : [fold('Results', false, h('pre', { class: 'output' }, data.results))]),
  );
}

function failure(node: TreeNode, select: (node: TreeNode) => void): HTMLElement {
  const { error, tests, state, diagnostics } = node.data;
  const failed = tests.filter(({ status }) => status === 'failed');
  const message = error === undefined ? (state === 'running' ? 'It never ended.' : state) : gist(error.message);
  return h(
    'div',
    { class: 'failure' },
    h('p', {}, stateIcon(state), link(node, select)),
    h('p', { class: 'message' }, message),
    failed.length > 0 &&
      h(
        'ul',
        {},
        ...failed.slice(0, 5).map((test) => h('li', {}, [...test.path, test.name].join(' › '))),
        failed.length > 5 && h('li', { class: 'quiet' }, `… ${failed.length - 5} more`),
      ),
    failed.length === 0 && diagnostics.length > 0 && h('p', { class: 'quiet' }, plural(diagnostics.length, 'problem')),
  );
}

/** The first line of a message; what a colon at its end announces stands with the step. */
function gist(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}

function notesOf(tree: readonly TreeNode[], select: (node: TreeNode) => void): readonly HTMLElement[] {
  return tree.flatMap((node) => {
    const { flaky, attempts, tolerated, warnings, conflicts, error, kind } = node.data;
    return [
      ...(flaky ? [h('li', {}, link(node, select), ` is flaky: it passed at attempt ${attempts}.`)] : []),
      ...(kind === 'step' && tolerated && hasFailed(node.data)
        ? [h('li', {}, link(node, select), ` failed, and was not needed: ${gist(error?.message ?? '')}`)]
        : []),
      ...conflicts.map(({ path, stepIds, kept }) =>
        h(
          'li',
          {},
          link(node, select),
          `: ${stepIds.join(' and ')} left different values at `,
          h('code', {}, path),
          `; kept that of ${kept}.`,
        ),
      ),
      ...warnings.map((warning) => h('li', {}, link(node, select), `: ${warning}`)),
    ];
  });
}

function slowest(tree: readonly TreeNode[], select: (node: TreeNode) => void): HTMLElement | undefined {
  const steps = tree.filter(({ data }) => data.kind === 'step' && data.startMs !== undefined);
  const slow = steps.toSorted((a, b) => b.data.durationMs - a.data.durationMs).slice(0, shownSlow);
  const longest = slow[0]?.data.durationMs ?? 0;
  if (slow.length < 2 || longest === 0) return undefined;
  const lines = slow.map((node) => {
    const bar = h('span', { class: `meter s-${node.data.state}${node.data.tolerated ? ' tolerated' : ''}` });
    bar.style.inlineSize = `${(node.data.durationMs / longest) * 100}%`;
    return h(
      'li',
      {},
      link(node, select),
      h('span', { class: 'quiet' }, duration(node.data.durationMs)),
      h('span', { class: 'track' }, bar),
    );
  });
  return h('div', { class: 'slowest' }, h('h3', {}, 'Slowest steps'), h('ul', { class: 'slow' }, ...lines));
}
