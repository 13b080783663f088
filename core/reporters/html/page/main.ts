import type { ReportData } from '../report-data.ts';
import { renderDetail } from './detail.ts';
import { h, onClick } from './dom.ts';
import { duration, ticks } from './format.ts';
import { createHeader } from './header.ts';
import { highlight } from './highlight.ts';
import { buildTree, type Filter, type TreeNode } from './model.ts';
import { renderOverview } from './overview.ts';
import { createPlan } from './plan.ts';

function start(data: ReportData): void {
  const tree = buildTree(data);
  const totalMs = Math.max(1, data.durationMs);
  let words: readonly string[] = [];
  let filters: ReadonlySet<Filter> = new Set();
  let shown: TreeNode | undefined;

  const pane = h('section', { class: 'pane', 'aria-label': 'Details' });
  const select = (node: TreeNode | undefined): void => {
    shown = node;
    plan.select(node);
    const back = onClick(h('button', { class: 'chip back', type: 'button' }, '← All steps'), () => {
      select(undefined);
      plan.focus();
    });
    pane.replaceChildren(...(node === undefined ? [renderOverview(data, tree, show)] : [back, renderDetail(node, show)]));
    pane.scrollTop = 0;
    document.body.classList.toggle('has-detail', node !== undefined);
    history.replaceState(null, '', node === undefined ? ' ' : `#${encodeURIComponent(node.data.id)}`);
    highlight(pane, words);
  };
  /** By a link or a key: on a narrow page, the focus goes along. */
  const show = (node: TreeNode): void => {
    select(node);
    if (getComputedStyle(pane).position === 'fixed') pane.querySelector('h2')?.focus();
  };
  const plan = createPlan(tree, totalMs, show);
  const refresh = (): void => {
    const count = plan.show(words, filters);
    header.found.textContent = words.length === 0 && filters.size === 0 ? '' : `${count.toLocaleString('en')} found`;
    empty.hidden = count > 0 || (words.length === 0 && filters.size === 0);
    highlight(pane, words);
  };
  let waiting = 0;
  const header = createHeader(data, tree, {
    search: (text) => {
      words = text.toLowerCase().split(/\s+/).filter(Boolean);
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(refresh);
    },
    filter: (chosen) => {
      filters = chosen;
      refresh();
    },
    expand: (isExpanded) => plan.setExpanded(isExpanded),
    overview: () => select(undefined),
  });
  const empty = h('p', { class: 'empty quiet', hidden: true }, 'Nothing fits.');
  document.querySelector('#plain')?.remove();
  document.body.append(
    header.element,
    h('main', {}, h('section', { class: 'steps', 'aria-label': 'Steps and timeline' }, axis(data.durationMs), plan.element, empty), pane),
    h('footer', { class: 'quiet' }, keys(), h('span', {}, 'Made by Treadle')),
  );
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target === header.search;
    if (event.key === 'Escape') {
      if (isTyping && header.search.value !== '') {
        header.search.value = '';
        words = [];
        refresh();
      } else if (shown !== undefined) select(undefined);
      plan.focus();
    } else if (isTyping) {
      if (event.key === 'ArrowDown' || event.key === 'Enter') plan.focus();
      else return;
    } else if (event.key === '/') header.search.focus();
    else if (event.key === 'n') plan.nextFailure(1);
    else if (event.key === 'p') plan.nextFailure(-1);
    else return;
    event.preventDefault();
  });
  const wanted = decode(location.hash.slice(1));
  select(tree.find(({ data: { id } }) => id === wanted));
}

function axis(durationMs: number): HTMLElement {
  // A mark at the very end would have no room for its time.
  const marks = ticks(durationMs)
    .filter((ms) => ms === 0 || ms < durationMs * 0.8)
    .map((ms) => {
      const mark = h('span', { class: 'tick' }, duration(ms));
      mark.style.insetInlineStart = `${(ms / Math.max(1, durationMs)) * 100}%`;
      return mark;
    });
  return h(
    'div',
    { class: 'axis', 'aria-hidden': 'true' },
    h('span', {}, 'Step'),
    h('span', { class: 'time' }, 'Time'),
    h('span', { class: 'lane' }, ...marks),
  );
}

function keys(): HTMLElement {
  const pairs: readonly (readonly [string, string])[] = [
    ['/', 'search'],
    ['↑ ↓ ← →', 'steps'],
    ['Enter', 'open'],
    ['n p', 'failures'],
    ['Esc', 'back'],
  ];
  return h('span', { class: 'keys' }, ...pairs.flatMap(([key, what]) => [h('kbd', {}, key), ` ${what} `]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

const json = document.querySelector('#data')?.textContent;
if (typeof json === 'string') start(JSON.parse(json));
