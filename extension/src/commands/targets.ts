import type { SourceLocation } from '../../../core/contract/status.ts';
import type { NodeRecord, ProjectRecord, StoreView } from '../store/records.ts';
import type { RunElement } from '../runs/items.ts';
import type { TreeElement } from '../tree/elements.ts';

/** What a command can be asked to work on: a row of a view, or a node named by its key. */
export type Target = TreeElement | RunElement;

const kinds = new Set(['project', 'problem', 'node', 'test', 'diagnostic', 'more', 'run', 'run-step', 'run-test', 'run-more']);

/** The row that a menu handed over, else what is selected. Anyone can call a command with anything. */
export function targetOf(argument: unknown, selection: readonly Target[]): Target | undefined {
  if (typeof argument === 'string') return { kind: 'node', id: argument, key: argument };
  if (isTarget(argument)) return argument;
  return argument === undefined ? selection[0] : undefined;
}

/** All rows that a menu was opened for, else what is selected. */
export function targetsOf(argument: unknown, all: unknown, selection: readonly Target[]): readonly Target[] {
  if (Array.isArray(all) && all.length > 1) return all.filter(isTarget);
  if (argument === undefined) return selection;
  const target = targetOf(argument, []);
  return target === undefined ? [] : [target];
}

/** Whether it is a row of a view. */
export function isTarget(value: unknown): value is Target {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string' && kinds.has(value.kind);
}

/** The node that a row stands for or belongs to. */
export function nodeOf(target: Target | undefined, store: StoreView): NodeRecord | undefined {
  switch (target?.kind) {
    case 'node':
      return store.node(target.key);
    case 'test':
    case 'diagnostic':
    case 'more':
      return store.node(target.node);
    case 'run-step':
    case 'run-test':
    case 'run-more': {
      const run = store.run(target.runId);
      return run === undefined ? undefined : store.node(store.nodeKey(run.project, run.pipeline, target.step));
    }
    default:
      return undefined;
  }
}

/** The project that a row stands for or belongs to; without a row, the only one. */
export function projectOf(target: Target | undefined, store: StoreView): ProjectRecord | undefined {
  switch (target?.kind) {
    case undefined:
      return store.projects.length === 1 ? store.projects[0] : undefined;
    case 'project':
      return store.project(target.key);
    case 'problem':
      return store.project(target.project);
    case 'run':
    case 'run-step':
    case 'run-test':
    case 'run-more': {
      const run = store.anyRun(target.runId);
      return run === undefined ? undefined : store.project(run.project);
    }
    default: {
      const node = nodeOf(target, store);
      return node === undefined ? undefined : store.project(node.project);
    }
  }
}

/** Where a row's subject is written down. */
export function locationOf(target: Target | undefined, store: StoreView): SourceLocation | undefined {
  switch (target?.kind) {
    case 'test':
      return store.node(target.node)?.tests[target.index]?.location ?? store.node(target.node)?.location;
    case 'run-test':
      return target.test.location;
    case 'diagnostic':
      return store.node(target.node)?.diagnostics[target.index];
    case 'problem': {
      const problem = store.project(target.project)?.problem;
      return problem?.kind === 'config' ? problem.errors[target.index]?.location : undefined;
    }
    default:
      return nodeOf(target, store)?.location;
  }
}

/** The node whose text a line of a pipeline file belongs to: the last one that begins at or above it. */
export function nodeAtLine(
  project: ProjectRecord,
  line: number,
  store: StoreView,
  isThisFile: (location: SourceLocation) => boolean,
): NodeRecord | undefined {
  let best: NodeRecord | undefined;
  const visit = (key: string): void => {
    const node = store.node(key);
    if (node === undefined) return;
    const { location } = node;
    if (location !== undefined && location.line <= line && isThisFile(location)) {
      const isLater = best?.location === undefined || location.line > best.location.line;
      // On one line, a step says more than the group that begins there.
      if (isLater || (location.line === best?.location?.line && best.kind !== 'step')) best = node;
    }
    node.children.forEach(visit);
  };
  project.pipelines.forEach(({ node }) => visit(node));
  return best;
}
