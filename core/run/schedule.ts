import type { GroupNode, Plan, PlanNode, StepNode } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import { Queue } from './queue.ts';
import {
  allSkipped,
  Holders,
  isDecided,
  reasons,
  needsThread,
  newBranch,
  newStep,
  stoppedStatus,
  verdictOf,
  type BranchState,
  type NodeState,
  type StepState,
} from './schedule-state.ts';
import type { ScheduleEffect, ScheduleEvent, StopCause } from './schedule-types.ts';

/**
 * Decides what runs when: a state machine without threads, clocks or I/O. Tell it what happened with {@link apply};
 * it answers what is to be done.
 */
export class Schedule {
  private readonly states = new Map<string, NodeState>();
  private readonly root: BranchState;
  private readonly plan: Plan;
  private readonly concurrency: number;
  /** Steps that may start once there is room. */
  private readonly ready = new Queue<StepState>();
  /** Those of them that have waited longer, for a thread. */
  private readonly readyForThread = new Queue<StepState>();
  private readonly threads: number;
  private occupied = 0;
  private occupiedThreads = 0;
  /** Failures of critical steps. */
  private failures = 0;
  private effects: ScheduleEffect[] = [];
  /** Ended nodes whose parents have not heard of it: a queue, so that long sequences do not recurse. */
  private readonly ended: NodeState[] = [];
  /** Nodes with steps that run after a failure, and those with steps that run whatever happens. */
  private readonly salvageable = new Holders(['always', 'on-failure']);
  private readonly unconditional = new Holders(['always']);
  /** Why the run is stopped, as long as steps that run whatever happens still do. */
  private spared: StopCause | undefined;

  /** @param threads - how many steps there are threads for: what waits for one has not begun, and its time does not run */
  constructor(plan: Plan, threads = Infinity) {
    this.plan = plan;
    this.threads = threads;
    this.concurrency = plan.concurrency ?? Infinity;
    this.root = this.branch(plan, undefined);
  }

  nodeOf(id: string): PlanNode | undefined {
    return this.states.get(id)?.node;
  }

  parentOf(id: string): PlanNode | undefined {
    return this.states.get(id)?.parent?.node;
  }

  /** How a node ended, if it did. */
  statusOf(id: string): Status | undefined {
    return this.states.get(id)?.status;
  }

  /** Takes one event and returns what is to be done, in order. The same events always give the same effects. */
  apply(event: ScheduleEvent): readonly ScheduleEffect[] {
    this.effects = [];
    this.react(event);
    do {
      for (let node = this.ended.shift(); node !== undefined; node = this.ended.shift()) {
        if (node.parent !== undefined) this.childEnded(node.parent, node);
      }
      this.startReady();
    } while (this.ended.length > 0);
    return this.effects;
  }

  private react(event: ScheduleEvent): void {
    if (event.type === 'start') return this.begin(this.root, false);
    if (event.type === 'halt') return this.halt({ kind: event.kind, message: event.message });
    const state = event.type === 'cancel' && event.id === undefined ? this.root : this.states.get(event.id ?? '');
    if (state === undefined || state.status !== undefined) return;
    switch (event.type) {
      case 'attempt-ended':
        if ('attempt' in state) this.attemptEnded(state, event.status);
        break;
      case 'when-answered':
        if ('attempt' in state) this.whenAnswered(state, event.run);
        break;
      case 'retry-due':
        if ('attempt' in state && state.phase === 'delayed') this.enqueue(state);
        break;
      case 'timeout':
        this.interrupt(state, { kind: 'timeout', message: event.message, by: event.id });
        break;
      case 'cancel':
        this.interrupt(state, { kind: 'cancelled', message: event.message });
        break;
      case 'merged':
        if ('children' in state && state.node.kind === 'group') this.closeGroup(state, state.node, event.ok);
        break;
    }
  }

  private branch(node: BranchState['node'], parent: BranchState | undefined): BranchState {
    const state = newBranch(node, parent);
    this.states.set(node.id, state);
    for (const child of node.children) state.children.push(child.kind === 'step' ? this.step(child, state) : this.branch(child, state));
    return state;
  }

  private step(node: StepNode, parent: BranchState): StepState {
    const state = newStep(node, parent);
    this.states.set(node.id, state);
    return state;
  }

  private begin(state: NodeState, salvage: boolean): void {
    if ('attempt' in state) return this.beginStep(state, salvage);
    state.phase = 'open';
    state.salvage = salvage;
    if (state.parent?.stop !== undefined) state.stop = state.parent.stop;
    this.effects.push({ type: 'open', id: state.node.id });
    if (state.node.timeoutMs !== undefined) this.effects.push({ type: 'start-timer', id: state.node.id, ms: state.node.timeoutMs });
    this.advance(state);
  }

  private beginStep(state: StepState, salvage: boolean): void {
    const { when } = state.node;
    if (salvage && !this.salvageable.has(state)) return this.endStep(state, 'skipped', this.afterFailure);
    if (when === 'never') return this.endStep(state, 'skipped', reasons.never);
    if (when === 'on-failure' && this.failures === 0) return this.endStep(state, 'skipped', reasons.nothingFailed);
    state.approved = when !== 'function';
    this.enqueue(state);
  }

  private enqueue(state: StepState): void {
    state.phase = 'queued';
    this.ready.add(state);
  }

  private startReady(): void {
    while (this.occupied < this.concurrency) {
      const state = this.nextReady();
      if (state === undefined) return;
      if (state.phase !== 'queued') continue;
      if (this.isExhausted && state.attempt === 0 && !this.salvageable.has(state)) {
        this.endStep(state, 'skipped', this.afterFailure);
        continue;
      }
      this.occupied += 1;
      if (needsThread(state)) this.occupiedThreads += 1;
      if (state.approved) {
        state.phase = 'running';
        state.attempt += 1;
        this.effects.push({ type: 'start-attempt', id: state.node.id, attempt: state.attempt });
      } else {
        state.phase = 'asking';
        this.effects.push({ type: 'ask-when', id: state.node.id });
      }
    }
  }

  /** The step that has waited longest and for which there is room. */
  private nextReady(): StepState | undefined {
    const hasThread = this.occupiedThreads < this.threads;
    if (hasThread && !this.readyForThread.isEmpty) return this.readyForThread.take();
    for (let state = this.ready.take(); state !== undefined; state = this.ready.take()) {
      if (hasThread || !needsThread(state)) return state;
      this.readyForThread.add(state);
    }
    return undefined;
  }

  private vacate(state: StepState): void {
    this.occupied -= 1;
    if (needsThread(state)) this.occupiedThreads -= 1;
  }

  private whenAnswered(state: StepState, run: boolean): void {
    this.vacate(state);
    if (state.stop !== undefined) return this.endStep(state, stoppedStatus(state.stop), state.stop.message);
    if (!run) return this.endStep(state, 'skipped', reasons.answeredNo);
    state.approved = true;
    this.enqueue(state);
  }

  private attemptEnded(state: StepState, status: 'passed' | 'failed' | 'timed-out' | 'cancelled'): void {
    this.vacate(state);
    if (state.stop !== undefined) return this.endStep(state, stoppedStatus(state.stop));
    const retry = (status === 'failed' || status === 'timed-out') && state.approved && state.attempt <= state.node.retries;
    if (!retry) return this.endStep(state, status);
    const { delayMs, factor, maxMs } = state.node.backoff;
    state.phase = 'delayed';
    this.effects.push({
      type: 'delay-retry',
      id: state.node.id,
      attempt: state.attempt + 1,
      delayMs: Math.min(delayMs * factor ** (state.attempt - 1), maxMs),
    });
  }

  private endStep(state: StepState, status: Status, reason?: string): void {
    state.phase = 'ended';
    state.status = status;
    this.effects.push({
      type: 'step-ended',
      id: state.node.id,
      status,
      attempts: state.attempt,
      flaky: status === 'passed' && state.attempt > 1,
      ...(reason === undefined ? {} : { reason }),
    });
    this.ended.push(state);
  }

  /** Goes on with a branch: starts what may start, or ends it. */
  private advance(state: BranchState): void {
    if (state.phase !== 'open') return;
    if (state.node.kind === 'group') return this.advanceGroup(state, state.node);
    while (state.running === 0 && state.next < state.children.length) {
      const child = state.children[state.next];
      state.next += 1;
      if (child === undefined || child.status !== undefined) continue;
      const salvage = state.salvage || (state.failed > 0 && this.plan.failFast) || this.isExhausted;
      if (state.stop !== undefined && !this.isSpared(child, state.stop)) this.skip(child, state.stop.message);
      else if (salvage && !this.salvageable.has(child)) this.skip(child, this.afterFailure);
      else {
        state.running += 1;
        this.begin(child, salvage);
      }
    }
    if (state.running === 0) this.closeSequence(state);
  }

  private advanceGroup(state: BranchState, node: GroupNode): void {
    this.settleEarly(state, node);
    const limit = node.maxWorkers ?? Infinity;
    while (state.running < limit && state.next < state.children.length) {
      const child = state.children[state.next];
      state.next += 1;
      if (child === undefined || child.status !== undefined) continue;
      if (state.stop !== undefined && !this.isSpared(child, state.stop)) this.skip(child, state.stop.message);
      else {
        state.running += 1;
        this.begin(child, state.salvage || this.isExhausted);
      }
    }
    if (state.running === 0) {
      state.phase = 'merging';
      if (node.timeoutMs !== undefined) this.effects.push({ type: 'clear-timer', id: node.id });
      this.effects.push({ type: 'merge', id: node.id });
    }
  }

  /** `settle: 'first'`: once the outcome is decided, the rest is stopped. */
  private settleEarly(state: BranchState, node: GroupNode): void {
    if (node.settle !== 'first' || state.stop !== undefined) return;
    if (isDecided(state, node)) {
      this.stopChildren(state, { kind: 'not-needed', message: `group "${node.id}" was already decided`, by: node.id });
    }
  }

  private childEnded(parent: BranchState, child: NodeState): void {
    // Skipped together with its parent, or before it was begun.
    if (parent.phase !== 'open') return;
    parent.running -= 1;
    const verdict = verdictOf(child);
    if (verdict === 'passed') parent.passed += 1;
    else if (verdict === 'failed') {
      parent.failed += 1;
      if ('attempt' in child) this.failures += 1;
    } else parent.neutral += 1;
    this.advance(parent);
  }

  /** So many steps have failed that only what asks for it still begins. */
  private get isExhausted(): boolean {
    return this.failures >= (this.plan.maxFailures ?? Infinity);
  }

  /** Why steps are skipped after a failure. */
  private get afterFailure(): string {
    if (!this.isExhausted || this.plan.maxFailures === 1) return reasons.earlierFailure;
    return `${this.plan.maxFailures} steps have failed`;
  }

  private closeSequence(state: BranchState): void {
    const { node } = state;
    state.phase = 'ended';
    const cut = state.stop !== undefined;
    state.status = cut
      ? stoppedStatus(state.stop)
      : state.failed > 0
        ? 'failed'
        : allSkipped(state) && node.kind === 'sequence'
          ? 'skipped'
          : 'passed';
    if (node.timeoutMs !== undefined) this.effects.push({ type: 'clear-timer', id: node.id });
    const cause = state.stop === undefined ? {} : { cause: state.stop };
    if (node.kind === 'pipeline') this.effects.push({ type: 'run-ended', status: state.status, ...cause });
    else this.effects.push({ type: 'close', id: node.id, status: state.status, ...cause });
    this.ended.push(state);
  }

  private closeGroup(state: BranchState, node: GroupNode, merged: boolean): void {
    if (state.phase !== 'merging') return;
    state.phase = 'ended';
    const stop = state.stop?.kind === 'not-needed' && state.stop.by === node.id ? undefined : state.stop;
    const passed =
      node.operator === 'all' ? state.failed === 0 && stop === undefined : state.passed >= node.required && stop?.kind !== 'cancelled';
    if (passed || (stop === undefined && allSkipped(state))) {
      state.status = !merged ? 'failed' : allSkipped(state) ? 'skipped' : 'passed';
    } else {
      state.status = stop === undefined ? 'failed' : stoppedStatus(stop);
    }
    this.effects.push({ type: 'close', id: node.id, status: state.status, ...(stop === undefined ? {} : { cause: stop }) });
    this.ended.push(state);
  }

  /** Stops a node. Where that is everything, steps that run whatever happens still do. */
  private interrupt(state: NodeState, cause: StopCause): void {
    if (state === this.root && state.stop === undefined && this.unconditional.has(state)) {
      this.spared = cause;
      this.effects.push({ type: 'limit-clean-up' });
    }
    this.stop(state, cause);
  }

  /** Stops a node and all that runs below it. */
  private stop(state: NodeState, cause: StopCause): void {
    if (state.status !== undefined || state.stop !== undefined) return;
    if ('attempt' in state) return this.isSpared(state, cause) ? undefined : this.stopStep(state, cause);
    if (state.phase === 'waiting') return this.skip(state, cause.message);
    this.stopChildren(state, cause);
    // Otherwise it ends through the last of its running children.
    if (state.running === 0) this.advance(state);
  }

  private isSpared(state: NodeState, cause: StopCause): boolean {
    return cause === this.spared && this.unconditional.has(state);
  }

  /** Stops everything, and lets nothing begin any more. */
  private halt(cause: StopCause): void {
    this.stop(this.root, cause);
    this.spared = undefined;
    for (const state of this.states.values()) {
      const isOpen = state.status === undefined && state.stop === undefined && state.phase !== 'waiting';
      if (isOpen && 'attempt' in state) this.stopStep(state, cause);
    }
  }

  private stopChildren(state: BranchState, cause: StopCause): void {
    state.stop = cause;
    // What has not begun is skipped when the branch advances.
    for (const child of state.children.slice(0, state.next)) this.stop(child, cause);
  }

  private stopStep(state: StepState, cause: StopCause): void {
    state.stop = cause;
    switch (state.phase) {
      case 'running':
      case 'asking':
        this.effects.push({ type: 'stop-attempt', id: state.node.id, cause });
        break;
      case 'delayed':
        this.effects.push({ type: 'drop-retry', id: state.node.id });
        this.endStep(state, stoppedStatus(cause));
        break;
      case 'queued':
        // Between two attempts it has begun; before the first it has not.
        this.endStep(state, state.attempt > 0 ? stoppedStatus(cause) : 'skipped', cause.message);
        break;
      default:
        this.skip(state, cause.message);
    }
  }

  /** Skips a node that never began, with all steps below it. */
  private skip(state: NodeState, reason: string): void {
    if (state.status !== undefined) return;
    if (!('attempt' in state)) {
      for (const child of state.children) this.skip(child, reason);
      state.phase = 'ended';
      state.status = 'skipped';
      this.effects.push({ type: 'close', id: state.node.id, status: 'skipped' });
    } else {
      state.phase = 'ended';
      state.status = 'skipped';
      this.effects.push({ type: 'step-ended', id: state.node.id, status: 'skipped', attempts: 0, flaky: false, reason });
    }
    if (state.parent !== undefined) state.parent.neutral += 1;
  }
}
