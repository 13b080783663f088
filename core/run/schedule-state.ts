import type { GroupNode, PipelineNode, SequenceNode, StepNode, When } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import type { StopCause } from './schedule-types.ts';

/** A step, as the schedule sees it. */
export interface StepState {
  readonly node: StepNode;
  readonly parent: BranchState;
  phase: 'waiting' | 'queued' | 'asking' | 'running' | 'delayed' | 'ended';
  attempt: number;
  approved: boolean;
  // Present from the start: an object that grows takes more memory.
  stop: StopCause | undefined;
  status: Status | undefined;
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
  stop: StopCause | undefined;
  status: Status | undefined;
}

export type NodeState = StepState | BranchState;

/** A step that nothing has happened to. */
export function newStep(node: StepNode, parent: BranchState): StepState {
  return { node, parent, phase: 'waiting', attempt: 0, approved: false, stop: undefined, status: undefined };
}

/** A branch that nothing has happened to, without its children. */
export function newBranch(node: BranchState['node'], parent: BranchState | undefined): BranchState {
  const counts = { next: 0, running: 0, passed: 0, failed: 0, neutral: 0 };
  return { node, parent, children: [], phase: 'waiting', salvage: false, ...counts, stop: undefined, status: undefined };
}

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

/** Which nodes are, or hold, steps of some kinds. */
export class Holders {
  private readonly kinds: readonly When[];
  private readonly known = new Map<NodeState, boolean>();

  constructor(kinds: readonly When[]) {
    this.kinds = kinds;
  }

  has(state: NodeState): boolean {
    if ('attempt' in state) return this.kinds.includes(state.node.when);
    let answer = this.known.get(state);
    if (answer === undefined) {
      answer = state.children.some((child) => this.has(child));
      this.known.set(state, answer);
    }
    return answer;
  }
}

/** Whether some children of a group are still open, though its outcome no longer depends on them. */
export function isDecided({ children, passed, failed, neutral }: BranchState, { operator, required }: GroupNode): boolean {
  const open = children.length - passed - failed - neutral;
  const lost = operator === 'all' ? failed > 0 : passed + open < required;
  const won = operator !== 'all' && passed >= required;
  return open > 0 && (lost || won);
}

/** Why steps are skipped. */
export const reasons = {
  earlierFailure: 'an earlier step failed',
  nothingFailed: 'nothing failed before it',
  never: 'its when says never',
  answeredNo: 'its when function said no',
};
