import { h } from './dom.ts';
import { duration, plural } from './format.ts';
import { stateIcon } from './icons.ts';
import type { TreeNode } from './model.ts';

/** One line of the tree: the node, how long it took, and when. */
export function renderRow(node: TreeNode, totalMs: number): HTMLElement {
  const { data } = node;
  const isBranch = node.children.length > 0;
  const row = h(
    'div',
    {
      class: `row k-${data.kind}`,
      role: 'treeitem',
      id: `node-${node.index}`,
      'aria-level': data.depth + 1,
      'aria-expanded': isBranch ? 'true' : undefined,
      'aria-selected': 'false',
      tabindex: -1,
    },
    h(
      'span',
      { class: 'name' },
      h('span', { class: 'twisty', 'aria-hidden': 'true' }, isBranch ? '▾' : ''),
      stateIcon(data.state, data.tolerated),
      h('span', { class: 'label', title: data.id }, data.named ? data.id : data.what),
      ...badges(node).map((text) => h('span', { class: `badge b-${text.replace(/^\d+ /, '').split(' ')[0]}` }, text)),
    ),
    h('span', { class: 'time' }, data.startMs === undefined ? '' : duration(data.durationMs)),
    h('span', { class: 'lane', 'aria-hidden': 'true' }, ...bars(node, totalMs)),
  );
  row.style.setProperty('--depth', String(data.depth));
  return row;
}

function badges({ data }: TreeNode): readonly string[] {
  const failed = data.tests.filter(({ status }) => status === 'failed').length;
  return [
    ...(failed > 0 ? [`${failed} failed`] : data.tests.length > 0 ? [plural(data.tests.length, 'test')] : []),
    ...(data.diagnostics.length > 0 ? [plural(data.diagnostics.length, 'problem')] : []),
    ...(data.flaky ? ['flaky'] : []),
    ...(data.cached ? ['cached'] : []),
    ...(data.conflicts.length > 0 ? [plural(data.conflicts.length, 'conflict')] : []),
  ];
}

function bars({ data }: TreeNode, totalMs: number): readonly HTMLElement[] {
  if (data.startMs === undefined) return [];
  const bar = (className: string, from: number, to: number): HTMLElement => {
    const element = h('span', { class: `bar ${className}` });
    element.style.insetInlineStart = `${(from / totalMs) * 100}%`;
    element.style.inlineSize = `${(Math.max(0, to - from) / totalMs) * 100}%`;
    return element;
  };
  const last = data.earlier.at(-1);
  const end = data.startMs + data.durationMs;
  return [
    ...data.earlier.map(({ startMs, endMs }) => bar('earlier', startMs, endMs)),
    bar(`s-${data.state}${data.tolerated ? ' tolerated' : ''}`, last === undefined ? data.startMs : Math.min(last.endMs, end), end),
  ];
}
