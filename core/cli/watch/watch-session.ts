import { join } from 'node:path';
import { isTreadleError, type ExitCode } from '../../contract/errors.ts';
import type { RunEvent } from '../../contract/events.ts';
import { SessionServices } from '../../executors/processes/session-services.ts';
import { createEngine, newRunId, type Engine, type RunHandle, type RunRequest } from '../../engine.ts';
import { affectedBy } from '../../watch/affected.ts';
import { watchFiles, type FileWatcher } from '../../watch/file-watcher.ts';
import { LastResults } from '../../watch/last-results.ts';
import { RerunLoop, type LoopedRun, type RunCause, type WhenBusy } from '../../watch/rerun-loop.ts';
import { showFailure } from '../failure.ts';
import { closeEngine, followRun, type RunSurroundings } from '../follow-run.ts';
import type { ProjectLocation } from '../project-location.ts';
import { listenToKeys } from './watch-keys.ts';
import type { WatchScreen } from './watch-screen.ts';

/** What a session needs. */
export interface WatchSessionOptions {
  readonly location: ProjectLocation;
  /** The project's folder, absolute, and its pipeline file. */
  readonly root: string;
  readonly configFile: string;
  readonly whenBusy: WhenBusy;
  readonly surroundings: RunSurroundings;
  readonly screen: WatchScreen;
  readonly request: (engine: Engine) => RunRequest;
}

/** Watch mode on the command line: a run now, and one after each change. */
export class WatchSession {
  private readonly options: WatchSessionOptions;
  private readonly memory = new LastResults();
  private readonly services: SessionServices;
  private readonly loop: RerunLoop;
  private readonly quit = Promise.withResolvers<void>();
  private readonly running = new Set<string>();
  private notPassed = new Set<string>();
  private engine: Engine | undefined;
  private watcher: FileWatcher | undefined;
  private verdict: 'passed' | 'failed' | 'broken' = 'passed';
  /** Steps that a person chose; absent: what the command line says. */
  private chosen: readonly string[] | undefined;
  /** Of the next run only. */
  private only: readonly string[] | undefined;

  constructor(options: WatchSessionOptions) {
    this.options = options;
    const { screen, whenBusy, root } = options;
    this.services = new SessionServices(newRunId(), { root }, (id, remark) => {
      if (remark.type === 'ended') screen.serviceEnded(id, remark.message);
    });
    this.loop = new RerunLoop({
      whenBusy,
      start: (cause) => this.start(cause),
      onIdle: () => this.idle(),
      onLoop: (file, stepIds) => screen.loop(file, stepIds),
    });
  }

  /** Watches until it is asked to stop. */
  async watch(): Promise<ExitCode> {
    const { root, configFile, screen, surroundings } = this.options;
    this.watcher = await watchFiles({ root, also: [configFile], onChange: (files) => this.filesChanged(files) });
    const release = listenToKeys(screen, this.keys);
    try {
      this.loop.begin();
      await this.quit.promise;
      await this.loop.close();
    } finally {
      release();
      await this.watcher.close();
      await this.services.endAll();
      if (this.engine !== undefined) await closeEngine(this.engine, surroundings.interruption);
    }
    return surroundings.interruption.exitCode ?? 0;
  }

  private readonly keys = {
    runAll: (): void => {
      this.chosen = undefined;
      this.rerun();
    },
    runAgain: (): void => this.rerun(),
    runFailed: (): void => {
      if (this.notPassed.size > 0) this.only = [...this.notPassed];
      this.rerun();
    },
    choose: (ids: readonly string[]): void => {
      this.chosen = ids.length === 0 ? undefined : ids;
      this.rerun();
    },
    quit: (): void => this.quit.resolve(),
  };

  /** Only what a step, or the project itself, depends on is worth stopping or starting a run for. */
  private filesChanged(files: readonly string[]): void {
    const { engine } = this;
    if (engine === undefined || this.verdict === 'broken') return this.loop.filesChanged(files);
    const plan = engine.plan(this.options.request(engine));
    // At once: with --when-busy ignore there is no run that would do it.
    this.memory.filesChanged(files, plan);
    const counting = files.filter((file) => this.isOwn(engine, file) || affectedBy([file], plan).size > 0);
    if (counting.length > 0) this.loop.filesChanged(counting);
    else if (!this.loop.isBusy) this.options.screen.nothingAffected(files);
  }

  private isOwn(engine: Engine, file: string): boolean {
    return engine.project.dependencies.includes(join(this.options.root, file));
  }

  private rerun(): void {
    this.memory.clear();
    this.loop.request();
  }

  private idle(): void {
    const { interruption } = this.options.surroundings;
    if (interruption.signal !== undefined) return this.quit.resolve();
    interruption.attach({ cancel: () => this.quit.resolve(), killNow: () => this.quit.resolve() });
    this.options.screen.idle(this.verdict);
  }

  private start(cause: RunCause): LoopedRun {
    let handle: RunHandle | undefined;
    let stopped = false;
    const reason = 'Stopped for a newer run.';
    const attach = (run: RunHandle): void => {
      handle = run;
      if (stopped) run.cancel(reason);
    };
    return {
      over: this.run(cause, attach),
      stop: () => {
        stopped = true;
        handle?.cancel(reason);
      },
      running: () => [...this.running],
    };
  }

  /** One round: loads what is stale, runs, and never rejects. */
  private async run(cause: RunCause, onStart: (run: RunHandle) => void): Promise<void> {
    const { screen, surroundings, root } = this.options;
    try {
      const reloaded = await this.load(cause);
      const { engine } = this;
      if (engine === undefined) return;
      const request = this.requestFor(engine);
      const affected = cause.kind === 'files' ? [...affectedBy(cause.files, engine.plan(request)).keys()] : undefined;
      screen.starting(cause, reloaded ? undefined : affected);
      this.running.clear();
      const exitCode = await followRun(
        engine,
        // Whoever asks for a run wants to see it run.
        {
          ...request,
          memory: this.memory,
          services: this.services,
          ...(cause.kind === 'person' && request.cache === 'use' ? { cache: 'refresh' } : {}),
        },
        { ...surroundings, onStart, onEvent: (event) => this.note(event) },
      );
      this.verdict = exitCode === 0 ? 'passed' : 'failed';
    } catch (error) {
      this.verdict = 'broken';
      screen.starting(cause, undefined);
      await showFailure(error, surroundings.console, root);
      if (!isTreadleError(error)) this.quit.resolve();
    }
  }

  /** Loads the project where it is not loaded, or its own files have changed. */
  private async load(cause: RunCause): Promise<boolean> {
    const { location, surroundings } = this.options;
    const { engine } = this;
    if (engine !== undefined && this.verdict !== 'broken') {
      if (cause.kind !== 'files' || !cause.files.some((file) => this.isOwn(engine, file))) return false;
    }
    const fresh = await createEngine(location);
    this.engine = fresh;
    this.watcher?.watchAlso(fresh.project.dependencies);
    if (engine !== undefined) await closeEngine(engine, surroundings.interruption);
    return engine !== undefined;
  }

  private requestFor(engine: Engine): RunRequest {
    const request = this.options.request(engine);
    const only = this.only ?? this.chosen;
    this.only = undefined;
    return only === undefined ? request : { ...request, only };
  }

  private note(event: RunEvent): void {
    if (event.type === 'step:start') this.running.add(event.id);
    if (event.type !== 'step:end') return;
    this.running.delete(event.id);
    if (event.status === 'passed') this.notPassed.delete(event.id);
    else if (event.status === 'failed' || event.status === 'timed-out') this.notPassed.add(event.id);
  }
}
