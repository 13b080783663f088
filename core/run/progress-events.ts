import type { RunEventBody } from '../contract/events.ts';
import { progressIntervalMs } from '../contract/executor.ts';
import type { ProgressTracker } from './progress.ts';

/** Timers are a little early at times: what comes then need not wait for another one. */
const earlyMs = 4;

interface Pending {
  lastAt: number;
  percent: number;
  message: string | undefined;
  dirty: boolean;
}

/** Turns progress calls into events: the first at once, then at most one of a step in each interval, the last one always. */
export class ProgressEvents {
  private readonly tracker: ProgressTracker;
  private readonly emit: (event: RunEventBody) => void;
  private readonly steps = new Map<string, Pending>();
  private timer: NodeJS.Timeout | undefined;

  constructor(tracker: ProgressTracker, emit: (event: RunEventBody) => void) {
    this.tracker = tracker;
    this.emit = emit;
  }

  report(stepId: string, percent: number, message: string | undefined): void {
    let pending = this.steps.get(stepId);
    if (pending === undefined) this.steps.set(stepId, (pending = { lastAt: -Infinity, percent: 0, message: undefined, dirty: false }));
    pending.percent = percent;
    pending.message = message ?? pending.message;
    pending.dirty = true;
    const wait = waitOf(pending);
    if (wait <= 0) this.send(stepId, pending);
    else this.timer ??= setTimeout(() => this.sendDue(), wait);
  }

  /** Sends what is left of a step, which has ended or is tried again. */
  flush(stepId: string): void {
    const pending = this.steps.get(stepId);
    if (pending?.dirty === true) this.send(stepId, pending);
    this.steps.delete(stepId);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private sendDue(): void {
    this.timer = undefined;
    let next = Infinity;
    for (const [stepId, pending] of this.steps) {
      if (!pending.dirty) continue;
      const wait = waitOf(pending);
      if (wait <= 0) this.send(stepId, pending);
      else next = Math.min(next, wait);
    }
    if (next !== Infinity) this.timer = setTimeout(() => this.sendDue(), next);
  }

  private send(id: string, pending: Pending): void {
    pending.dirty = false;
    pending.lastAt = performance.now();
    const overall = this.tracker.update(id, pending.percent);
    this.emit({
      type: 'step:progress',
      id,
      percent: pending.percent,
      ...(pending.message === undefined ? {} : { message: pending.message }),
      overall,
    });
  }
}

/** How long a step has to wait until its next event, in milliseconds. */
function waitOf({ lastAt }: Pending): number {
  const wait = lastAt + progressIntervalMs - performance.now();
  return wait <= earlyMs ? 0 : wait;
}
