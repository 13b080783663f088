import type { RunEvent, RunEventType } from '../contract/events.ts';
import { stepIds, type Plan } from '../contract/plan.ts';
import { storedRuns } from './run-digest.ts';
import { median } from './step-statistics.ts';

/** So many passes of a step count. */
const passes = 7;
/** So many runs are looked at to find them, and so many bytes: it must not delay a run. */
const mostRuns = 30;
const mostBytes = 8 * 1024 * 1024;

const needed: ReadonlySet<RunEventType> = new Set<RunEventType>(['run:start', 'step:end']);

/** How long the steps of a pipeline usually take: the medians of their last passes. */
export class StepTimes {
  /** Milliseconds by step, the last pass first. */
  private readonly times = new Map<string, number[]>();

  /**
   * What the kept runs of a pipeline tell.
   *
   * @param options - `shards`: whether runs of one shard count, by default they do
   */
  static read(root: string, pipeline: string, { shards = true }: { readonly shards?: boolean } = {}): StepTimes {
    const found = new StepTimes();
    let runs = 0;
    let bytes = 0;
    for (const run of storedRuns(root, { pipeline, needed })) {
      runs += 1;
      bytes += run.bytes;
      if (shards || !run.isShard) {
        for (const { id, status, cached, durationMs } of run.steps) if (status === 'passed' && !cached) found.of(id).push(durationMs);
      }
      if (runs >= mostRuns || bytes >= mostBytes) break;
    }
    return found;
  }

  /** Takes note of a run that goes on. */
  note(event: RunEvent): void {
    if (event.type === 'step:end' && event.status === 'passed' && !event.cached) this.of(event.id).unshift(event.durationMs);
  }

  /** In milliseconds; steps of the plan that have not passed yet are left out. */
  expected(plan: Plan): ReadonlyMap<string, number> {
    return new Map(
      stepIds(plan).flatMap((id): readonly [string, number][] => {
        const middle = median((this.times.get(id) ?? []).slice(0, passes));
        return middle === undefined ? [] : [[id, middle]];
      }),
    );
  }

  private of(id: string): number[] {
    let times = this.times.get(id);
    if (times === undefined) this.times.set(id, (times = []));
    if (times.length > 2 * passes) times.length = passes;
    return times;
  }
}
