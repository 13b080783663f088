import { setImmediate as nextTurn } from 'node:timers/promises';
import { TreadleError } from '../contract/errors.ts';
import type { RunEvent } from '../contract/events.ts';
import type { CancelParams, EventBatch, RunEnd, RunFailedParams, RunParams, RunStarted } from '../contract/rpc.ts';
import type { Engine, RunHandle } from '../engine.ts';
import { EventBatches } from './event-batches.ts';
import { FailedSteps, RunOutcome } from '../history/failed-steps.ts';
import { OutputFiles } from './output-files.ts';
import { removeOldOutput } from './output-folder.ts';
import { projectValue } from './run-results.ts';

/** What the runs of a server need of it. */
export interface RunsHost {
  /** The engine of the project as it is now; throws what is wrong with it. */
  readonly engine: () => Promise<Engine>;
  /** Resolves when the editor has taken it. */
  readonly sendEvents: (batch: EventBatch) => Promise<void>;
  readonly sendEnd: (end: RunEnd) => void;
  readonly report: (message: string) => void;
}

interface ActiveRun {
  readonly handle: RunHandle;
  /** A person steps through it. */
  readonly debug: boolean;
  /** Resolves when all has been said about it. */
  readonly over: Promise<void>;
}

/** The runs of a server: those under way, and what failed in earlier ones. */
export class ActiveRuns {
  private readonly host: RunsHost;
  private readonly active = new Map<string, ActiveRun>();
  private last: string | undefined;
  /** How often everything was cancelled: what was asked for before that and has not begun must not begin. */
  private cancellations = 0;
  private closed = false;

  constructor(host: RunsHost) {
    this.host = host;
  }

  /**
   * Starts a run of the project as its files are now.
   *
   * @param announce - called before the first event
   * @throws `E_CANCELLED` when everything was cancelled before it began.
   */
  async start(params: RunParams, announce?: (started: RunStarted) => void): Promise<RunStarted> {
    return this.begin(await this.engine(), params, announce);
  }

  /** Runs again what failed and has not passed since; `null` when there is nothing. */
  async startFailed({ pipeline = this.last, debug }: RunFailedParams): Promise<RunStarted | null> {
    const engine = await this.engine();
    if (pipeline === undefined) return null;
    const only = new FailedSteps(engine.project.root).of(pipeline, engine.plan({ pipeline })) ?? [];
    return only.length === 0 ? null : this.begin(engine, { pipeline, only, ...(debug === undefined ? {} : { debug }) });
  }

  cancel({ runId, nodeId, force = false }: CancelParams): void {
    if (runId === undefined && nodeId === undefined) this.cancellations += 1;
    const chosen = runId === undefined ? [...this.active.values()] : [this.active.get(runId)];
    for (const run of chosen) {
      if (force && nodeId === undefined) run?.handle.killNow();
      run?.handle.cancel('Stopped from the editor.', nodeId);
    }
  }

  /** Cancels the runs of a pipeline, except those that a person steps through; resolves when their teardown is done. */
  async stop(pipeline: string, reason: string): Promise<void> {
    const runs = [...this.active.values()].filter(({ handle, debug }) => handle.pipeline === pipeline && !debug);
    for (const { handle } of runs) handle.cancel(reason);
    await Promise.all(runs.map(({ over }) => over));
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

  /** The engine for a run that is still wanted when the project has been loaded. */
  private async engine(): Promise<Engine> {
    const { cancellations } = this;
    const engine = await this.host.engine();
    if (this.closed) throw new TreadleError('E_CANCELLED', 'The engine is ending.');
    if (cancellations !== this.cancellations) throw new TreadleError('E_CANCELLED', 'The run was cancelled before it began.');
    return engine;
  }

  private begin(engine: Engine, params: RunParams, announce?: (started: RunStarted) => void): RunStarted {
    // The handle is there before the first event.
    const held: { batches?: EventBatches; files?: OutputFiles; end?: RunEnd } = {};
    const outcome = new RunOutcome(params.only === undefined && params.from === undefined);
    const onEvent = (event: RunEvent): void => {
      held.files?.add(event);
      outcome.add(event);
      if (event.type === 'run:end') held.end = { runId, pipeline, status: event.status, counts: event.counts };
      held.batches?.add(event.type === 'run:end' ? projectValue(event) : event);
    };
    // A process that stands at a breakpoint tells nothing: the editor learns before that what is about to run.
    const beforeAttempt = async (): Promise<void> => {
      await nextTurn();
      await held.batches?.send();
    };
    const { debug = false } = params;
    const handle = engine.start({ ...params, onEvent, ...(debug ? { beforeAttempt } : {}) });
    const { runId, plan, pipeline } = handle;
    removeOldOutput(engine.project.root, new Set(this.active.keys()));
    const files = (held.files = new OutputFiles(engine.project.root, runId, this.host.report));
    const batches = (held.batches = new EventBatches(runId, this.host.sendEvents));
    const started: RunStarted = { runId, pipeline, plan, outputFolder: files.folder };
    this.last = pipeline;
    announce?.(started);
    const over = handle.result.then(async () => {
      files.close();
      new FailedSteps(engine.project.root).note(pipeline, outcome);
      await batches.send();
      this.active.delete(runId);
      if (held.end !== undefined) this.host.sendEnd(held.end);
    });
    this.active.set(runId, { handle, debug, over });
    return started;
  }
}
