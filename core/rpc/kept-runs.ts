import type { HistoryParams, KeptRun } from '../contract/rpc.ts';
import { storedRuns } from '../history/run-digest.ts';

const usualLimit = 20;

/** The last runs of a project, from whichever window or terminal. */
export function keptRuns(root: string, { pipeline, limit = usualLimit }: HistoryParams): readonly KeptRun[] {
  const runs = storedRuns(root, pipeline === undefined ? {} : { pipeline }).take(limit);
  return runs
    .map(({ runId, pipeline: name, startedAt, status, durationMs, counts, file, steps, trigger }): KeptRun => ({
      runId,
      pipeline: name,
      startedAt,
      status,
      durationMs,
      counts,
      file,
      ...(trigger === undefined ? {} : { trigger }),
      steps: steps.map((step) => ({ id: step.id, status: step.status, durationMs: step.durationMs, cached: step.cached })),
    }))
    .toArray();
}
