import type { NodeKey, NodeRecord, PipelineRecord, ProjectKey, StoreView } from '../store/records.ts';
import type { RunOrder } from '../store/run-control.ts';

/** What an item of the test explorer stands for. */
export type TestTarget =
  | { readonly kind: 'project'; readonly key: ProjectKey }
  | { readonly kind: 'node'; readonly key: NodeKey }
  /** A test case or suite: it runs with its step. */
  | { readonly kind: 'case'; readonly step: NodeKey };

/**
 * What to run for a choice of items. Of projects it is the default pipeline: another one may do what nobody wants by accident.
 *
 * @param include - Default: everything.
 */
export function ordersOf(
  store: StoreView,
  include: readonly TestTarget[] | undefined,
  exclude: readonly TestTarget[] = [],
): readonly RunOrder[] {
  const included = include ?? store.projects.map(({ key }) => ({ kind: 'project' as const, key }));
  const keys = new Set(included.flatMap((target) => nodeKeys(target, store)));
  const excluded = new Set(exclude.flatMap((target) => (target.kind === 'node' ? [target.key] : [])));
  const excludedProjects = new Set(exclude.flatMap((target) => (target.kind === 'project' ? [target.key] : [])));
  const orders = new Map<string, { readonly node: NodeRecord; readonly only: string[] | undefined }>();

  for (const key of keys) {
    const node = store.node(key);
    if (node === undefined || excludedProjects.has(node.project) || hasAncestorIn(node, keys, store)) continue;
    const part = partsOf(node, excluded, store);
    const name = JSON.stringify([node.project, node.pipeline]);
    const isWhole = part.length === 1 && part[0]?.kind === 'pipeline';
    if (isWhole) orders.set(name, { node, only: undefined });
    else {
      const order = orders.get(name) ?? { node, only: [] };
      order.only?.push(...part.map(({ id }) => id));
      orders.set(name, order);
    }
  }
  return [...orders.values()]
    .filter(({ only }) => only === undefined || only.length > 0)
    .map(({ node: { project, pipeline }, only }) => ({ project, pipeline, ...(only === undefined ? {} : { only }) }));
}

function nodeKeys(target: TestTarget, store: StoreView): readonly NodeKey[] {
  if (target.kind === 'node') return [target.key];
  if (target.kind === 'case') return [target.step];
  const pipeline = defaultPipeline(store.project(target.key)?.pipelines ?? []);
  return pipeline === undefined ? [] : [pipeline.node];
}

function defaultPipeline(pipelines: readonly PipelineRecord[]): PipelineRecord | undefined {
  return pipelines.find(({ isDefault }) => isDefault) ?? (pipelines.length === 1 ? pipelines[0] : undefined);
}

function hasAncestorIn(node: NodeRecord, keys: ReadonlySet<NodeKey>, store: StoreView): boolean {
  for (let at = node.parent; at !== undefined; at = store.node(at)?.parent) if (keys.has(at)) return true;
  return false;
}

/** The largest nodes at or below a node without anything that is excluded. */
function partsOf(node: NodeRecord, excluded: ReadonlySet<NodeKey>, store: StoreView): readonly NodeRecord[] {
  if (excluded.size === 0) return [node];
  if (excluded.has(node.key)) return [];
  const children = node.children.map((key) => store.node(key)).filter((child) => child !== undefined);
  const parts = children.map((child) => partsOf(child, excluded, store));
  const isWhole = parts.every((part, index) => part.length === 1 && part[0] === children[index]);
  return isWhole ? [node] : parts.flat();
}
