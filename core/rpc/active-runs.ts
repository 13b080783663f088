import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { serializeError } from '../context/errors.ts';
import { TreadleError } from '../contract/errors.ts';
import type { RunEvent, RunTrigger } from '../contract/events.ts';
import type { CancelParams, EventBatch, RunEnd, RunFailedParams, RunParams, RunStarted } from '../contract/rpc.ts';
import { stepIds, type Plan } from '../contract/plan.ts';
import type { Engine, RunHandle } from '../engine.ts';
import type { SessionServices } from '../executors/processes/session-services.ts';
import type { LastResults } from '../watch/last-results.ts';
import { EventBatches } from './event-batches.ts';
import { withWhatTheyNeed } from '../watch/needed-steps.ts';
import { failedSteps } from '../history/failed-steps.ts';
import { StepTimes } from '../history/step-times.ts';
import { OutputFiles } from './output-files.ts';
import { removeOldOutput } from './output-folder.ts';
import { projectValue } from './run-results.ts';

/** An editor that does not read cannot hold up the first step longer than this, in milliseconds. */
const tellLimitMs = 100;

/** What the runs of a server need of it. */
export interface RunsHost {
  /** The engine of the project as it is now; throws what is wrong with it. */
  readonly engine: () => Promise<Engine>;
  /** Resolves when the editor has taken it. */
  readonly sendEvents: (batch: EventBatch) => Promise<void>;
  readonly sendEnd: (end: RunEnd) => void;
  /** A run is stopped that nobody asked to stop. */
  readonly sendStop: (runId: string) => void;
  readonly report: (message: string) => void;
  /** What outlives the runs of a pipeline, while it is watched. */
  readonly keptOf: (pipeline: string) => KeptBetweenRuns | undefined;
  /** A person has stopped a pipeline, or all: what waits to run for changes is not to begin. */
  readonly forgetChanges: (pipeline?: string) => void;
  /** Stops the services that pipelines, other than this one, keep up while nothing of them runs: they may hold its ports. */
  readonly endIdleServices: (except: string | undefined) => Promise<void>;
}

/** What outlives a run. */
export interface KeptBetweenRuns {
  readonly memory: LastResults;
  readonly services: SessionServices;
}

/** How a run is started. */
export interface StartOptions {
  /** Called before the first event. */
  readonly announce?: (started: RunStarted) => void;
  /** Of a run that files started: steps that are remembered need not run. Default: a person asked for it. */
  readonly trigger?: RunTrigger;
}

interface ActiveRun {
  readonly handle: RunHandle;
  /** A person steps through it. */
  readonly debug: boolean;
  /** Ids of the steps that run now. */
  readonly running: ReadonlySet<string>;
  /** Resolves when all has been said about it. */
  readonly over: Promise<void>;
}

/** The runs of a server: those under way, and what failed in earlier ones. */
export class ActiveRuns {
  private readonly host: RunsHost;
  private readonly active = new Map<string, ActiveRun>();
  private last: string | undefined;
  /** How long steps take, by pipeline; what runs teach is added. */
  private readonly times = new Map<string, StepTimes>();
  /** How often everything was cancelled: what was asked for before that and has not begun must not begin. */
  private cancellations = 0;
  private closed = false;
  private saidUnkept = false;

  constructor(host: RunsHost) {
    this.host = host;
  }

  /**
   * Starts a run of the project as its files are now.
   *
   * @throws `E_CANCELLED` when everything was cancelled before it began.
   */
  async start(params: RunParams, options: StartOptions = {}): Promise<RunStarted> {
    return this.begin(await this.engine(params), params, options);
  }

  /** Runs again what failed and has not passed since; `null` when there is nothing. */
  async startFailed({ pipeline = this.last, debug }: RunFailedParams): Promise<RunStarted | null> {
    if (pipeline === undefined) return null;
    const engine = await this.engine({ pipeline, ...(debug === undefined ? {} : { debug }) });
    const plan = engine.plan({ pipeline });
    const failed = failedSteps(engine.project.root, pipeline, plan) ?? [];
    if (failed.length === 0) return null;
    const only = withWhatTheyNeed(failed, plan);
    return this.begin(engine, { pipeline, only, force: false, ...(debug === undefined ? {} : { debug }) });
  }

  cancel({ runId, nodeId, force = false }: CancelParams): void {
    if (runId === undefined && nodeId === undefined) {
      this.cancellations += 1;
      this.host.forgetChanges();
    }
    const chosen = runId === undefined ? [...this.active.values()] : [this.active.get(runId)];
    for (const run of chosen) {
      const reason = 'Stopped from the editor.';
      if (force && nodeId === undefined) run?.handle.killNow();
      run?.handle.cancel(reason, nodeId);
      if (run === undefined || nodeId !== undefined) continue;
      this.host.forgetChanges(run.handle.pipeline);
      // Whoever stops a run means all of it, services included.
      void run.over.then(() => this.host.endIdleServices(undefined));
    }
    if (runId === undefined && nodeId === undefined) void this.host.endIdleServices(undefined);
  }

  /** Stops a run; what outlives runs stays. */
  stopRun(runId: string, reason: string): void {
    const run = this.active.get(runId);
    if (run === undefined) return;
    run.handle.cancel(reason);
    this.host.sendStop(runId);
  }

  /** Cancels the runs of a pipeline, except those that a person steps through; resolves when their teardown is done. */
  async stop(pipeline: string, reason: string): Promise<void> {
    for (const { handle } of this.runsOf(pipeline)) this.stopRun(handle.runId, reason);
    await this.overOf(pipeline);
  }

  /** Resolves when no run of a pipeline is under way, except those that a person steps through. */
  async overOf(pipeline: string): Promise<void> {
    await Promise.all(this.runsOf(pipeline).map(({ over }) => over));
  }

  isActive(pipeline: string): boolean {
    return this.runsOf(pipeline).length > 0;
  }

  /** Ids of the steps of a run that run now. */
  runningSteps(runId: string): readonly string[] {
    return [...(this.active.get(runId)?.running ?? [])];
  }

  /** Cancels everything for good; resolves when no run is under way any more. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancel({});
    await Promise.all([...this.active.values()].map(({ over }) => over));
  }

  killNow(): void {
    for (const { handle } of this.active.values()) handle.killNow();
  }

  private runsOf(pipeline: string): readonly ActiveRun[] {
    return [...this.active.values()].filter(({ handle, debug }) => handle.pipeline === pipeline && !debug);
  }

  /** Whoever asks for a run wants to see it run; what its steps leave is remembered for the reruns that follow. */
  private kept(pipeline: string, plan: Plan, isRerun: boolean): Partial<KeptBetweenRuns> {
    const kept = this.host.keptOf(pipeline);
    if (!isRerun) kept?.memory.forgetSteps(stepIds(plan));
    return kept ?? {};
  }

  /** The engine for a run that is still wanted when the project has been loaded. */
  private async engine(params: RunParams): Promise<Engine> {
    const { cancellations } = this;
    const engine = await this.host.engine();
    await this.host.endIdleServices(params.debug === true ? undefined : engine.nameOf(params));
    if (this.closed) throw new TreadleError('E_CANCELLED', 'The engine is ending.');
    if (cancellations !== this.cancellations) throw new TreadleError('E_CANCELLED', 'The run was cancelled before it began.');
    return engine;
  }

  /** Read from disk once: a rerun on save must not wait for that. */
  private timesOf(engine: Engine, pipeline: string): StepTimes {
    const times = this.times.get(pipeline) ?? StepTimes.read(engine.project.root, pipeline);
    this.times.set(pipeline, times);
    return times;
  }

  /** Once: the next run says nothing new. */
  private sayUnkept(reason: string): void {
    if (!this.saidUnkept) this.host.report(`Runs are not kept in .treadle/runs: ${reason}`);
    this.saidUnkept = true;
  }

  private begin(engine: Engine, params: RunParams, { announce, trigger = byPerson(params) }: StartOptions = {}): RunStarted {
    // The handle is there before the first event.
    const held: { batches?: EventBatches; files?: OutputFiles; end?: RunEnd } = {};
    const whole = params.only === undefined && params.from === undefined;
    const running = new Set<string>();
    const onEvent = (event: RunEvent): void => {
      held.files?.add(event);
      if (event.type === 'step:start') running.add(event.id);
      if (event.type === 'step:end') running.delete(event.id);
      this.times.get(engine.nameOf(params))?.note(event);
      if (event.type === 'run:end') held.end = { runId, pipeline, status: event.status, counts: event.counts };
      held.batches?.add(event.type === 'run:end' ? projectValue(event) : event);
    };
    // A process that stands at a breakpoint, or in a step that never yields, tells nothing: the editor learns before that what runs.
    const tell = async (): Promise<void> => {
      await nextTurn();
      const sent = held.batches?.sendNow();
      await (debug ? sent : Promise.race([sent, delay(tellLimitMs, undefined, { ref: false })]));
    };
    let begun: Promise<void> | undefined;
    const beforeAttempt = (): Promise<void> => (debug ? tell() : (begun ??= tell()));
    const { debug = false, force = !whole } = params;
    const times = this.timesOf(engine, engine.nameOf(params));
    const handle = engine.start({
      ...params,
      keep: true,
      trigger,
      onKeepingFailed: (error) => this.sayUnkept(engine.project.readOnly ?? serializeError(error).message),
      expected: times.expected(engine.plan(params)),
      onEvent,
      cache: debug ? 'off' : force ? 'refresh' : 'use',
      beforeAttempt,
      ...(debug ? {} : this.kept(engine.nameOf(params), engine.plan(params), trigger.kind === 'save')),
    });
    const { runId, plan, pipeline } = handle;
    removeOldOutput(engine.project.root, new Set(this.active.keys()));
    const files = (held.files = new OutputFiles(engine.project.root, runId, this.host.report));
    const batches = (held.batches = new EventBatches(runId, this.host.sendEvents));
    const started: RunStarted = { runId, pipeline, plan, outputFolder: files.folder };
    this.last = pipeline;
    announce?.(started);
    const over = handle.result.then(async () => {
      files.close();
      await batches.send();
      this.active.delete(runId);
      if (held.end !== undefined) this.host.sendEnd(held.end);
    });
    this.active.set(runId, { handle, debug, running, over });
    return started;
  }
}

function byPerson({ debug = false }: RunParams): RunTrigger {
  return { kind: debug ? 'debug' : 'editor' };
}
