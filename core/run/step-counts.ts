import type { RunCounts } from '../contract/events.ts';
import type { Status } from '../contract/status.ts';

/** Counts steps as they end. */
export class StepCounts {
  private readonly counts: { -readonly [Key in keyof RunCounts]: number };

  /** @param steps - how many there are */
  constructor(steps: number) {
    this.counts = { steps, passed: 0, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 };
  }

  get all(): RunCounts {
    return this.counts;
  }

  add(status: Status, how: { readonly flaky: boolean; readonly cached: boolean }): void {
    this.counts[status === 'timed-out' ? 'timedOut' : status] += 1;
    if (how.flaky) this.counts.flaky += 1;
    if (how.cached) this.counts.cached += 1;
  }
}
