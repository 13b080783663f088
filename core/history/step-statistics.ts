import type { RunDigest, StepDigest } from './run-digest.ts';

/** One time that a step ran. */
export interface StepRun {
  readonly run: RunDigest;
  readonly step: StepDigest;
}

/** How a step did over time. Runs in which it was skipped, cancelled, or used earlier results do not count. */
export interface StepStatistics {
  readonly id: string;
  readonly pipeline: string;
  /** The last one first. */
  readonly runs: readonly StepRun[];
  readonly passed: number;
  readonly failed: number;
  /** How often it passed only after a retry. */
  readonly flaky: number;
  /** Of the runs that it passed, in milliseconds; `undefined` where there is none. */
  readonly medianMs: number | undefined;
  readonly fastestMs: number | undefined;
  readonly slowestMs: number | undefined;
}

/**
 * The steps of runs, in the order in which they first come up.
 *
 * @param runs - the last one first
 */
export function stepStatistics(runs: Iterable<RunDigest>): readonly StepStatistics[] {
  const found = new Map<string, StepRun[]>();
  for (const run of runs) {
    for (const step of run.steps) {
      if (step.cached || step.status === 'skipped' || step.status === 'cancelled') continue;
      const key = `${run.pipeline}\n${step.id}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, [{ run, step }]);
      else known.push({ run, step });
    }
  }
  return [...found.values()].map(statisticsOf);
}

function statisticsOf(runs: readonly StepRun[]): StepStatistics {
  const passes = runs.filter(({ step }) => step.status === 'passed').map(({ step }) => step.durationMs);
  return {
    id: runs[0]?.step.id ?? '',
    pipeline: runs[0]?.run.pipeline ?? '',
    runs,
    passed: passes.length,
    failed: runs.length - passes.length,
    flaky: runs.filter(({ step }) => step.flaky).length,
    medianMs: median(passes),
    fastestMs: passes.length === 0 ? undefined : Math.min(...passes),
    slowestMs: passes.length === 0 ? undefined : Math.max(...passes),
  };
}

/** The middle of some numbers; `undefined` when there are none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
