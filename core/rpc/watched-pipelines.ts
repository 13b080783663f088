import { join } from 'node:path';
import type { Plan } from '../contract/plan.ts';
import type { ProjectState, RunStarted, SetWatchParams, WatchLoop, WatchRun } from '../contract/rpc.ts';
import { newRunId } from '../engine.ts';
import { SessionServices } from '../executors/processes/session-services.ts';
import { projectPath } from '../files/project-path.ts';
import { stepsOf } from '../watch/affected.ts';
import { changedAt } from '../watch/changed-at.ts';
import { countFiles } from '../watch/counting-files.ts';
import type { FileWatcher } from '../watch/file-watcher.ts';
import type { Covered } from '../watch/watched-paths.ts';
import { LastResults } from '../watch/last-results.ts';
import { savedTrigger } from '../watch/saved-trigger.ts';
import { RerunLoop, type LoopedRun, type RunCause, type WhenBusy } from '../watch/rerun-loop.ts';
import type { ActiveRuns, KeptBetweenRuns } from './active-runs.ts';
import type { ProjectHost } from './project-host.ts';

/** Services are stopped after so long without a change, in milliseconds. */
const defaultIdleMs = 30 * 60 * 1000;

/** What watching tells the editor. */
export interface WatchVoice {
  readonly announce: (run: WatchRun) => void;
  readonly loop: (loop: WatchLoop) => void;
  readonly report: (message: string) => void;
}

interface Watched {
  readonly loop: RerunLoop;
  readonly memory: LastResults;
  readonly services: SessionServices;
  whenBusy: WhenBusy;
}

/** Runs watched pipelines again when files change: of each the steps that the change affects. */
export class WatchedPipelines {
  private readonly project: ProjectHost;
  private readonly runs: ActiveRuns;
  private readonly voice: WatchVoice;
  private readonly watched = new Map<string, Watched>();
  /** How pipelines are watched of which nothing is said. */
  private others: WhenBusy | undefined;
  private readonly unwatched = new Set<string>();
  private quietMs: number | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private idleMs = defaultIdleMs;
  private watcher: Promise<FileWatcher | undefined> | undefined;
  private closed = false;

  constructor(parts: { readonly project: ProjectHost; readonly runs: ActiveRuns }, voice: WatchVoice) {
    this.project = parts.project;
    this.runs = parts.runs;
    this.voice = voice;
  }

  /** Switches the watch of a pipeline, or of all. Resolves once every change from then on is seen. */
  async set({ pipeline, enabled, whenBusy = 'restart', debounceMs, idleMs }: SetWatchParams): Promise<void> {
    if (idleMs !== undefined) this.idleMs = idleMs;
    if (debounceMs !== undefined && debounceMs !== this.quietMs) {
      this.quietMs = debounceMs;
      await this.shut();
    }
    if (pipeline === undefined) {
      this.others = enabled ? whenBusy : undefined;
      this.unwatched.clear();
      for (const [name, watched] of this.watched) {
        if (enabled) watched.whenBusy = whenBusy;
        else void this.drop(name);
      }
    } else if (enabled) {
      (this.watched.get(pipeline) ?? this.add(pipeline)).whenBusy = whenBusy;
    } else {
      void this.drop(pipeline);
      this.unwatched.add(pipeline);
    }
    if (this.others !== undefined || this.watched.size > 0) await this.open();
    else await this.shut();
  }

  /** A person has saved these files. Absolute. */
  saved(files: readonly string[]): void {
    this.savedAs(files.map((file) => projectPath(this.project.root, file)));
    void this.watcher?.then((watcher) => this.savedAs(files.flatMap((file) => watcher?.linkedNames(file) ?? [])));
  }

  private savedAs(names: readonly string[]): void {
    if (names.length > 0) for (const { loop } of this.watched.values()) loop.savedByPerson(names);
  }

  /** What outlives the runs of a pipeline, while it is watched: only then is every change seen. */
  keptOf(pipeline: string): KeptBetweenRuns | undefined {
    return this.watched.get(pipeline);
  }

  /** Stops services of watched pipelines of which nothing runs. */
  async endIdleServices(except?: string): Promise<void> {
    const idle = [...this.watched].filter(([name]) => name !== except && !this.runs.isActive(name));
    await Promise.all(idle.map(([, { services }]) => services.endAll()));
  }

  /** A person has stopped a pipeline, or all: what waits to run for changes does not begin before the next one. */
  forgetChanges(pipeline?: string): void {
    for (const [name, { loop }] of this.watched) if (pipeline === undefined || name === pipeline) loop.forget();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.idleTimer);
    await Promise.all([...this.watched.keys()].map((name) => this.drop(name)));
    await this.shut();
  }

  private add(pipeline: string, whenBusy: WhenBusy = 'restart'): Watched {
    const { root } = this.project;
    const memory = new LastResults(root);
    const loop = new RerunLoop({
      get whenBusy() {
        return watched.whenBusy;
      },
      start: (cause) => this.start(pipeline, watched.whenBusy, cause),
      onIdle: () => this.rest(),
      changedAt: (file) => changedAt(root, file),
      onLoop: (file, stepIds) => this.voice.loop({ pipeline, file, stepIds }),
      onRestless: (files) => void this.tellRestless(pipeline, files, memory).catch((thrown: unknown) => this.report(thrown)),
    });
    const services = new SessionServices(newRunId(), { root, guardAtOnce: true }, (id, remark) => {
      if (remark.type === 'ended') this.voice.report(`Step "${id}": ${remark.message}`);
    });
    const watched: Watched = { loop, memory, services, whenBusy };
    this.unwatched.delete(pipeline);
    this.watched.set(pipeline, watched);
    return watched;
  }

  private async tellRestless(pipeline: string, files: readonly string[], memory: LastResults): Promise<void> {
    const state = await this.project.list();
    const plan = state.kind === 'broken' ? undefined : state.pipelines.find(({ name }) => name === pipeline)?.plan;
    const stepIds = plan === undefined ? [] : memory.servicesOf(plan);
    for (const file of files) this.voice.loop({ pipeline, file, stepIds, by: 'other' });
  }

  private async drop(pipeline: string): Promise<void> {
    const watched = this.watched.get(pipeline);
    this.watched.delete(pipeline);
    watched?.loop.forget();
    await watched?.loop.close('finish');
    // A run that a person started may still use them.
    await this.runs.overOf(pipeline);
    await watched?.services.endAll();
  }

  private async open(): Promise<void> {
    this.watcher ??= this.openWatcher().catch((thrown: unknown) => {
      this.watcher = undefined;
      this.report(thrown);
      return undefined;
    });
    await this.watcher;
  }

  private async openWatcher(): Promise<FileWatcher> {
    const [{ watchFiles }, state] = await Promise.all([import('../watch/file-watcher.ts'), this.project.list()]);
    const root = this.project.root;
    return watchFiles({
      root,
      ...covered(state),
      ...(this.quietMs === undefined ? {} : { quietMs: this.quietMs }),
      onChange: (files) => void this.changed(root, files).catch((thrown: unknown) => this.report(thrown)),
      onError: (error) => this.report(error),
    });
  }

  /** Nothing is saved for long: what services hold is given back until the next run. */
  private rest(): void {
    clearTimeout(this.idleTimer);
    if (this.closed || this.idleMs === 0) return;
    this.idleTimer = setTimeout(() => void this.endIdleServices(), this.idleMs);
    this.idleTimer.unref();
  }

  private async shut(): Promise<void> {
    const watcher = await this.watcher;
    this.watcher = undefined;
    await watcher?.close();
  }

  private async changed(root: string, files: readonly string[]): Promise<void> {
    const before = new Set(this.project.files);
    // Loads the project again where one of its own files is among them.
    const state = await this.project.list();
    const watcher = await this.watcher;
    watcher?.cover(covered(state));
    if (this.closed || state.kind === 'broken') return;
    const isIgnored = (file: string): boolean => watcher?.isIgnored(file) ?? false;
    const own = new Set([...before, ...state.files]);
    const isOwn = (file: string): boolean => own.has(join(root, file));
    for (const { name, plan } of state.pipelines) {
      const watched = this.watchedNow(name);
      if (watched === undefined) continue;
      if (files.some(isOwn)) watched.loop.stepsChanged();
      watched.memory.filesChanged({ files, isIgnored }, plan);
      const runStartedAt = watched.loop.startedAt;
      const { counting } = countFiles(files, { root, plan, memory: watched.memory, isIgnored, isOwn, runStartedAt });
      if (counting.length > 0) watched.loop.filesChanged(counting);
    }
  }

  private watchedNow(pipeline: string): Watched | undefined {
    const watched = this.watched.get(pipeline);
    if (watched !== undefined || this.others === undefined || this.unwatched.has(pipeline)) return watched;
    return this.add(pipeline, this.others);
  }

  private start(pipeline: string, whenBusy: WhenBusy, cause: RunCause): LoopedRun {
    let runId: string | undefined;
    let plan: Plan | undefined;
    let stopped = false;
    let files = cause.kind === 'files' ? cause.files : [];
    let begins = false;
    clearTimeout(this.idleTimer);
    const run = async (): Promise<void> => {
      // A person may have started one.
      if (whenBusy === 'restart') await this.runs.stop(pipeline, 'A file was saved.');
      else await this.runs.overOf(pipeline);
      if (stopped || this.closed) return;
      begins = true;
      const announce = (begun: RunStarted): void => {
        plan = begun.plan;
        this.voice.announce({ ...begun, files, ...this.affectedOf(begun, files) });
      };
      const started = await this.runs.start({ pipeline }, { trigger: savedTrigger(files), announce });
      ({ runId } = started);
      if (stopped) this.runs.stopRun(runId, 'A file was saved.');
      await this.runs.overOf(pipeline);
    };
    return {
      over: run().catch((thrown: unknown) => this.report(thrown)),
      stop: () => {
        stopped = true;
        if (runId !== undefined) this.runs.stopRun(runId, 'A file was saved.');
      },
      forget: () => {
        if (!begins) stopped = true;
      },
      takes: (more) => {
        if (begins || stopped) return false;
        files = [...new Set([...files, ...more])];
        return true;
      },
      running: () => {
        const services = plan === undefined ? [] : (this.watched.get(pipeline)?.memory.servicesOf(plan) ?? []);
        return runId === undefined ? [] : [...new Set([...this.runs.runningSteps(runId), ...services])];
      },
    };
  }

  /** Which code changed with the project's own files is found out step by step. */
  private affectedOf({ pipeline, plan }: RunStarted, files: readonly string[]): Pick<WatchRun, 'affected'> {
    const own = new Set(this.project.files);
    const memory = this.watched.get(pipeline)?.memory;
    if (memory === undefined || files.some((file) => own.has(join(this.project.root, file)))) return {};
    return { affected: memory.toRun(plan) };
  }

  private report(thrown: unknown): void {
    if (!this.closed) this.voice.report(`Watching: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

/** What of a project is watched, besides what version control does not ignore. */
function covered(state: ProjectState): Covered {
  const plans = state.kind === 'broken' ? [] : state.pipelines.map(({ plan }) => plan);
  const inputs = plans.flatMap(stepsOf).flatMap((step) => (step.inputs === undefined ? [] : [step.inputs]));
  return { also: state.files, inputs };
}
