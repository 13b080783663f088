import type { GroupNode, PipelineNode, SequenceNode, StepNode } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import type { StopCause } from './schedule-types.ts';

/** A step, as the schedule sees it. */
export interface StepState {
  readonly node: StepNode;
  readonly parent: BranchState;
  phase: 'waiting' | 'queued' | 'asking' | 'running' | 'delayed' | 'ended';
  attempt: number;
  approved: boolean;
  stop?: StopCause;
  status?: Status;
}

/** A group, a sequence or the pipeline. */
export interface BranchState {
  readonly node: PipelineNode | SequenceNode | GroupNode;
  readonly parent: BranchState | undefined;
  readonly children: NodeState[];
  phase: 'waiting' | 'open' | 'merging' | 'ended';
  /** Only steps that ask for it run: an earlier step failed. */
  salvage: boolean;
  next: number;
  running: number;
  passed: number;
  failed: number;
  neutral: number;
  stop?: StopCause;
  status?: Status;
}

export type NodeState = StepState | BranchState;

/** Whether what a step does next takes a thread: its `when` function may, whatever the step itself does. */
export function needsThread({ node, approved }: StepState): boolean {
  return node.executor === 'threads' || !approved;
}

/** How a node ends that was stopped. */
export function stoppedStatus(cause: StopCause | undefined): Status {
  return cause?.kind === 'timeout' ? 'timed-out' : 'cancelled';
}

/** Whether nothing of a branch ran. */
export function allSkipped(state: BranchState): boolean {
  return state.children.length > 0 && state.children.every((child) => child.status === 'skipped');
}

/** What a child's end means for its parent. */
export function verdictOf(child: NodeState): 'passed' | 'failed' | 'neutral' {
  if (child.status === 'passed') return 'passed';
  if (child.status === 'skipped') return 'neutral';
  if (child.status === 'cancelled') return child.stop?.kind === 'not-needed' ? 'neutral' : 'failed';
  return 'attempt' in child && !child.node.critical ? 'neutral' : 'failed';
}
