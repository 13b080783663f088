import { join } from 'node:path';
import { isTreadleError, type ExitCode, type TreadleError } from '../../contract/errors.ts';
import type { RunEvent } from '../../contract/events.ts';
import type { Plan } from '../../contract/plan.ts';
import { SessionServices } from '../../executors/processes/session-services.ts';
import { createEngine, newRunId, type Engine, type RunRequest } from '../../engine.ts';
import { refuseEndless } from '../../outer-runs.ts';
import type { WatchVerdict } from '../../contract/watch-events.ts';
import { affectedBy, stepsOf } from '../../watch/affected.ts';
import { changedAt } from '../../watch/changed-at.ts';
import { countFiles } from '../../watch/counting-files.ts';
import { watchFiles, type FileWatcher } from '../../watch/file-watcher.ts';
import { LastResults } from '../../watch/last-results.ts';
import { savedTrigger } from '../../watch/saved-trigger.ts';
import { RerunLoop, type LoopedRun, type RunCause, type WhenBusy } from '../../watch/rerun-loop.ts';
import { showFailure } from '../failure.ts';
import { closeEngine, followRun, type RunSurroundings } from '../follow-run.ts';
import type { Interruptible } from '../interruption.ts';
import type { ProjectLocation } from '../project-location.ts';
import { listenToKeys } from './watch-keys.ts';
import { listed, type WatchScreen } from './watch-screen.ts';

/** What a session needs. */
export interface WatchSessionOptions {
  readonly location: ProjectLocation;
  /** The project's folder, absolute, and its pipeline file. */
  readonly root: string;
  readonly configFile: string;
  readonly whenBusy: WhenBusy;
  /** Milliseconds without a change before a later batch of changes counts. */
  readonly quietMs: number | undefined;
  readonly surroundings: RunSurroundings;
  readonly screen: WatchScreen;
  readonly request: (engine: Engine) => RunRequest;
}

/** Watch mode on the command line: a run now, and one after each change. */
export class WatchSession {
  private readonly options: WatchSessionOptions;
  private readonly memory: LastResults;
  private readonly services: SessionServices;
  private readonly loop: RerunLoop;
  private readonly quit = Promise.withResolvers<void>();
  private readonly running = new Set<string>();
  /** Steps that the present run, or the last one, did run. */
  private readonly ran = new Set<string>();
  private notPassed = new Set<string>();
  private engine: Engine | undefined;
  private watcher: FileWatcher | undefined;
  private verdict: WatchVerdict = 'passed';
  /** The project has to be loaded, or loaded again. */
  private isStale = true;
  /** Steps that a person chose; absent: what the command line says. */
  private chosen: readonly string[] | undefined;
  /** A person wants to see the next run, whatever the cache holds. */
  private isForced = false;
  /** What comes after the run that is being stopped. */
  private afterStop: string | undefined;

  constructor(options: WatchSessionOptions) {
    this.options = options;
    const { screen, whenBusy, root } = options;
    this.memory = new LastResults(root);
    this.services = new SessionServices(newRunId(), { root }, (id, remark) => {
      if (remark.type === 'ended') screen.serviceEnded(id, remark.message);
    });
    this.loop = new RerunLoop({
      whenBusy,
      start: (cause) => this.start(cause),
      onIdle: () => this.idle(),
      onLoop: (file, stepIds) => screen.loop(file, stepIds),
      onRestless: (files) => screen.restless(files, this.servicesUp()),
      changedAt: (file) => changedAt(root, file),
    });
  }

  /** Watches until it is asked to stop. */
  async watch(): Promise<ExitCode> {
    const { root, configFile, screen, surroundings, quietMs } = this.options;
    this.watcher = await watchFiles({
      root,
      also: [configFile],
      inputs: [],
      ...(quietMs === undefined ? {} : { quietMs }),
      onChange: (files) => this.filesChanged(files),
      onError: ({ message, hint }) => screen.warning(hint === undefined ? message : `${message} ${hint}`),
    });
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
      if (this.notPassed.size === 0) return this.options.screen.note('Nothing has failed: there is nothing to run again.');
      // What they need of other steps is remembered.
      this.memory.forgetSteps(this.notPassed);
      this.loop.request();
    },
    choose: (ids: readonly string[]): void => {
      const problem = this.problemOf(ids);
      if (problem !== undefined) return this.options.screen.note(problem);
      this.chosen = ids.length === 0 ? undefined : ids;
      this.rerun();
    },
    quit: (): void => this.quit.resolve(),
  };

  /** Only what a step, or the project itself, depends on is worth stopping or starting a run for. */
  private filesChanged(files: readonly string[]): void {
    const { engine } = this;
    if (engine === undefined) return this.loop.filesChanged(files);
    // At once: with --when-busy ignore there is no run that would do it.
    if (files.some((file) => this.isOwn(engine, file))) this.isStale = true;
    const plan = this.planOf(engine);
    if (plan !== undefined) this.memory.filesChanged({ files, isIgnored: this.isIgnored }, plan);
    // Anything may mend a broken project.
    if (plan === undefined || this.verdict === 'broken') return this.loop.filesChanged(files);
    const { counting, idle } = countFiles(files, {
      root: this.options.root,
      plan,
      memory: this.memory,
      isIgnored: this.isIgnored,
      isOwn: (file) => this.isOwn(engine, file),
      runStartedAt: this.loop.startedAt,
    });
    if (counting.length > 0) return this.loop.filesChanged(counting);
    if (idle.length > 0 && !this.loop.isBusy) this.options.screen.nothingAffected(idle);
  }

  private readonly isIgnored = (file: string): boolean => this.watcher?.isIgnored(file) ?? false;

  /** `undefined` when a step that was asked for is no longer there. */
  private planOf(engine: Engine): Plan | undefined {
    try {
      return engine.plan(this.requestFor(engine));
    } catch {
      return undefined;
    }
  }

  private servicesUp(): readonly string[] {
    const plan = this.engine === undefined ? undefined : this.planOf(this.engine);
    return plan === undefined ? [] : this.memory.servicesOf(plan);
  }

  /** Why these steps cannot be run; `undefined` when they can. */
  private problemOf(only: readonly string[]): string | undefined {
    if (this.engine === undefined || only.length === 0) return undefined;
    try {
      this.engine.plan({ ...this.options.request(this.engine), only });
      return undefined;
    } catch (error) {
      if (!isTreadleError(error)) throw error;
      return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    }
  }

  private isOwn(engine: Engine, file: string): boolean {
    return engine.project.dependencies.includes(join(this.options.root, file));
  }

  private rerun(): void {
    this.memory.clear();
    this.isForced = true;
    this.loop.request();
  }

  private idle(): void {
    const { interruption } = this.options.surroundings;
    if (interruption.signal !== undefined) return this.quit.resolve();
    const quit = (): void => this.quit.resolve();
    interruption.attach({ cancel: quit, halt: quit, killNow: quit }, false);
    this.options.screen.idle(this.verdict);
  }

  private start(cause: RunCause): LoopedRun {
    let handle: Interruptible | undefined;
    let reason: string | undefined;
    const attach = (run: Interruptible): void => {
      handle = run;
      if (reason !== undefined) run.cancel(reason);
    };
    return {
      over: this.run(cause, attach),
      stop: (next) => {
        reason ??= next?.kind === 'files' ? `Stopped: ${listed(next.files)} changed.` : 'Stopped.';
        this.afterStop = next === undefined ? undefined : 'then the pipeline runs again';
        handle?.cancel(reason);
      },
      running: () => [...new Set([...(this.running.size > 0 ? this.running : this.ran), ...this.servicesUp()])],
    };
  }

  /** One round: loads what is stale, runs, and never rejects. */
  private async run(cause: RunCause, onStart: (run: Interruptible) => void): Promise<void> {
    const { screen, surroundings, root } = this.options;
    try {
      const reloaded = await this.load();
      const { engine } = this;
      if (engine === undefined) return;
      const request = this.requestFor(engine);
      const plan = engine.plan(request);
      const endless = this.endlessRun(engine, request, plan);
      if (endless !== undefined) return this.quit.reject(endless);
      const affected = cause.kind === 'files' ? [...affectedBy({ files: cause.files, isIgnored: this.isIgnored }, plan).keys()] : undefined;
      screen.starting(cause, reloaded ? undefined : affected);
      this.running.clear();
      this.ran.clear();
      const isForced = this.isForced && request.cache === 'use';
      this.isForced = false;
      const exitCode = await followRun(
        engine,
        {
          ...request,
          memory: this.memory,
          services: this.services,
          ...(cause.kind === 'files' ? { trigger: savedTrigger(cause.files) } : {}),
          ...(isForced ? { cache: 'refresh' } : {}),
        },
        { ...surroundings, onStart, afterStop: () => this.afterStop, onEvent: (event) => this.note(event) },
      );
      this.verdict = exitCode === 0 ? 'passed' : 'failed';
    } catch (error) {
      this.verdict = 'broken';
      screen.starting(cause, undefined);
      await showFailure(error, surroundings.console, root);
      if (!isTreadleError(error)) this.quit.resolve();
    }
  }

  /** Why a run would never end: nothing that changes here could mend that. */
  private endlessRun(engine: Engine, request: RunRequest, plan: Plan): TreadleError | undefined {
    const ran = { configFile: engine.project.configFile, pipeline: engine.nameOf(request) };
    try {
      refuseEndless(ran, () => plan);
      return undefined;
    } catch (error) {
      if (isTreadleError(error)) return error;
      throw error;
    }
  }

  /** Loads the project where it is not loaded, or its own files have changed. */
  private async load(): Promise<boolean> {
    const { location, surroundings } = this.options;
    const { engine } = this;
    if (engine !== undefined && this.verdict !== 'broken' && !this.isStale) return false;
    // What changes while it is loaded makes it stale again.
    this.isStale = false;
    const fresh = await createEngine(location);
    this.engine = fresh;
    this.loop.stepsChanged();
    const { dependencies, pipelines } = fresh.project;
    const steps = [...pipelines.values()].flatMap(({ plan }) => stepsOf(plan));
    this.watcher?.cover({ also: dependencies, inputs: steps.flatMap(({ inputs }) => (inputs === undefined ? [] : [inputs])) });
    if (engine !== undefined) await closeEngine(engine, surroundings.interruption);
    return engine !== undefined;
  }

  private requestFor(engine: Engine): RunRequest {
    const request = this.options.request(engine);
    return this.chosen === undefined ? request : { ...request, only: this.chosen };
  }

  private note(event: RunEvent): void {
    if (event.type === 'step:start') this.running.add(event.id);
    if (event.type !== 'step:end') return;
    this.running.delete(event.id);
    if (!event.cached && event.status !== 'skipped') this.ran.add(event.id);
    if (event.status === 'passed') this.notPassed.delete(event.id);
    else if (event.status === 'failed' || event.status === 'timed-out') this.notPassed.add(event.id);
  }
}
