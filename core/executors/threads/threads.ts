import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Tinypool } from 'tinypool';
import { serializeError } from '../../context/errors.ts';
import { TreadleError, type SerializedError } from '../../contract/errors.ts';
import type { Assignment, Attempt, Executor, StepHost } from '../../contract/executor.ts';
import { BlobTable } from './blob-table.ts';
import { createBoard, resetSlot, samplePercent, threadOf } from './board.ts';
import { Lane } from './lane.ts';
import type { Blob, LaneMessage, Reply, Scope, TaskMessage } from './protocol.ts';
import { lostThread, ThreadAttempt } from './thread-attempt.ts';

/** Progress is read this often while steps run. */
const sampleIntervalMs = 33;
/** Closing must end even if a thread does not. */
const closeLimitMs = 2000;
const idleThreadMs = 60_000;

/** Settings of the threads executor. */
export interface ThreadsOptions {
  /** The compiled worker entry. */
  readonly workerFile: URL;
  /** Default: min(32, cores + 4), so that steps that wait do not queue behind the number of cores. */
  readonly maxThreads?: number;
}

/** Opens the executor. tinypool is loaded here, and not with this module: a run without threads does not wait for it. */
export async function openThreads(options: ThreadsOptions): Promise<Executor> {
  const tinypool = await import('tinypool');
  return new ThreadsExecutor(tinypool.Tinypool, options);
}

/** Runs steps on a pool of worker threads that can really be stopped; see {@link openThreads}. */
class ThreadsExecutor implements Executor {
  readonly name = 'threads';
  private readonly Pool: typeof Tinypool;
  private readonly workerFile: URL;
  private readonly maxThreads: number;
  private readonly board;
  private readonly freeSlots: number[];
  /** One pool for each heap limit in use; nearly always just one. */
  private readonly pools = new Map<number | undefined, Tinypool>();
  private readonly lanes = new Set<Lane>();
  private readonly watched = new WeakSet<object>();
  private readonly blobs = new BlobTable();
  private readonly queue: ThreadAttempt[] = [];
  private readonly active = new Map<number, ThreadAttempt>();
  private sampler: NodeJS.Timeout | undefined;
  private nextTask = 1;
  private scope: Scope | undefined;
  private closed = false;

  constructor(Pool: typeof Tinypool, options: ThreadsOptions) {
    this.Pool = Pool;
    this.workerFile = options.workerFile;
    this.maxThreads = options.maxThreads ?? Math.min(32, availableParallelism() + 4);
    // More slots than threads, used in turn: a thread that is being stopped may still write to its old one.
    const slots = this.maxThreads * 4;
    this.board = createBoard(slots);
    this.freeSlots = Array.from({ length: slots }, (_, slot) => slot);
  }

  prepare(steps: number): void {
    if (steps > 0) this.poolFor(undefined, Math.min(steps, this.maxThreads, availableParallelism()));
  }

  start(assignment: Assignment, host: StepHost): Attempt {
    const attempt = new ThreadAttempt(this.nextTask, assignment, host, {
      onKill: (killed, error) => this.kill(killed, error),
      onSettled: (settled) => this.release(settled),
    });
    this.nextTask += 1;
    if (assignment.code.kind === 'live') {
      const error = new TreadleError(
        'E_INLINE_ONLY',
        `Step "${assignment.stepId}" asks for a thread, but its code lives in this process only: no file holds it.`,
      );
      attempt.settle({ status: 'failed', error: serializeError(error, { stepId: assignment.stepId }) });
    } else if (this.closed) {
      attempt.settle({ status: 'cancelled', error: serializeError(new TreadleError('E_CANCELLED', 'The engine was closed.')) });
    } else if (this.active.size >= this.maxThreads) {
      this.queue.push(attempt);
    } else {
      this.dispatch(attempt);
    }
    return attempt;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sampler);
    const error = serializeError(new TreadleError('E_CANCELLED', 'The engine was closed.'));
    for (const attempt of [...this.queue, ...this.active.values()]) attempt.kill(error);
    for (const lane of this.lanes) lane.close();
    this.lanes.clear();
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, closeLimitMs);
    await Promise.race([Promise.all([...this.pools.values()].map((pool) => pool.destroy())), limit.promise]);
    clearTimeout(timer);
    this.pools.clear();
  }

  private poolFor(memoryLimitMb: number | undefined, minThreads = 0): Tinypool {
    let pool = this.pools.get(memoryLimitMb);
    if (pool === undefined) {
      pool = new this.Pool({
        filename: this.workerFile.href,
        minThreads,
        maxThreads: this.maxThreads,
        idleTimeout: idleThreadMs,
        // Atomics would block the thread's event loop between tasks: timers of one step would fire in the next.
        useAtomics: false,
        workerData: this.board,
        ...(memoryLimitMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb } }),
      });
      // A thread that dies between tasks is replaced; the steps that need one will say so if that fails.
      pool.on('error', () => undefined);
      this.pools.set(memoryLimitMb, pool);
    }
    return pool;
  }

  private dispatch(attempt: ThreadAttempt): void {
    const slot = this.freeSlots.shift();
    if (slot === undefined) return;
    attempt.slot = slot;
    resetSlot(this.board, slot);
    this.active.set(attempt.task, attempt);
    this.sampler ??= setInterval(() => this.sample(), sampleIntervalMs).unref();
    this.submit(attempt, false, this.active.size > this.lanes.size);
  }

  private submit(attempt: ThreadAttempt, sendAll: boolean, offerLane: boolean): void {
    const { assignment } = attempt;
    const needed: (readonly [number, Blob])[] = [];
    const need = (blob: Blob): number => {
      const id = this.blobs.idOf(blob);
      needed.push([id, blob]);
      return id;
    };
    const code = need(assignment.code);
    const scope = need(this.scopeOf(assignment));
    const layers = assignment.results.layers.map(need);
    const blobs = sendAll ? needed : this.blobs.toSend(needed, this.lanes, this.active.size - 1);
    const channel = offerLane ? this.openLane() : undefined;
    const message: TaskMessage = {
      task: attempt.task,
      slot: attempt.slot,
      stepId: assignment.stepId,
      ...(assignment.description === undefined ? {} : { description: assignment.description }),
      attempt: assignment.attempt,
      code,
      scope,
      layers,
      ...(assignment.errors.length === 0 ? {} : { errors: assignment.errors }),
      ...(isEmpty(assignment.env) ? {} : { env: assignment.env }),
      ...(isEmpty(assignment.mark) ? {} : { mark: assignment.mark }),
      ...(blobs.length === 0 ? {} : { blobs }),
      ...(channel === undefined ? {} : { lane: channel }),
    };
    const pool = this.poolFor(assignment.memoryLimitMb);
    const running = pool.run(message, {
      signal: attempt.controller.signal,
      ...(channel === undefined ? {} : { transferList: [channel] }),
    });
    if (offerLane) this.watchThreads(pool);
    running.then(
      (reply: Reply) => this.onReply(attempt, reply, needed),
      (thrown: unknown) => this.onFailure(attempt, thrown),
    );
  }

  private onReply(attempt: ThreadAttempt, reply: Reply, needed: readonly (readonly [number, Blob])[]): void {
    if (attempt.settled) return;
    if (reply !== 'nothing' && reply.kind === 'needs-lane') return this.submit(attempt, false, true);
    if (reply !== 'nothing' && reply.kind === 'needs-blobs') return this.submit(attempt, true, false);
    const lane = this.bindLane(attempt);
    if (lane !== undefined) for (const [id] of needed) lane.known.add(id);
    attempt.onReply(reply === 'nothing' ? nothingReply : reply);
  }

  /** The same scope object for all steps of a run, so that it gets one id. */
  private scopeOf({ config, cwd, baseEnv }: Assignment): Scope {
    if (this.scope?.config !== config || this.scope.cwd !== cwd || this.scope.baseEnv !== baseEnv) this.scope = { config, cwd, baseEnv };
    return this.scope;
  }

  private openLane(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    const lane: Lane = new Lane(port1, (message) => this.onMessage(message, lane));
    port1.on('close', () => this.lanes.delete(lane));
    return port2;
  }

  private onMessage(message: LaneMessage, lane: Lane): void {
    if (message.type === 'hello') {
      this.lanes.add(lane);
    }
    const attempt = this.active.get(message.task);
    if (attempt === undefined) return;
    attempt.bind(lane);
    attempt.onMessage(message);
  }

  /** Which thread took the attempt is written on the board. */
  private bindLane(attempt: ThreadAttempt): Lane | undefined {
    if (attempt.lane === undefined && attempt.slot >= 0) {
      const thread = threadOf(this.board, attempt.slot);
      for (const lane of this.lanes) if (lane.thread === thread && thread !== 0) attempt.bind(lane);
    }
    return attempt.lane;
  }

  private sample(): void {
    if (this.active.size === 0) {
      clearInterval(this.sampler);
      this.sampler = undefined;
    }
    for (const attempt of this.active.values()) {
      const lane = this.bindLane(attempt);
      const percent = samplePercent(this.board, attempt.slot);
      if (lane !== undefined && percent !== attempt.lastPercent && percent > 0) {
        attempt.lastPercent = percent;
        attempt.host.progress(percent);
      }
    }
  }

  /** Listens for the end of threads: tinypool never settles the task of a thread that called `process.exit`. */
  private watchThreads(pool: Tinypool): void {
    for (const worker of pool.threads) {
      if (this.watched.has(worker)) continue;
      this.watched.add(worker);
      const { threadId } = worker;
      worker.on('exit', (exitCode: number) => this.onThreadExit(threadId, exitCode));
    }
  }

  private onThreadExit(thread: number, exitCode: number): void {
    for (const lane of this.lanes) {
      if (lane.thread !== thread) continue;
      lane.drain();
      this.lanes.delete(lane);
      lane.close();
    }
    for (const attempt of this.active.values()) {
      if (threadOf(this.board, attempt.slot) !== thread) continue;
      // Later than an error event of the same thread, which knows more.
      setImmediate(() => {
        attempt.settle({ status: 'failed', error: lostThread(exitCode, attempt.assignment.stepId) });
        attempt.controller.abort();
      });
    }
  }

  private onFailure(attempt: ThreadAttempt, thrown: unknown): void {
    if (attempt.settled) return;
    this.bindLane(attempt)?.drain();
    const { stepId, memoryLimitMb, cwd } = attempt.assignment;
    const outOfMemory = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const error = outOfMemory
      ? new TreadleError(
          'E_OUT_OF_MEMORY',
          `Step "${stepId}" ran out of memory${memoryLimitMb === undefined ? '' : ` (its limit is ${memoryLimitMb} MiB)`}.`,
        )
      : new TreadleError('E_WORKER_LOST', `The thread of step "${stepId}" failed: ${serializeError(thrown).message}`, { cause: thrown });
    attempt.settle({ status: 'failed', error: serializeError(error, { stepId, root: cwd }) });
  }

  private kill(attempt: ThreadAttempt, error: SerializedError): void {
    this.bindLane(attempt)?.drain();
    attempt.settle({ status: error.code === 'E_TIMEOUT' ? 'timed-out' : 'cancelled', error });
    attempt.controller.abort();
  }

  private release(attempt: ThreadAttempt): void {
    this.active.delete(attempt.task);
    if (attempt.slot >= 0) this.freeSlots.push(attempt.slot);
    const queued = this.queue.indexOf(attempt);
    if (queued >= 0) this.queue.splice(queued, 1);
    const next = this.closed ? undefined : this.queue.shift();
    if (next !== undefined) this.dispatch(next);
    // The sampler ends itself: starting and stopping a timer with every short step would cost more than the step.
  }
}

/** What `nothing` stands for. */
const nothingReply = {
  kind: 'outcome',
  outcome: { status: 'passed', patch: { changes: new Map(), reads: [] } },
  posted: 0,
  percent: 0,
} as const;

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}
