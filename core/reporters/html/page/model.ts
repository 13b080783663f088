import type { ReportData, ReportError, ReportNode } from '../report-data.ts';

/** A node with its place in the tree. */
export interface TreeNode {
  readonly data: ReportNode;
  readonly index: number;
  readonly parent: TreeNode | undefined;
  readonly children: TreeNode[];
}

/** What a chip of the page filters by. */
export type Filter = 'failed' | 'flaky' | 'passed' | 'skipped';

/** The nodes of a report as a tree. They stand in the order of the plan, each before its children. */
export function buildTree({ nodes }: ReportData): readonly TreeNode[] {
  const open: TreeNode[] = [];
  return nodes.map((data, index) => {
    open.length = data.depth;
    const parent = open.at(-1);
    const node: TreeNode = { data, index, parent, children: [] };
    parent?.children.push(node);
    open.push(node);
    return node;
  });
}

/** Whether a node did not come to a good end. */
export function hasFailed({ state }: ReportNode): boolean {
  return state === 'failed' || state === 'timed-out' || state === 'running';
}

/** Whether a node failed by itself, and that mattered. */
export function isCulprit({ data, children }: TreeNode): boolean {
  if (!hasFailed(data) || data.tolerated) return false;
  if (data.kind === 'step') return true;
  return data.error !== undefined && (data.error.code !== 'E_GROUP_FAILED' || !children.some((child) => hasFailed(child.data)));
}

/** Groups and sequences above that a person has named. */
export function pathOf(node: TreeNode): readonly TreeNode[] {
  return node.parent === undefined ? [] : [...pathOf(node.parent), node.parent];
}

export function fits({ data }: TreeNode, filter: Filter): boolean {
  if (data.kind !== 'step') return false;
  if (filter === 'failed') return hasFailed(data);
  if (filter === 'flaky') return data.flaky;
  if (filter === 'passed') return data.state === 'passed';
  return data.state === 'skipped' || data.state === 'cancelled' || data.state === 'pending';
}

const texts = new Map<TreeNode, string>();

/** Everything that a search looks at. */
function searchText(node: TreeNode): string {
  const known = texts.get(node);
  if (known !== undefined) return known;
  const { id, what, description, error, tests, diagnostics, warnings, reason, output } = node.data;
  const text = [
    ...[id, what, description, reason, ...errorTexts(error)],
    ...tests.flatMap((test) => [...test.path, test.name, test.error?.message]),
    ...diagnostics.flatMap(({ file, message, code, source }) => [file, message, code, source]),
    ...warnings,
    output?.replaceAll(/\u001B\[[\d;:]*m/g, ''),
  ]
    .filter((part) => part !== undefined)
    .join('\n')
    .toLowerCase();
  texts.set(node, text);
  return text;
}

function errorTexts(error: ReportError | undefined): readonly (string | undefined)[] {
  if (error === undefined) return [];
  return [
    error.code,
    error.name,
    error.message,
    error.location?.file,
    ...errorTexts(error.cause),
    ...(error.errors ?? []).flatMap(errorTexts),
  ];
}

/** Whether all words of a search are in a node. */
export function matches(node: TreeNode, words: readonly string[]): boolean {
  return words.every((word) => searchText(node).includes(word));
}
