import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RunEvent } from '../contract/events.ts';
import type { CancelParams, EventBatch, RunEnd, RunFailedParams, RunParams, RunStarted } from '../contract/rpc.ts';
import type { Status } from '../contract/status.ts';
import type { Engine, RunHandle } from '../engine.ts';
import { EventBatches } from './event-batches.ts';
import { OutputFiles } from './output-files.ts';
import { projectValue } from './run-results.ts';

/** What the runs of a server need of it. */
export interface RunsHost {
  /** The engine of the project as it is now; throws what is wrong with it. */
  readonly engine: () => Promise<Engine>;
  readonly sendEvents: (batch: EventBatch) => Promise<void>;
  readonly sendEnd: (end: RunEnd) => void;
}

interface ActiveRun {
  readonly handle: RunHandle;
  readonly pipeline: string;
  /** Resolves when all has been said about it. */
  readonly over: Promise<void>;
}

/** The runs of a server: those under way, and what did not pass in the last one of each pipeline. */
export class ActiveRuns {
  private readonly host: RunsHost;
  private readonly active = new Map<string, ActiveRun>();
  private readonly notPassed = new Map<string, readonly string[]>();
  private last: string | undefined;

  constructor(host: RunsHost) {
    this.host = host;
  }

  /** @param announce - called before the first event */
  async start(params: RunParams, announce?: (started: RunStarted) => void): Promise<RunStarted> {
    const engine = await this.host.engine();
    const ended = new Map<string, Status>();
    // The handle is there before the first event.
    const held: { batches?: EventBatches; files?: OutputFiles; end?: RunEnd } = {};
    const onEvent = (event: RunEvent): void => {
      held.files?.add(event);
      if (event.type === 'step:end') ended.set(event.id, event.status);
      if (event.type === 'run:end') held.end = { runId: event.runId, pipeline, status: event.status, counts: event.counts };
      held.batches?.add(event.type === 'run:end' ? projectValue(event) : event);
    };
    // A process that stands at a breakpoint tells nothing: the editor learns before that what is about to run.
    const beforeAttempt = async (): Promise<void> => {
      await nextTurn();
      await held.batches?.send();
    };
    const handle = engine.start({ ...params, onEvent, ...(params.debug === true ? { beforeAttempt } : {}) });
    const pipeline = handle.pipeline;
    const { runId, plan } = handle;
    const files = (held.files = new OutputFiles(engine.project.root, runId));
    const batches = (held.batches = new EventBatches(runId, this.host.sendEvents));
    const started: RunStarted = { runId, pipeline, plan, outputFolder: files.folder };
    this.last = pipeline;
    announce?.(started);
    const over = handle.result.then(async () => {
      files.close();
      await batches.send();
      this.active.delete(runId);
      this.remember(pipeline, ended);
      if (held.end !== undefined) this.host.sendEnd(held.end);
    });
    this.active.set(runId, { handle, pipeline, over });
    return started;
  }

  /** Runs again what did not pass; `null` when there is nothing. */
  async startFailed({ pipeline = this.last, debug }: RunFailedParams): Promise<RunStarted | null> {
    const only = pipeline === undefined ? undefined : this.notPassed.get(pipeline);
    if (pipeline === undefined || only === undefined || only.length === 0) return null;
    const plan = (await this.host.engine()).plan({ pipeline });
    const present = new Set(stepIds(plan));
    const still = only.filter((id) => present.has(id));
    return still.length === 0 ? null : this.start({ pipeline, only: still, ...(debug === undefined ? {} : { debug }) });
  }

  cancel({ runId, nodeId, force = false }: CancelParams): void {
    const chosen = runId === undefined ? [...this.active.values()] : [this.active.get(runId)];
    for (const run of chosen) {
      if (force && nodeId === undefined) run?.handle.killNow();
      run?.handle.cancel('Stopped from the editor.', nodeId);
    }
  }

  /** Cancels the runs of a pipeline; resolves when their teardown is done. */
  async stop(pipeline: string, reason: string): Promise<void> {
    const runs = [...this.active.values()].filter((run) => run.pipeline === pipeline);
    for (const { handle } of runs) handle.cancel(reason);
    await Promise.all(runs.map(({ over }) => over));
  }

  /** Resolves when no run is under way any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.active.values()].map(({ over }) => over));
  }

  killNow(): void {
    for (const { handle } of this.active.values()) handle.killNow();
  }

  /** Steps that a partial run did not touch stay as they were. */
  private remember(pipeline: string, ended: ReadonlyMap<string, Status>): void {
    const before = (this.notPassed.get(pipeline) ?? []).filter((id) => !ended.has(id));
    const now = [...ended].filter(([, status]) => status === 'failed' || status === 'timed-out').map(([id]) => id);
    this.notPassed.set(pipeline, [...before, ...now]);
  }
}

function stepIds(node: RunHandle['plan'] | RunHandle['plan']['children'][number]): string[] {
  return node.kind === 'step' ? [node.id] : node.children.flatMap(stepIds);
}
