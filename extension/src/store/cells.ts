import type { Plan, PlanNode } from '../../../core/contract/plan.ts';
import { keyPrefix } from './node-key.ts';
import type { NodeKey, NodeRecord, ProjectKey } from './records.ts';

/** Where the present record of a node lives, with what it takes to make the next one. */
export interface Cell {
  readonly key: NodeKey;
  readonly node: PlanNode;
  readonly parent: Cell | undefined;
  readonly children: readonly Cell[];
  readonly depth: number;
  record: NodeRecord;
  /** What the node was before it was queued, should it never start. */
  before: NodeRecord | undefined;
}

/** All nodes of a pipeline. */
export interface CellTree {
  readonly root: Cell;
  readonly byId: ReadonlyMap<string, Cell>;
}

/** Makes the cells of a plan. Nodes that an earlier plan of the pipeline had keep what their runs said. */
export function growCells(project: ProjectKey, pipeline: string, plan: Plan, earlier: CellTree | undefined): CellTree {
  const prefix = keyPrefix(project, pipeline);
  const byId = new Map<string, Cell>();
  const grow = (node: PlanNode, parent: Cell | undefined): Cell => {
    const key = prefix + node.id;
    const children: Cell[] = [];
    const found = earlier?.byId.get(node.id);
    const past = found?.node.kind === node.kind ? found : undefined;
    const fixed = {
      ...blank,
      key,
      project,
      pipeline,
      id: node.id,
      kind: node.kind,
      parent: parent?.key,
      children: node.kind === 'step' ? none : node.children.map((child) => prefix + child.id),
      description: node.description,
      location: node.location,
      uses: node.kind === 'step' ? node.uses : undefined,
      operator: node.kind === 'group' ? node.operator : undefined,
      required: node.kind === 'group' ? node.required : undefined,
    };
    const cell: Cell = {
      key,
      node,
      parent,
      children,
      depth: parent === undefined ? 0 : parent.depth + 1,
      record: past === undefined ? fixed : carryOver(fixed, past.record),
      before: past?.before === undefined ? undefined : carryOver(fixed, past.before),
    };
    byId.set(node.id, cell);
    if (node.kind !== 'step') for (const child of node.children) children.push(grow(child, cell));
    return cell;
  };
  return { root: grow(plan, undefined), byId };
}

const none: readonly never[] = [];

/** What runs say, before any did. */
const blank = {
  state: 'idle',
  percent: 0,
  message: undefined,
  startedAt: undefined,
  durationMs: undefined,
  lastDurationMs: undefined,
  usualDurationMs: undefined,
  attempt: 0,
  flaky: false,
  cached: false,
  reason: undefined,
  error: undefined,
  tests: none,
  diagnostics: none,
  warnings: none,
  conflicts: none,
  failedSteps: 0,
  runId: undefined,
  thread: undefined,
} as const;

function carryOver(fixed: NodeRecord, past: NodeRecord): NodeRecord {
  const { key, project, pipeline, id, kind, parent, children, description, location, uses, operator, required } = fixed;
  return { ...past, key, project, pipeline, id, kind, parent, children, description, location, uses, operator, required };
}

/** Whether a node has come to an end in its last run. */
export function hasEnded({ state }: NodeRecord): boolean {
  return state !== 'idle' && state !== 'queued' && state !== 'running';
}
