import type { RunEventBody } from '../contract/events.ts';
import type { ProgressTracker } from './progress.ts';

/** Progress of one step is told at most this often. */
const intervalMs = 33;

interface Pending {
  lastAt: number;
  percent: number;
  message: string | undefined;
  dirty: boolean;
}

/** Turns progress calls into events: the first at once, then at most thirty a second and step, the last one always. */
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
    if (performance.now() - pending.lastAt >= intervalMs) this.send(stepId, pending);
    else this.timer ??= setTimeout(() => this.flushAll(), intervalMs);
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

  private flushAll(): void {
    this.timer = undefined;
    for (const [stepId, pending] of this.steps) if (pending.dirty) this.send(stepId, pending);
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
