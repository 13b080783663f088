import { availableParallelism } from 'node:os';
import type { Tinypool } from 'tinypool';
import { serializeError } from '../../context/errors.ts';
import { TreadleError, type SerializedError } from '../../contract/errors.ts';
import { progressIntervalMs, type Assignment, type Attempt, type Executor, type Outcome, type StepHost } from '../../contract/executor.ts';
import { within } from '../../contract/time-limit.ts';
import { BlobTable } from './blob-table.ts';
import { samplePercent } from './board.ts';
import { threadCount } from './thread-count.ts';
import type { AttemptMessage, AttemptNews, Blob, Scope } from './protocol.ts';
import { lostThread, ThreadAttempt } from './thread-attempt.ts';
import { Thread, type ThreadListener } from './thread.ts';

/** Closing must end even if a thread does not. */
const closeLimitMs = 2000;
/** A thread without work goes back to the pool after this time, … */
const idleLeaseMs = 250;
/** … which keeps it this long, with all that it has loaded. */
const idleThreadMs = 60_000;

/**
 * So long a step waits for one of the threads before there are more of them than cores: as long as a core takes to start one. Steps that
 * compute gain nothing by it, and short ones do not wait so long.
 */
const growAfterMs = 25;

/** Settings of the threads executor. */
export interface ThreadsOptions {
  /** The compiled worker entry. */
  readonly workerFile: URL;
  /** Default: {@link threadCount}. */
  readonly maxThreads?: number;
}

/** Opens the executor. tinypool is loaded here, and not with this module: a run without threads does not wait for it. */
export async function openThreads(options: ThreadsOptions): Promise<Executor> {
  const tinypool = await import('tinypool');
  return new ThreadsExecutor(tinypool.Tinypool, options);
}

/** Runs steps on a pool of worker threads that can really be stopped; see {@link openThreads}. */
class ThreadsExecutor implements Executor, ThreadListener {
  readonly name = 'threads';
  private readonly Pool: typeof Tinypool;
  private readonly workerFile: URL;
  private readonly maxThreads: number;
  private readonly cores: number;
  /** One pool for each heap limit in use; nearly always just one. */
  private readonly pools = new Map<number | undefined, Tinypool>();
  /** Threads on lease without work; the last one is the warmest. */
  private readonly idle: Thread[] = [];
  private readonly busy = new Map<Thread, ThreadAttempt>();
  private readonly queue: ThreadAttempt[] = [];
  private readonly watched = new WeakSet<object>();
  private readonly blobs = new BlobTable();
  private sampler: NodeJS.Timeout | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private growTimer: NodeJS.Timeout | undefined;
  /** When the last thread had started; on the clock of `performance.now()`. */
  private lastHello = 0;
  private nextTask = 1;
  private scope: Scope | undefined;
  private closed = false;

  constructor(Pool: typeof Tinypool, options: ThreadsOptions) {
    this.Pool = Pool;
    this.workerFile = options.workerFile;
    this.maxThreads = options.maxThreads ?? threadCount();
    this.cores = Math.min(this.maxThreads, availableParallelism());
  }

  prepare(steps: number): void {
    const wanted = Math.min(steps, this.cores) - this.busy.size - this.idle.length;
    for (let count = 0; count < wanted; count += 1) this.idle.push(this.lease(undefined));
    this.endIdleLeases();
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
      attempt.settle({ status: 'cancelled', error: closedError() });
    } else if (this.busy.size < this.cores || this.idle.some((thread) => serves(thread, attempt))) {
      this.dispatch(attempt);
    } else {
      attempt.mustWait();
      this.queue.push(attempt);
      this.growLater();
    }
    return attempt;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sampler);
    clearTimeout(this.idleTimer);
    clearTimeout(this.growTimer);
    for (const attempt of [...this.queue, ...this.busy.values()]) attempt.kill(closedError());
    for (const thread of this.idle.splice(0)) thread.terminate();
    await within(closeLimitMs, Promise.all([...this.pools.values()].map((pool) => pool.destroy())));
    this.pools.clear();
  }

  onNews(thread: Thread, news: AttemptNews): void {
    const attempt = this.busy.get(thread);
    if (attempt?.task !== news.task) return;
    switch (news.type) {
      case 'outcome':
        attempt.progress(news.percent, news.message);
        attempt.settle(news.outcome);
        break;
      case 'last':
        thread.terminate();
        attempt.settle(news.outcome);
        break;
      case 'needs-blobs':
        thread.known.clear();
        thread.run(this.messageFor(thread, attempt));
        break;
      default:
        attempt.onReport(news);
    }
  }

  onHello(thread: Thread): void {
    this.lastHello = performance.now();
    // Tinypool may have put the lease off until it had another thread.
    const worker = this.poolFor(thread.memoryLimitMb).threads.find(({ threadId }) => threadId === thread.id);
    if (worker !== undefined) this.watch(worker);
    else setImmediate(() => thread.lost(new ThreadExit(undefined)));
  }

  onNothing(thread: Thread, task: number): void {
    const attempt = this.busy.get(thread);
    if (attempt?.task === task) attempt.settle(nothing);
  }

  onFailure(thread: Thread, thrown: unknown): void {
    const at = this.idle.indexOf(thread);
    if (at >= 0) this.idle.splice(at, 1);
    const attempt = this.busy.get(thread);
    attempt?.settle({ status: 'failed', error: threadFailure(attempt.assignment, thrown) });
  }

  private growLater(): void {
    if (this.queue.length === 0 || this.busy.size >= this.maxThreads) return;
    this.growTimer ??= setTimeout(() => {
      this.growTimer = undefined;
      for (const _ of this.waitingLong()) if (this.busy.size < this.maxThreads) this.dispatchNext();
      this.growLater();
    }, growAfterMs).unref();
  }

  private waitingLong(): readonly ThreadAttempt[] {
    // Threads that are still starting, or have just started, will serve as well.
    for (const { id } of this.busy.keys()) if (id === 0) return [];
    const longEnough = performance.now() - growAfterMs;
    return this.lastHello > longEnough ? [] : this.queue.filter(({ waitsSince }) => waitsSince <= longEnough);
  }

  private dispatchNext(): void {
    const next = this.queue.shift();
    if (next !== undefined) this.dispatch(next);
  }

  private dispatch(attempt: ThreadAttempt): void {
    const { memoryLimitMb } = attempt.assignment;
    const at = this.idle.findLastIndex((thread) => serves(thread, attempt));
    const [thread = this.lease(memoryLimitMb)] = at < 0 ? [] : this.idle.splice(at, 1);
    this.busy.set(thread, attempt);
    thread.run(this.messageFor(thread, attempt));
    attempt.startedOn(thread);
    this.sampler ??= setInterval(() => this.sample(), progressIntervalMs).unref();
  }

  private messageFor(thread: Thread, { task, assignment }: ThreadAttempt): AttemptMessage {
    const blobs: (readonly [number, Blob])[] = [];
    const need = (blob: Blob): number => {
      const id = this.blobs.idOf(blob);
      if (!thread.known.has(id)) {
        thread.known.add(id);
        blobs.push([id, blob]);
      }
      return id;
    };
    return {
      task,
      stepId: assignment.stepId,
      ...(assignment.description === undefined ? {} : { description: assignment.description }),
      attempt: assignment.attempt,
      code: need(assignment.code),
      scope: need(this.scopeOf(assignment)),
      layers: assignment.results.layers.map(need),
      ...(assignment.errors.length === 0 ? {} : { errors: assignment.errors.map(need) }),
      ...(isEmpty(assignment.env) ? {} : { env: assignment.env }),
      ...(isEmpty(assignment.mark) ? {} : { mark: assignment.mark }),
      ...(blobs.length === 0 ? {} : { blobs }),
    };
  }

  /** The same scope object for all steps of a run, so that it gets one id. */
  private scopeOf({ config, cwd, baseEnv }: Assignment): Scope {
    if (this.scope?.config !== config || this.scope.cwd !== cwd || this.scope.baseEnv !== baseEnv) this.scope = { config, cwd, baseEnv };
    return this.scope;
  }

  private lease(memoryLimitMb: number | undefined): Thread {
    const pool = this.poolFor(memoryLimitMb);
    const thread = new Thread(pool, memoryLimitMb, this);
    for (const worker of pool.threads) this.watch(worker);
    return thread;
  }

  private poolFor(memoryLimitMb: number | undefined): Tinypool {
    let pool = this.pools.get(memoryLimitMb);
    if (pool === undefined) {
      pool = new this.Pool({
        filename: this.workerFile.href,
        minThreads: 0,
        maxThreads: this.maxThreads,
        idleTimeout: idleThreadMs,
        // Atomics would block the thread's event loop between tasks: timers of one step would fire in the next.
        useAtomics: false,
        ...(memoryLimitMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb } }),
      });
      // A thread that dies between tasks is replaced; the steps that need one will say so if that fails.
      pool.on('error', () => undefined);
      this.pools.set(memoryLimitMb, pool);
    }
    return pool;
  }

  /** Listens for the end of a thread: tinypool never settles the task of one that called `process.exit`. */
  private watch(worker: Tinypool['threads'][number]): void {
    if (this.watched.has(worker)) return;
    this.watched.add(worker);
    const { threadId } = worker;
    worker.on('exit', (exitCode: number) => {
      // Later than an error event of the same thread, which knows more.
      setImmediate(() => this.ended(threadId, exitCode));
    });
  }

  private ended(threadId: number, exitCode: number): void {
    const threads = [...this.busy.keys(), ...this.idle];
    // It may have ended so fast that its first word is still to be heard.
    for (const thread of threads) if (thread.id === 0) thread.hear();
    threads.find(({ id }) => id === threadId)?.lost(new ThreadExit(exitCode));
  }

  private sample(): void {
    for (const [thread, attempt] of this.busy) {
      const percent = samplePercent(thread.board);
      if (percent > 0) attempt.progress(percent);
    }
    // It ends itself: starting and stopping a timer with every short step would cost more than the step.
    if (this.busy.size > 0) return;
    clearInterval(this.sampler);
    this.sampler = undefined;
  }

  private kill(attempt: ThreadAttempt, error: SerializedError): void {
    attempt.thread?.terminate();
    attempt.settle({ status: error.code === 'E_TIMEOUT' ? 'timed-out' : 'cancelled', error });
  }

  private release(attempt: ThreadAttempt): void {
    const { thread } = attempt;
    if (thread === undefined) {
      const queued = this.queue.indexOf(attempt);
      if (queued >= 0) this.queue.splice(queued, 1);
      return;
    }
    this.busy.delete(thread);
    if (!thread.gone) this.idle.push(thread);
    if (this.queue.length === 0) this.endIdleLeases();
    else if (!this.closed && this.busy.size < this.maxThreads) this.dispatchNext();
  }

  /** Gives threads back once there was no work for a while: a thread on lease keeps the process alive. */
  private endIdleLeases(): void {
    if (this.idleTimer !== undefined) this.idleTimer.refresh();
    else {
      this.idleTimer = setTimeout(() => {
        for (const thread of this.idle.splice(0)) thread.end();
      }, idleLeaseMs).unref();
    }
  }
}

function serves(thread: Thread, { assignment }: ThreadAttempt): boolean {
  return thread.memoryLimitMb === assignment.memoryLimitMb;
}

/** A thread ended by itself. */
class ThreadExit extends Error {
  /** Unknown when it was gone before anybody could listen. */
  readonly exitCode: number | undefined;

  constructor(exitCode: number | undefined) {
    super('The thread ended.');
    this.exitCode = exitCode;
  }
}

function threadFailure({ stepId, memoryLimitMb, cwd }: Assignment, thrown: unknown): SerializedError {
  if (thrown instanceof ThreadExit) return lostThread(thrown.exitCode, stepId);
  const outOfMemory = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const error = outOfMemory
    ? new TreadleError(
        'E_OUT_OF_MEMORY',
        `Step "${stepId}" ran out of memory${memoryLimitMb === undefined ? '' : ` (its limit is ${memoryLimitMb} MiB)`}.`,
      )
    : new TreadleError('E_WORKER_LOST', `The thread of step "${stepId}" failed: ${serializeError(thrown).message}`, { cause: thrown });
  return serializeError(error, { stepId, root: cwd });
}

function closedError(): SerializedError {
  return serializeError(new TreadleError('E_CANCELLED', 'The engine was closed.'));
}

/** The outcome of a step that left nothing to say. */
const nothing: Outcome = { status: 'passed', patch: { changes: new Map(), reads: [] } };

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}
