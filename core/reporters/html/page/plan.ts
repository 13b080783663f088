import { h } from './dom.ts';
import { fits, type Filter, isCulprit, matches, type TreeNode } from './model.ts';
import { renderRow } from './row.ts';

/** The tree of a run, with its keys. */
export interface PlanView {
  readonly element: HTMLElement;
  /** Shows what fits a search and one of the filters, with what is above it; returns how many steps fit. */
  show(words: readonly string[], filters: ReadonlySet<Filter>): number;
  select(node: TreeNode | undefined): void;
  setExpanded(isExpanded: boolean): void;
  /** Moves to the next or the previous node that failed. */
  nextFailure(direction: 1 | -1): void;
  focus(): void;
}

export function createPlan(tree: readonly TreeNode[], totalMs: number, onSelect: (node: TreeNode) => void): PlanView {
  const rows = tree.map((node) => renderRow(node, totalMs));
  const element = h('div', { class: 'tree', role: 'tree', 'aria-label': 'Steps' }, ...rows);
  const collapsed = new Set<TreeNode>();
  let fitting: ReadonlySet<TreeNode> | undefined;
  let current: TreeNode | undefined = tree[0];
  let selected: TreeNode | undefined;

  const rowOf = (node: TreeNode | undefined): HTMLElement | undefined => (node === undefined ? undefined : rows[node.index]);
  const isHidden = (node: TreeNode): boolean => {
    if (fitting !== undefined && !fitting.has(node)) return true;
    // What a search finds is not hidden by what is closed.
    if (fitting !== undefined) return false;
    for (let above = node.parent; above !== undefined; above = above.parent) if (collapsed.has(above)) return true;
    return false;
  };
  const update = (): void => {
    for (const node of tree) {
      const row = rowOf(node);
      if (row === undefined) continue;
      row.hidden = isHidden(node);
      if (node.children.length === 0) continue;
      const isOpen = fitting !== undefined || !collapsed.has(node);
      row.setAttribute('aria-expanded', String(isOpen));
      const twisty = row.querySelector('.twisty');
      if (twisty !== null) twisty.textContent = isOpen ? '▾' : '▸';
    }
    if (current === undefined || isHidden(current)) makeCurrent(tree.find((node) => !isHidden(node)));
  };
  const makeCurrent = (node: TreeNode | undefined): void => {
    rowOf(current)?.setAttribute('tabindex', '-1');
    current = node;
    rowOf(node)?.setAttribute('tabindex', '0');
  };
  const go = (node: TreeNode | undefined): void => {
    if (node === undefined) return;
    makeCurrent(node);
    rowOf(node)?.focus();
    rowOf(node)?.scrollIntoView({ block: 'nearest' });
  };
  const move = (from: number, by: 1 | -1): TreeNode | undefined => {
    for (let index = from + by; index >= 0 && index < tree.length; index += by) {
      const node = tree[index];
      if (node !== undefined && !isHidden(node)) return node;
    }
    return undefined;
  };
  const toggle = (node: TreeNode, isOpen: boolean): void => {
    if (isOpen) collapsed.delete(node);
    else collapsed.add(node);
    update();
  };
  const onKey = (key: string, node: TreeNode): boolean => {
    const isBranch = node.children.length > 0;
    if (key === 'ArrowDown') go(move(node.index, 1));
    else if (key === 'ArrowUp') go(move(node.index, -1));
    else if (key === 'Home') go(move(-1, 1));
    else if (key === 'End') go(move(tree.length, -1));
    else if (key === 'Enter' || key === ' ') onSelect(node);
    else if (key === 'ArrowRight') {
      if (isBranch && collapsed.has(node)) toggle(node, true);
      else if (isBranch) go(move(node.index, 1));
    } else if (key === 'ArrowLeft') {
      if (isBranch && !collapsed.has(node)) toggle(node, false);
      else go(node.parent);
    } else return false;
    return true;
  };
  const nodeAt = (target: EventTarget | null): TreeNode | undefined => {
    const row = target instanceof Element ? target.closest('.row') : null;
    return row === null ? undefined : tree[Number(row.id.slice('node-'.length))];
  };

  element.addEventListener('keydown', (event) => {
    const node = nodeAt(event.target);
    if (node === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (onKey(event.key, node)) event.preventDefault();
  });
  element.addEventListener('click', (event) => {
    const node = nodeAt(event.target);
    if (node === undefined) return;
    makeCurrent(node);
    const isTwisty = event.target instanceof Element && event.target.closest('.twisty') !== null;
    if (isTwisty && node.children.length > 0) toggle(node, collapsed.has(node));
    else onSelect(node);
  });
  makeCurrent(current);

  return {
    element,
    show(words, filters) {
      const all = words.length === 0 && filters.size === 0;
      const found = tree.filter(
        (node) => (filters.size === 0 || [...filters].some((filter) => fits(node, filter))) && matches(node, words),
      );
      fitting = all ? undefined : withAncestors(found);
      update();
      return found.filter(({ data }) => data.kind === 'step').length;
    },
    select(node) {
      rowOf(selected)?.setAttribute('aria-selected', 'false');
      selected = node;
      rowOf(node)?.setAttribute('aria-selected', 'true');
      if (node === undefined) return;
      for (let above = node.parent; above !== undefined; above = above.parent) collapsed.delete(above);
      update();
      makeCurrent(node);
      rowOf(node)?.scrollIntoView({ block: 'nearest' });
    },
    setExpanded(isExpanded) {
      collapsed.clear();
      if (!isExpanded) for (const node of tree) if (node.children.length > 0) collapsed.add(node);
      update();
    },
    nextFailure(direction) {
      const culprits = tree.filter(isCulprit);
      const at = selected?.index ?? (direction === 1 ? -1 : tree.length);
      const next = direction === 1 ? culprits.find(({ index }) => index > at) : culprits.findLast(({ index }) => index < at);
      if (next !== undefined) onSelect(next);
    },
    focus: () => go(current),
  };
}

function withAncestors(found: readonly TreeNode[]): ReadonlySet<TreeNode> {
  const all = new Set<TreeNode>();
  for (const node of found)
    for (let each: TreeNode | undefined = node; each !== undefined && !all.has(each); each = each.parent) all.add(each);
  return all;
}
