import type { JsonValue } from './json.ts';
import type { SourceLocation } from './status.ts';

/** What decides whether a group passes. */
export type Operator = 'all' | 'any' | 'atLeast';
/** Whether a group waits for all of its children, or stops the rest once its outcome is decided. */
export type Settle = 'all' | 'first';
/** What a group does when two children leave different values at one path. */
export type OnConflict = 'last' | 'error';
/** Where a step runs. */
export type ExecutorName = 'inline' | 'threads';
/** When a step runs, told by how the run has gone so far. A function is asked instead. */
export type When = 'on-success' | 'on-failure' | 'always' | 'never' | 'function';

/** Waiting time between attempts, in milliseconds: `delayMs * factor ** (attempt - 1)`, at most `maxMs`. */
export interface Backoff {
  readonly delayMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

interface NodeBase {
  readonly id: string;
  readonly description?: string;
  /** Share of the whole run, in percent. */
  readonly weight: number;
  readonly timeoutMs?: number;
  readonly location?: SourceLocation;
}

/** One unit of work. */
export interface StepNode extends NodeBase {
  readonly kind: 'step';
  /** The plugin's name; absent for a function step. */
  readonly uses?: string;
  /** The options as written, where they are plain JSON. */
  readonly with?: JsonValue;
  readonly executor: ExecutorName;
  readonly retries: number;
  readonly backoff: Backoff;
  readonly critical: boolean;
  readonly when: When;
  readonly env?: { readonly [name: string]: string };
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** Heap limit of the step's thread, in MiB. */
  readonly memoryLimitMb?: number;
}

/** Children that run concurrently. */
export interface GroupNode extends NodeBase {
  readonly kind: 'group';
  readonly operator: Operator;
  /** How many children must pass: all, one, or the count of `atLeast`. */
  readonly required: number;
  readonly settle: Settle;
  readonly onConflict: OnConflict;
  readonly maxWorkers?: number;
  readonly children: readonly ChildNode[];
}

/** Children that run in order. */
export interface SequenceNode extends NodeBase {
  readonly kind: 'sequence';
  readonly children: readonly ChildNode[];
}

/** The root: children that run in order. */
export interface PipelineNode extends NodeBase {
  readonly kind: 'pipeline';
  readonly failFast: boolean;
  /** After so many failures of critical steps, nothing else begins; absent: no limit beyond `failFast`. */
  readonly maxFailures?: number;
  /** Whether a step that passed only after a retry fails the run; absent: no. */
  readonly failOnFlaky?: boolean;
  /** How many steps may run at once; absent: no limit beyond the thread pool's. */
  readonly concurrency?: number;
  /** Names of environment variables whose values are hidden; with `!` before them, of those that only look secret. */
  readonly secrets?: readonly string[];
  readonly children: readonly ChildNode[];
}

/** A node below the root. */
export type ChildNode = StepNode | GroupNode | SequenceNode;
/** Any node of a plan. */
export type PlanNode = PipelineNode | ChildNode;
/** The immutable tree that a run follows; plain JSON. */
export type Plan = PipelineNode;

/** Ids of the steps in and below a node, in declared order. */
export function stepIds(node: PlanNode): readonly string[] {
  return stepsIn(node).map(({ id }) => id);
}

/** The steps of a node, in order. */
export function stepsIn(node: PlanNode): readonly StepNode[] {
  return node.kind === 'step' ? [node] : node.children.flatMap(stepsIn);
}
