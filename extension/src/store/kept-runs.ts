import type { KeptRun } from '../../../core/contract/rpc.ts';
import type { KeptRunRecord, ProjectKey } from './records.ts';
import type { KeptRunContent } from './store.ts';

/** The runs that projects have kept, of any window and terminal. */
export class KeptRuns {
  private readonly byProject = new Map<ProjectKey, ReadonlyMap<string, KeptRunRecord>>();

  /** Each once, also where two pipeline files share a folder. */
  get all(): Iterable<KeptRunRecord> {
    const found = new Map<string, KeptRunRecord>();
    for (const runs of this.byProject.values()) for (const run of runs.values()) if (!found.has(run.runId)) found.set(run.runId, run);
    return found.values();
  }

  get(runId: string): KeptRunRecord | undefined {
    for (const runs of this.byProject.values()) {
      const found = runs.get(runId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** @returns the ids of those that came, went or changed. */
  set(project: ProjectKey, runs: readonly KeptRun[]): readonly string[] {
    const before = this.byProject.get(project) ?? new Map<string, KeptRunRecord>();
    const after = new Map(runs.map((run) => [run.runId, recordOf(project, run, before.get(run.runId))]));
    this.byProject.set(project, after);
    const ids = new Set([...before.keys(), ...after.keys()]);
    return [...ids].filter((runId) => before.get(runId) !== after.get(runId));
  }

  /** What its file tells besides. */
  fill(runId: string, content: KeptRunContent): void {
    for (const [project, runs] of this.byProject) {
      const found = runs.get(runId);
      if (found !== undefined)
        this.byProject.set(project, new Map([...runs, [runId, { ...found, ...content, isRead: found.state !== 'running' }]]));
    }
  }

  /** @returns the ids of those that are gone. */
  forget(project: ProjectKey): readonly string[] {
    const gone = [...(this.byProject.get(project)?.keys() ?? [])];
    this.byProject.delete(project);
    return gone;
  }
}

/** The same record where there is nothing new. */
function recordOf(project: ProjectKey, run: KeptRun, before: KeptRunRecord | undefined): KeptRunRecord {
  const { runId, pipeline, startedAt, status: state, counts, file, trigger } = run;
  const durationMs = state === 'running' ? undefined : run.durationMs;
  if (before !== undefined && before.state === state && before.file === file) return before;
  // What was read of a run that went on then is not all of it.
  const { plan, spans = [] } = before ?? {};
  return {
    runId,
    project,
    pipeline,
    startedAt,
    state,
    durationMs,
    counts,
    file,
    ...(trigger === undefined ? {} : { trigger }),
    isRead: false,
    plan,
    spans,
  };
}
