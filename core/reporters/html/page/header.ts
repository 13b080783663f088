import type { ReportData, ReportNode } from '../report-data.ts';
import { h, onClick } from './dom.ts';
import { duration, plural } from './format.ts';
import { stateIcon, stateWord } from './icons.ts';
import { fits, type Filter, type TreeNode } from './model.ts';

/** What the head of the page is told. */
export interface HeaderActions {
  search(text: string): void;
  filter(filters: ReadonlySet<Filter>): void;
  expand(isExpanded: boolean): void;
  overview(): void;
}

const filterNames: readonly Filter[] = ['failed', 'flaky', 'passed', 'skipped'];

/** Name, verdict, numbers, and the tools. */
export function createHeader(data: ReportData, tree: readonly TreeNode[], actions: HeaderActions) {
  const active = new Set<Filter>();
  const search = h('input', {
    type: 'search',
    placeholder: 'Search steps, tests, output',
    'aria-label': 'Search steps, tests and output',
    spellcheck: 'false',
  });
  const found = h('span', { class: 'quiet found-count', role: 'status' });
  search.addEventListener('input', () => actions.search(search.value));
  const chips = filterNames.flatMap((name) => {
    const count = tree.filter((node) => fits(node, name)).length;
    if (count === 0) return [];
    const chip = h(
      'button',
      { class: `chip f-${name}`, type: 'button', 'aria-pressed': 'false' },
      `${name} `,
      h('b', {}, count.toLocaleString('en')),
    );
    return [
      onClick(chip, () => {
        if (active.has(name)) active.delete(name);
        else active.add(name);
        chip.setAttribute('aria-pressed', String(active.has(name)));
        actions.filter(active);
      }),
    ];
  });
  let expanded = true;
  const expander = h('button', { class: 'chip', type: 'button' }, 'Collapse all');
  onClick(expander, () => {
    expanded = !expanded;
    expander.textContent = expanded ? 'Collapse all' : 'Expand all';
    actions.expand(expanded);
  });
  const hasBranches = tree.some(({ children }) => children.length > 0);
  const element = h(
    'header',
    { class: `v-${data.status}` },
    h(
      'div',
      { class: 'title' },
      stateIcon(data.status === 'stopped' ? 'failed' : data.status),
      h(
        'h1',
        {},
        onClick(h('button', { class: 'link', type: 'button', title: 'Overview' }, data.pipeline), () => actions.overview()),
      ),
      h('span', { class: 'verdict' }, data.status === 'stopped' ? 'was stopped' : data.status.replace('-', ' ')),
      h('span', { class: 'quiet meta' }, ...meta(data)),
    ),
    share(data.nodes),
    h('div', { class: 'tools' }, search, ...chips, hasBranches && expander, found),
  );
  return { element, search, found };
}

function meta({ startedAt, durationMs, counts, nodes, runId }: ReportData): readonly (Node | string)[] {
  const when = new Date(startedAt);
  const tests = nodes.reduce((sum, { tests: own, left }) => sum + own.length + left.tests, 0);
  return [
    h('b', {}, duration(durationMs)),
    ` · ${plural(counts.steps, 'step')}`,
    tests > 0 ? ` · ${plural(tests, 'test')}` : '',
    ' · ',
    h(
      'time',
      { datetime: when.toISOString(), title: `Run ${runId}` },
      when.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
    ),
  ];
}

const order: readonly ReportNode['state'][] = ['passed', 'failed', 'timed-out', 'running', 'cancelled', 'skipped', 'pending'];

/** One line that shows how many steps ended in which way. */
function share(nodes: readonly ReportNode[]): HTMLElement {
  const steps = nodes.filter(({ kind }) => kind === 'step');
  const parts = order
    .map((state) => ({ state, count: steps.filter((step) => step.state === state).length }))
    .filter(({ count }) => count > 0);
  const text = parts.map(({ state, count }) => `${count} ${stateWord(state)}`).join(', ');
  const line = h('div', { class: 'share', role: 'img', 'aria-label': text, title: text });
  for (const { state, count } of parts) {
    const part = h('span', { class: `s-${state}` });
    part.style.flexGrow = String(count);
    line.append(part);
  }
  return line;
}
