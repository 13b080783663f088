import type { ReportNode } from '../report-data.ts';
import { terminalText } from './ansi.ts';
import { fold, h, onClick } from './dom.ts';
import { duration, plural, size } from './format.ts';
import { stateIcon, stateWord } from './icons.ts';
import { pathOf, type TreeNode } from './model.ts';
import { diagnosticList, errorCard, testList } from './problems.ts';

/** All that is known about a node. */
export function renderDetail(node: TreeNode, select: (node: TreeNode) => void): HTMLElement {
  const { data } = node;
  const title = data.named ? data.id : data.what;
  const crumbs = pathOf(node).filter((above) => above.data.named);
  return h(
    'article',
    {},
    crumbs.length > 0 && h('p', { class: 'crumbs' }, ...crumbs.flatMap((above) => [link(above, select), ' › '])),
    h('h2', { tabindex: -1 }, stateIcon(data.state, data.tolerated), title),
    data.description !== undefined && h('p', { class: 'quiet' }, data.description),
    h('p', { class: 'facts' }, ...facts(data).map((fact) => h('span', { class: 'fact' }, fact))),
    data.reason !== undefined && h('p', {}, data.reason),
    data.state === 'running' && h('p', {}, 'The run was stopped while it was running.'),
    data.tolerated &&
      (data.state === 'failed' || data.state === 'timed-out') &&
      h('p', { class: 'hint' }, 'It failed, and the run did not depend on it.'),
    data.error !== undefined && errorCard(data.error),
    ...part(data.tests.length > 0, `Tests`, () => testList(data)),
    ...part(data.diagnostics.length > 0, 'Problems', () => diagnosticList(data)),
    ...part(data.warnings.length > 0, 'Warnings', () => h('ul', {}, ...data.warnings.map((warning) => h('li', {}, warning)))),
    ...part(data.conflicts.length > 0, 'Conflicts', () => conflictList(data)),
    ...part(node.children.length > 0, 'In it', () =>
      h('ul', { class: 'links' }, ...node.children.map((child) => childLine(child, select))),
    ),
    ...part(data.earlier.length > 0, 'Earlier attempts', () => attempts(data)),
    ...part(data.output !== undefined, 'Output', () => output(data)),
    ...part(data.attachments.length > 0, 'Attachments', () => attachments(data)),
    data.kind === 'step' && h('p', { class: 'again quiet' }, 'Run it again: ', h('code', {}, `npx treadle run --only ${quoted(data.id)}`)),
  );
}

function part(isThere: boolean, title: string, render: () => HTMLElement): readonly HTMLElement[] {
  return isThere ? [h('h3', {}, title), render()] : [];
}

function facts({
  state,
  what,
  durationMs,
  startMs,
  attempts: tries,
  thread,
  cached,
  flaky,
  location,
  tests,
}: ReportNode): readonly string[] {
  const failed = tests.filter(({ status }) => status === 'failed').length;
  return [
    stateWord(state),
    what,
    ...(startMs === undefined ? [] : [duration(durationMs), `began at ${duration(startMs)}`]),
    ...(tries > 1 ? [`${tries} attempts`] : []),
    ...(flaky ? ['flaky'] : []),
    ...(cached ? ['cached'] : []),
    ...(thread === undefined ? [] : [`thread ${thread}`]),
    ...(tests.length > 0 ? [failed > 0 ? `${failed} of ${plural(tests.length, 'test')} failed` : plural(tests.length, 'test')] : []),
    ...(location === undefined ? [] : [`${location.file}:${location.line}`]),
  ];
}

/** A button that leads to a node. */
export function link(node: TreeNode, select: (node: TreeNode) => void): HTMLElement {
  return onClick(h('button', { class: 'link', type: 'button' }, node.data.named ? node.data.id : node.data.what), () => select(node));
}

function childLine(child: TreeNode, select: (node: TreeNode) => void): HTMLElement {
  const { data } = child;
  const time = data.startMs === undefined ? (data.reason ?? '') : duration(data.durationMs);
  return h('li', {}, stateIcon(data.state, data.tolerated), link(child, select), ' ', h('span', { class: 'quiet' }, time));
}

function conflictList({ conflicts }: ReportNode): HTMLElement {
  return h(
    'ul',
    {},
    ...conflicts.map(({ path, stepIds, kept }) =>
      h('li', {}, h('code', {}, path), ` ${stepIds.join(' and ')} left different values; kept that of ${kept}.`),
    ),
  );
}

function attempts({ earlier }: ReportNode): HTMLElement {
  return h(
    'div',
    {},
    ...earlier.map(({ startMs, endMs, error }, index) =>
      fold(`Attempt ${index + 1}, ${duration(endMs - startMs)}: ${error.message.split('\n')[0]}`, earlier.length === 1, errorCard(error)),
    ),
  );
}

function output({ output: text = '', left }: ReportNode): HTMLElement {
  const pre = h('pre', { class: 'output', tabindex: 0, 'aria-label': 'Output' }, ...terminalText(text.trimEnd()));
  const wrap = onClick(h('button', { class: 'chip', type: 'button', 'aria-pressed': 'true' }, 'Wrap lines'), () => {
    wrap.setAttribute('aria-pressed', String(!pre.classList.toggle('nowrap')));
  });
  return h(
    'div',
    {},
    h(
      'p',
      { class: 'bar-of-tools' },
      wrap,
      left.output > 0 && h('span', { class: 'quiet' }, ` ${left.output.toLocaleString('en')} characters before this are left out.`),
    ),
    pre,
  );
}

function attachments({ attachments: files }: ReportNode): HTMLElement {
  return h(
    'ul',
    {},
    ...files.map(({ name, file, bytes }) => h('li', {}, name, ' ', h('span', { class: 'quiet' }, `${size(bytes)}, ${file}`))),
  );
}

function quoted(id: string): string {
  return /^[\w./@:-]+$/.test(id) ? id : `'${id.replaceAll("'", `'\\''`)}'`;
}
