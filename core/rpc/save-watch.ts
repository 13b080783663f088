import { isAbsolute, relative, sep } from 'node:path';
import type { WatchRun } from '../contract/rpc.ts';
import type { ActiveRuns } from './active-runs.ts';
import type { ProjectHost } from './project-host.ts';

/** Folders whose files no person edits. */
const foreign = /(?:^|\/)(?:node_modules|\.treadle|\.git)\//;

/** Runs watched pipelines again when a person saves a file. */
export class SaveWatch {
  private readonly project: ProjectHost;
  private readonly runs: ActiveRuns;
  private readonly announce: (run: WatchRun) => void;
  private readonly report: (message: string) => void;
  private readonly watched = new Set<string>();
  private all = false;
  private pending = new Set<string>();
  private working = false;

  constructor(
    parts: { readonly project: ProjectHost; readonly runs: ActiveRuns },
    tell: { readonly announce: (run: WatchRun) => void; readonly report: (message: string) => void },
  ) {
    this.project = parts.project;
    this.runs = parts.runs;
    this.announce = tell.announce;
    this.report = tell.report;
  }

  set(pipeline: string | undefined, enabled: boolean): void {
    if (pipeline === undefined) {
      this.all = enabled;
      if (!enabled) this.watched.clear();
    } else if (enabled) this.watched.add(pipeline);
    else this.watched.delete(pipeline);
  }

  /** Saves that arrive while earlier ones are dealt with make one more run, not several. */
  saved(files: readonly string[]): void {
    if (!this.all && this.watched.size === 0) return;
    for (const file of files) this.pending.add(file);
    if (!this.working) void this.work();
  }

  private async work(): Promise<void> {
    this.working = true;
    try {
      while (this.pending.size > 0) {
        const files = [...this.pending];
        this.pending = new Set();
        await this.rerun(files);
      }
    } catch (thrown) {
      this.report(`The run after a save could not start: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    } finally {
      this.working = false;
    }
  }

  private async rerun(files: readonly string[]): Promise<void> {
    const before = await this.sourcesAmong(files);
    if (before.length === 0) return;
    await Promise.all([...this.watched, ...this.allNames].map((pipeline) => this.runs.stop(pipeline, 'A file was saved.')));
    // More may have been saved meanwhile: the runs that follow take that along.
    const more = [...this.pending];
    this.pending = new Set();
    const changed = [...new Set([...before, ...(await this.sourcesAmong(more))])];
    const state = await this.project.list();
    if (state.kind === 'broken') return;
    for (const { name } of state.pipelines) {
      if (!this.all && !this.watched.has(name)) continue;
      await this.runs.start({ pipeline: name }, (started) => this.announce({ ...started, files: changed }));
    }
  }

  private get allNames(): readonly string[] {
    return this.all ? this.project.pipelineNames : [];
  }

  /** Those that belong to the project, relative to it. Loads the project again where one of its own files is among them. */
  private async sourcesAmong(files: readonly string[]): Promise<readonly string[]> {
    const state = await this.project.list();
    if (state.kind === 'broken') return [];
    const own = files.filter((file) => state.files.includes(file)).map((file) => relative(state.root, file).split(sep).join('/'));
    return [...new Set([...files.flatMap((file) => withinProject(state.root, file)), ...own])];
  }
}

/** The file relative to the project, with `/`, where it is one of its sources. */
function withinProject(root: string, file: string): readonly string[] {
  const inside = relative(root, file).split(sep).join('/');
  return inside === '' || inside.startsWith('../') || isAbsolute(inside) || foreign.test(inside) ? [] : [inside];
}
