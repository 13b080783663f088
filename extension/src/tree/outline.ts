import type { NodeRecord, ProjectRecord, StoreView } from '../store/records.ts';
import type { ElementTable, TreeElement } from './elements.ts';

/** Most test cases, and most diagnostics, that a step lists in the tree; the Testing and Problems views have all of them. */
const mostRows = 200;

/** What stands below what in the Pipelines view. */
export interface Outline {
  /** Without an element: the topmost rows. */
  children(element?: TreeElement): readonly TreeElement[];
  parent(element: TreeElement): TreeElement | undefined;
}

/** `failedOnly` is asked each time. */
export function createOutline(store: StoreView, elements: ElementTable, failedOnly: () => boolean): Outline {
  const pipelines = (project: ProjectRecord): readonly TreeElement[] =>
    project.pipelines.filter(({ node }) => shown(store.node(node))).map(({ node }) => elements.node(node));
  const shown = (node: NodeRecord | undefined): boolean => node !== undefined && (!failedOnly() || node.failedSteps > 0);
  const inProject = (project: ProjectRecord): readonly TreeElement[] => [...problems(project), ...pipelines(project)];

  function problems(project: ProjectRecord): readonly TreeElement[] {
    const { problem } = project;
    if (problem === undefined) return [];
    const count = problem.kind === 'config' ? Math.max(1, problem.errors.length) : 1;
    return Array.from({ length: count }, (_, index) => elements.problem(project.key, index));
  }

  function inNode(node: NodeRecord): readonly TreeElement[] {
    const below = node.children.filter((key) => shown(store.node(key))).map((key) => elements.node(key));
    const tests = node.tests.flatMap((test, index) => (failedOnly() && test.status !== 'failed' ? [] : [elements.test(node.key, index)]));
    const diagnostics = node.diagnostics.map((_, index) => elements.diagnostic(node.key, index));
    return [...below, ...bounded(node, 'diagnostic', diagnostics), ...bounded(node, 'test', tests)];
  }

  function bounded(node: NodeRecord, of: 'test' | 'diagnostic', rows: readonly TreeElement[]): readonly TreeElement[] {
    if (rows.length <= mostRows) return rows;
    return [...rows.slice(0, mostRows), elements.more(node.key, of, rows.length - mostRows)];
  }

  return {
    children(element) {
      if (element === undefined) {
        if (worstOf(store) !== undefined) return [];
        const [first, ...others] = store.projects;
        if (first !== undefined && others.length === 0) return inProject(first);
        return store.projects.filter((project) => !failedOnly() || inProject(project).length > 0).map(({ key }) => elements.project(key));
      }
      if (element.kind === 'project') {
        const project = store.project(element.key);
        return project === undefined ? [] : inProject(project);
      }
      if (element.kind !== 'node') return [];
      const node = store.node(element.key);
      return node === undefined ? [] : inNode(node);
    },
    parent(element) {
      const project = (key: string) => (store.projects.length > 1 ? elements.project(key) : undefined);
      if (element.kind === 'project') return undefined;
      if (element.kind === 'problem') return project(element.project);
      if (element.kind !== 'node') return elements.node(element.node);
      const node = store.node(element.key);
      if (node === undefined) return undefined;
      return node.parent === undefined ? project(node.project) : elements.node(node.parent);
    },
  };
}

/** What the whole view says in place of a tree. */
export type ViewState = 'loading' | 'none' | 'untrusted' | 'no-node' | 'no-treadle' | 'version' | 'engine' | 'ready';

/** The state of the view; `ready` when there is something to list, be it errors of a pipeline file. */
export function viewState(store: StoreView, isLoading: boolean): ViewState {
  if (store.projects.length === 0) return isLoading ? 'loading' : 'none';
  return worstOf(store) ?? 'ready';
}

/** What all projects lack, when that is one and the same thing. */
function worstOf(store: StoreView): Exclude<ViewState, 'none' | 'ready'> | undefined {
  const states = new Set(store.projects.map(stateOf));
  const [only] = states;
  return states.size === 1 ? only : undefined;
}

function stateOf({ state, problem, pipelines }: ProjectRecord): Exclude<ViewState, 'none' | 'ready'> | undefined {
  if (pipelines.length > 0 || problem?.kind === 'config') return undefined;
  if (problem !== undefined) return problem.kind;
  return state === 'loading' ? 'loading' : undefined;
}
