import { setTimeout as delay } from 'node:timers/promises';
import type { ProjectState, WatchRun } from '../contract/rpc.ts';
import type { ActiveRuns } from './active-runs.ts';
import type { ProjectHost } from './project-host.ts';
import { sourcesAmong } from './saved-sources.ts';

/** Saves that follow a rerun this closely, in milliseconds, are gathered until they pause: it was one of many. */
const burstMs = 100;
/** So often is waited for a pause. */
const longestBurst = 10;

/** Runs watched pipelines again when a person saves a file. */
export class SaveWatch {
  private readonly project: ProjectHost;
  private readonly runs: ActiveRuns;
  private readonly announce: (run: WatchRun) => void;
  private readonly report: (message: string) => void;
  /** Whether pipelines are watched of which nothing is said. */
  private all = false;
  private readonly chosen = new Map<string, boolean>();
  private pending = new Set<string>();
  private working = false;
  private closed = false;
  private startedAt = -burstMs;

  constructor(
    parts: { readonly project: ProjectHost; readonly runs: ActiveRuns },
    tell: { readonly announce: (run: WatchRun) => void; readonly report: (message: string) => void },
  ) {
    this.project = parts.project;
    this.runs = parts.runs;
    this.announce = tell.announce;
    this.report = tell.report;
  }

  /** @param pipeline - absent: all of them */
  set(pipeline: string | undefined, enabled: boolean): void {
    if (pipeline !== undefined) this.chosen.set(pipeline, enabled);
    else {
      this.all = enabled;
      this.chosen.clear();
    }
  }

  /** The first save has its rerun at once; those that arrive while it is dealt with make one more, not several. */
  saved(files: readonly string[]): void {
    if (this.closed || (!this.all && ![...this.chosen.values()].includes(true))) return;
    for (const file of files) this.pending.add(file);
    if (!this.working) void this.work();
  }

  close(): void {
    this.closed = true;
  }

  private async work(): Promise<void> {
    this.working = true;
    while (this.pending.size > 0 && !this.closed) {
      try {
        await this.burstOver();
        await this.rerun();
      } catch (thrown) {
        this.report(`The run after a save could not start: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      }
    }
    this.working = false;
  }

  private async burstOver(): Promise<void> {
    if (performance.now() - this.startedAt > burstMs) return;
    for (let round = 0, before = 0; round < longestBurst && this.pending.size !== before; round += 1) {
      before = this.pending.size;
      await delay(burstMs);
    }
  }

  private async rerun(): Promise<void> {
    const first = await this.take();
    if (first.files.length === 0) return;
    await Promise.all(watchedOf(first.state, this.isWatched).map((pipeline) => this.runs.stop(pipeline, 'A file was saved.')));
    // More may have been saved meanwhile: the runs that follow take that along.
    const { state, files } = await this.take();
    const all = [...new Set([...first.files, ...files])];
    this.startedAt = performance.now();
    for (const pipeline of watchedOf(state, this.isWatched)) {
      if (!this.closed) await this.runs.start({ pipeline }, (started) => this.announce({ ...started, files: all }));
    }
  }

  /** What was saved, as far as it counts. Loads the project again where one of its own files is among it. */
  private async take(): Promise<{ readonly state: ProjectState; readonly files: readonly string[] }> {
    const saved = [...this.pending];
    this.pending = new Set();
    const state = await this.project.list();
    return { state, files: sourcesAmong(saved, state) };
  }

  private readonly isWatched = (pipeline: string): boolean => this.chosen.get(pipeline) ?? this.all;
}

function watchedOf(state: ProjectState, isWatched: (pipeline: string) => boolean): readonly string[] {
  return state.kind === 'broken' ? [] : state.pipelines.map(({ name }) => name).filter(isWatched);
}
