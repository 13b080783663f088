import { realpathSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import type {
  CancelParams,
  HistoryParams,
  KeptRun,
  ProjectState,
  RunFailedParams,
  RunParams,
  RunStarted,
  WatchLoop,
} from '../../../core/contract/rpc.ts';
import type { ProjectKey } from '../store/records.ts';
import type { RunOrigin, Store } from '../store/store.ts';
import { runDebugged, startDebugged, type AttachDebugger } from './debugged-run.ts';
import type { Patience } from './engine-connection.ts';
import { EngineUnavailable, unavailable } from './engine-error.ts';
import { launchEngine, type Launch, type Log } from './engine-launch.ts';
import type { EngineSession } from './engine-session.ts';
import type { EngineLocation, WhenBusy } from './locate-engine.ts';
import { RunFeed } from './run-feed.ts';
import { reloadAfter } from './stale-project.ts';

/** One pipeline file and what its engine needs. */
export interface ProjectEngineOptions {
  readonly key: ProjectKey;
  readonly label: string;
  readonly configFile: string;
  readonly client: { readonly name: string; readonly version: string };
  readonly store: Store;
  readonly log: Log;
  /** Asked before each start. Rejects with an {@link EngineUnavailable}. */
  readonly locate: () => Promise<EngineLocation>;
  readonly attachDebugger: AttachDebugger;
  /** Pipelines that are watched now. */
  readonly watched: () => readonly string[];
  /** What a change does to a run that is under way; `undefined` when nothing is to run by itself. */
  readonly whenBusy: () => WhenBusy | undefined;
  /** How long nothing must change before the changes after the first count; `undefined` leaves it to the engine. */
  readonly debounceMs?: () => number | undefined;
  /** A step starts its own pipeline again and again. */
  readonly onLoop: (loop: WatchLoop) => void;
  /** Writes down that an engine runs; returns what takes it back. */
  readonly record: (pid: number) => Promise<() => Promise<void>>;
  readonly timing?: Partial<EngineTiming>;
}

/** Limits in milliseconds. */
export interface EngineTiming {
  readonly startLimitMs: number;
  readonly patience: Patience;
  /** Before an engine that died is started again for a save; doubles each time. */
  readonly backoffMs: number;
  /** For the answer to a cancel. */
  readonly cancelLimitMs: number;
}

const usualTiming: EngineTiming = {
  startLimitMs: 30_000,
  patience: { heartbeatMs: 5000, missed: 6 },
  backoffMs: 1000,
  cancelLimitMs: 3000,
};
const notAnswering = 'The engine does not answer: it is busy with a step. Force Stop ends it with its runs.';
const longestBackoffMs = 60_000;

/** The engine of one pipeline file: started when it is needed, restarted when asked; what it says goes to the store. */
export class ProjectEngine {
  readonly key: ProjectKey;
  label: string;
  private readonly options: ProjectEngineOptions;
  private readonly timing: EngineTiming;
  private starting: Promise<EngineSession> | undefined;
  /** The engine that answers. */
  private session: EngineSession | undefined;
  /** The engine that has not answered yet. */
  private opening: EngineSession | undefined;
  private sourceFiles: ReadonlySet<string> = new Set();
  private readonly realFolder: string;
  private feed: RunFeed;
  /** Engines that each run something once, under the debugger. */
  private readonly debugged = new Map<EngineSession, RunFeed>();
  /** Runs that the engine was asked for and has not answered. */
  private asked = 0;
  private failures = 0;
  private failedAt = 0;
  private disposed = false;

  constructor(options: ProjectEngineOptions) {
    this.key = options.key;
    this.label = options.label;
    this.options = options;
    this.timing = { ...usualTiming, ...options.timing };
    this.feed = new RunFeed(options.key, options.store);
    this.realFolder = realFolderOf(options.configFile);
    this.describe(undefined);
  }

  /** Runs that go on. */
  get runIds(): readonly string[] {
    return [this.feed, ...this.debugged.values()].flatMap(({ runIds }) => runIds);
  }

  /** Whether something runs, or is about to. */
  get isBusy(): boolean {
    return this.asked > 0 || this.runIds.length > 0;
  }

  /** Of the engine's process, while there is one. */
  get pid(): number | undefined {
    return this.session?.pid;
  }

  /** Starts the engine, where none runs, and loads the project. Never rejects: the store says what is wrong. */
  async load(): Promise<void> {
    await this.connect().catch(() => undefined);
  }

  /** Loads the project again; starts the engine where none runs. */
  async reload(options: { readonly force: boolean } = { force: true }): Promise<void> {
    const fresh = this.session === undefined;
    const session = await this.connect();
    if (!fresh) this.show(await session.request('list', { reload: options.force }));
  }

  /**
   * Starts a run. Rejects with an {@link EngineRefusal} or {@link EngineUnavailable}.
   *
   * @param signal - Takes the order back, for as long as the engine has not been asked.
   */
  async run(params: RunParams, origin: RunOrigin, signal?: AbortSignal): Promise<RunStarted> {
    if (params.debug === true) return this.debug(params, origin, signal);
    const session = await unlessAborted(this.connect(), signal);
    const started = await this.ask(session.request('run', params));
    this.feed.begin(started, origin);
    return started;
  }

  /** Runs again what did not pass; undefined when nothing failed. */
  async runFailed(params: RunFailedParams, origin: RunOrigin, signal?: AbortSignal): Promise<RunStarted | undefined> {
    const session = await unlessAborted(this.connect(), signal);
    const started = await this.ask(session.request('runFailed', params));
    if (started !== null) this.feed.begin(started, origin);
    return started ?? undefined;
  }

  /** The runs that the project has kept; `undefined` when no engine runs, or one that cannot tell. */
  async history(params: HistoryParams): Promise<readonly KeptRun[] | undefined> {
    const { session } = this;
    return session?.initialized.capabilities.history === true ? session.request('history', params) : undefined;
  }

  /** Does nothing when no engine runs. Rejects when the engine does not answer in time; it goes on then. */
  async cancel(params: CancelParams): Promise<void> {
    const { runId } = params;
    const isOwn = (feed: RunFeed): boolean => (runId === undefined ? feed.runIds.length > 0 : feed.has(runId));
    for (const [session, feed] of this.debugged) {
      // One that stands at a breakpoint cannot answer.
      if (isOwn(feed)) await this.askCancel(session, params).catch(() => session.kill());
    }
    const isAsked = runId === undefined && this.asked > 0;
    if (this.session !== undefined && (isAsked || isOwn(this.feed))) await this.askCancel(this.session, params);
  }

  /** Kills what runs, without grace; an engine that cannot even do that is killed itself. */
  async forceStop(): Promise<void> {
    await this.cancel({ force: true }).catch(() => this.session?.kill());
  }

  async setWatch(pipeline: string, enabled: boolean): Promise<void> {
    if (!enabled && this.session === undefined) return;
    const fresh = this.session === undefined;
    const session = await this.connect();
    if (!fresh) await this.tellWatch(session, pipeline, enabled);
  }

  /** A person has saved a file in the editor. */
  saved(file: string): void {
    if (this.options.watched().length > 0) this.session?.notify('files/saved', { files: [this.real(file)] });
  }

  /** The settings of the watch have changed. */
  async renewWatch(): Promise<void> {
    const { session } = this;
    if (session === undefined) return;
    for (const pipeline of this.options.watched()) await this.tellWatch(session, pipeline, true);
  }

  private async tellWatch(session: EngineSession, pipeline: string, enabled: boolean): Promise<void> {
    const whenBusy = this.options.whenBusy();
    const isOn = enabled && whenBusy !== undefined;
    const debounceMs = this.options.debounceMs?.();
    const how = isOn ? { whenBusy, ...(debounceMs === undefined ? {} : { debounceMs }) } : {};
    await session.request('setWatch', { pipeline, enabled: isOn, ...how });
  }

  /** Loads the project again when it is, or may now be, made of one of these files. */
  async filesChanged(files: readonly string[]): Promise<void> {
    const { configFile, store, log } = this.options;
    const need = reloadAfter(
      files.map((file) => this.real(file)),
      { configFile: this.real(configFile), folder: this.realFolder, sources: this.sourceFiles, record: store.project(this.key) },
    );
    // An engine that died is not started over and over again by somebody who types.
    if (need === 'no' || (this.session === undefined && performance.now() < this.retryAt())) return;
    await this.reload({ force: need === 'surely' }).catch((error: unknown) => log.warn(String(error)));
  }

  /** Ends the engine and starts another. */
  async restart(): Promise<void> {
    await this.stop(2000);
    await this.starting?.catch(() => undefined);
    this.failures = 0;
    await this.connect();
  }

  /** Ends the engine with its runs, also one that is still starting. It can be started again, except after {@link dispose}. */
  async stop(graceMs: number): Promise<void> {
    this.opening?.kill();
    const { session, feed } = this;
    this.session = undefined;
    const debugged = [...this.debugged.keys()].map((other) => other.shutdown(graceMs));
    await Promise.all([session?.shutdown(graceMs), ...debugged]);
    feed.lose('The engine was stopped.', 'cancelled');
  }

  async dispose(graceMs: number): Promise<void> {
    this.disposed = true;
    await this.stop(graceMs);
  }

  private async ask<Answer>(answer: Promise<Answer>): Promise<Answer> {
    this.asked += 1;
    return answer.finally(() => (this.asked -= 1));
  }

  private async askCancel(session: EngineSession, params: CancelParams): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(unavailable(notAnswering)), this.timing.cancelLimitMs);
    await Promise.race([session.request('cancel', params), late.promise]).finally(() => clearTimeout(timer));
  }

  private async debug(params: RunParams, origin: RunOrigin, signal: AbortSignal | undefined): Promise<RunStarted> {
    const { locate, attachDebugger, configFile } = this.options;
    // What is run is shown in the tree that the other engine has given.
    await unlessAborted(this.connect(), signal);
    const location = await unlessAborted(locate(), signal);
    if (this.disposed) throw unavailable(`${this.label} is closed.`);
    const feed = new RunFeed(this.key, this.options.store);
    const name = params.only?.join(', ') ?? params.pipeline ?? this.label;
    const engine = startDebugged(location, this.launch({ feed, patience: undefined }), { name, configFile });
    const { session } = engine;
    this.debugged.set(session, feed);
    signal?.addEventListener('abort', () => session.kill(), { once: true });
    void session.ended.then((reason) => {
      this.debugged.delete(session);
      feed.lose(reason, 'cancelled');
    });
    return runDebugged(engine, attachDebugger, params, origin);
  }

  private launch({ feed, patience }: Pick<Launch, 'feed' | 'patience'>): Launch {
    const { options, label, timing } = this;
    const { startLimitMs } = timing;
    return { ...options, label, feed, patience, startLimitMs, onProject: (state) => this.show(state), report: () => undefined };
  }

  private async connect(): Promise<EngineSession> {
    if (this.session !== undefined) return this.session;
    if (this.disposed) throw unavailable(`${this.label} is closed.`);
    this.starting ??= this.open().finally(() => (this.starting = undefined));
    return this.starting;
  }

  private async open(): Promise<EngineSession> {
    try {
      this.describe(undefined);
      const location = await this.options.locate();
      this.describe(location);
      const session = await this.startSession(location);
      this.session = session;
      void session.ended.then((reason) => this.sessionEnded(session, reason));
      await this.prepare(session);
      return session;
    } catch (thrown) {
      throw this.failed(thrown);
    }
  }

  private async prepare(session: EngineSession): Promise<void> {
    try {
      this.show(await session.request('list', {}));
      if (this.options.whenBusy() !== undefined)
        for (const pipeline of this.options.watched()) await this.tellWatch(session, pipeline, true);
    } catch (thrown) {
      if (this.session === session) this.session = undefined;
      session.kill();
      throw thrown;
    }
  }

  private async startSession(location: EngineLocation): Promise<EngineSession> {
    if (this.disposed) throw unavailable(`${this.label} is closed.`);
    const feed = new RunFeed(this.key, this.options.store);
    const session = launchEngine(location, this.launch({ feed, patience: this.timing.patience }));
    this.opening = session;
    await session.initialize().finally(() => (this.opening = undefined));
    this.feed = feed;
    return session;
  }

  private show(state: ProjectState): void {
    this.sourceFiles = new Set(state.files);
    if (state.kind === 'loaded') this.options.store.setPipelines(this.key, state);
    else this.options.store.setProblem(this.key, { kind: 'config', errors: state.problems });
    if (state.kind === 'loaded') this.failures = 0;
  }

  private sessionEnded(session: EngineSession, reason: string): void {
    if (this.session !== session) return;
    this.session = undefined;
    this.feed.lose(reason, 'failed');
    this.failed(unavailable(reason));
  }

  /** Shows why there is no engine. */
  private failed(thrown: unknown): Error {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.failures += 1;
    this.failedAt = performance.now();
    if (this.disposed) return error;
    this.options.log.error(`${this.label}: ${error.message}`);
    const problem = error instanceof EngineUnavailable ? error.problem : ({ kind: 'engine', message: error.message } as const);
    this.options.store.setProblem(this.key, problem);
    return error;
  }

  /** The engine names files without symbolic links; the editor names them as its folder was opened. */
  private real(file: string): string {
    const folder = dirname(this.options.configFile);
    return file.startsWith(folder + sep) ? this.realFolder + file.slice(folder.length) : file;
  }

  private retryAt(): number {
    return this.failures === 0 ? 0 : this.failedAt + Math.min(longestBackoffMs, this.timing.backoffMs * 2 ** (this.failures - 1));
  }

  private describe(location: EngineLocation | undefined): void {
    if (this.disposed) return;
    const { key, configFile, store } = this.options;
    const { label } = this;
    store.setProject({
      key,
      label,
      configFile,
      root: dirname(configFile),
      state: 'loading',
      ...(location === undefined ? {} : { coreVersion: location.treadle.version, node: `${location.node.version} (${location.node.why})` }),
    });
  }
}

function realFolderOf(configFile: string): string {
  try {
    return realpathSync(dirname(configFile));
  } catch {
    // It has just gone; that is told elsewhere.
    return dirname(configFile);
  }
}

/** Waits for something, unless the person does not want it any more. */
async function unlessAborted<Value>(value: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return value;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const got = await Promise.race([value, aborted.promise]).finally(() => signal.removeEventListener('abort', onAbort));
  signal.throwIfAborted();
  return got;
}
