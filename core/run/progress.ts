import type { Plan, PlanNode } from '../contract/plan.ts';

/** Where a step stands, as `getStatus()` tells it. */
export interface StepProgress {
  /** 0 to 100 within the step. */
  readonly internalProgress: number;
  /** The step's share of the whole run, in percent. */
  readonly maxWeight: number;
  /** What it has contributed so far, in percent of the whole run. */
  readonly contribution: number;
  readonly status: string;
}

interface Entry {
  percent: number;
  readonly weight: number;
  ended: boolean;
}

/**
 * Overall progress of a run: each step contributes its weight by its own percentage. Never falls, even when a step is
 * tried again.
 *
 * @example
 * const tracker = new ProgressTracker(plan);
 * tracker.update('build', 50);
 * tracker.overall; // half of the weight of "build"
 */
export class ProgressTracker {
  private readonly entries = new Map<string, Entry>();
  private sum = 0;
  private highest = 0;
  private remaining = 0;

  constructor(plan: Plan) {
    const add = (node: PlanNode): void => {
      if (node.kind === 'step') {
        this.entries.set(node.id, { percent: 0, weight: node.weight, ended: false });
        this.remaining += 1;
      } else node.children.forEach(add);
    };
    add(plan);
  }

  /** 0 to 100. */
  get overall(): number {
    return this.highest;
  }

  /** Sets a step's own percentage; values outside 0..100 are clamped. Returns the overall progress. */
  update(stepId: string, percent: number): number {
    const entry = this.entries.get(stepId);
    if (entry === undefined || entry.ended) return this.highest;
    const next = percent >= 0 ? Math.min(percent, 100) : 0;
    this.sum += ((next - entry.percent) * entry.weight) / 100;
    entry.percent = next;
    return this.raise();
  }

  /** A step that ended counts 100, however it ended. */
  end(stepId: string): number {
    const entry = this.entries.get(stepId);
    if (entry === undefined || entry.ended) return this.highest;
    this.update(stepId, 100);
    entry.ended = true;
    this.remaining -= 1;
    return this.raise();
  }

  /** Where a step stands; its status is known to the caller. */
  of(stepId: string, status: string): StepProgress | undefined {
    const entry = this.entries.get(stepId);
    if (entry === undefined) return undefined;
    return {
      internalProgress: entry.percent,
      maxWeight: entry.weight,
      contribution: (entry.percent * entry.weight) / 100,
      status,
    };
  }

  private raise(): number {
    // Sums of shares are not exact: the end is, by count.
    const exact = this.remaining === 0 ? 100 : Math.min(99.99, Math.round(this.sum * 100) / 100);
    this.highest = Math.max(this.highest, exact);
    return this.highest;
  }
}
