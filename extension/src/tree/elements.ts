import type { NodeKey, ProjectKey } from '../store/records.ts';

/** What the Pipelines view has rows for. */
export type TreeElement =
  | { readonly kind: 'project'; readonly id: string; readonly key: ProjectKey }
  /** Why a project has no pipelines: one of its problems. */
  | { readonly kind: 'problem'; readonly id: string; readonly project: ProjectKey; readonly index: number }
  | { readonly kind: 'node'; readonly id: string; readonly key: NodeKey }
  | { readonly kind: 'test'; readonly id: string; readonly node: NodeKey; readonly index: number }
  | { readonly kind: 'diagnostic'; readonly id: string; readonly node: NodeKey; readonly index: number }
  /** Stands for test cases or diagnostics beyond those that are listed. */
  | { readonly kind: 'more'; readonly id: string; readonly node: NodeKey; readonly of: 'test' | 'diagnostic'; readonly count: number };

/** Hands out one object for each row, as the editor knows rows by identity. Its `id` is the same in every window and after every reload. */
export interface ElementTable {
  project(key: ProjectKey): TreeElement;
  problem(project: ProjectKey, index: number): TreeElement;
  node(key: NodeKey): TreeElement;
  test(node: NodeKey, index: number): TreeElement;
  diagnostic(node: NodeKey, index: number): TreeElement;
  more(node: NodeKey, of: 'test' | 'diagnostic', count: number): TreeElement;
  /** Forgets all rows, for when projects or plans changed. */
  clear(): void;
}

export function createElementTable(): ElementTable {
  const table = new Map<string, TreeElement>();
  const intern = (element: TreeElement): TreeElement => {
    const known = table.get(element.id);
    if (known !== undefined) return known;
    table.set(element.id, element);
    return element;
  };
  return {
    project: (key) => intern({ kind: 'project', id: `project ${key}`, key }),
    problem: (project, index) => intern({ kind: 'problem', id: `problem ${index} ${project}`, project, index }),
    node: (key) => intern({ kind: 'node', id: `node ${key}`, key }),
    test: (node, index) => intern({ kind: 'test', id: `test ${index} ${node}`, node, index }),
    diagnostic: (node, index) => intern({ kind: 'diagnostic', id: `diagnostic ${index} ${node}`, node, index }),
    // The count is part of the identity: the row says nothing else.
    more: (node, of, count) => intern({ kind: 'more', id: `more ${of} ${count} ${node}`, node, of, count }),
    clear: () => table.clear(),
  };
}
