import { readableRecord } from '../context/readable.ts';
import { encodeSegment } from '../context/segment.ts';
import { encodedSize, materialise, snapshotFrom } from '../context/snapshot.ts';
import { TreadleError } from '../contract/errors.ts';
import type { Conflict } from '../contract/events.ts';
import type { Outcome, StepCode } from '../contract/executor.ts';
import type { Recall, StepRecord } from '../contract/memory.ts';
import { stepIds, type ExecutorName, type StepNode } from '../contract/plan.ts';
import type { Patch, Segment } from '../contract/snapshot.ts';
import type { Status } from '../contract/status.ts';
import { within } from '../contract/time-limit.ts';
import { serializeError } from '../context/errors.ts';
import { Mask } from '../secrets/mask.ts';
import { planSecrets } from '../secrets/secret-values.ts';
import { Attachments } from './attachments.ts';
import { defaultGraceMs, startAttempt, type TimedAttempt } from './attempt.ts';
import { limitCleanUp } from './clean-up.ts';
import { Contexts } from './contexts.ts';
import { EventLog } from './event-log.ts';
import { MaskedEvents } from './masked-events.ts';
import { Pace } from './pace.ts';
import { ProgressTracker } from './progress.ts';
import { Recollection } from './recollection.ts';
import { ProgressEvents } from './progress-events.ts';
import { branchError, flakyError, stopError, timeoutError, tookTooLong } from './run-errors.ts';
import type { RunOptions, RunResult } from './run-options.ts';
import { Schedule } from './schedule.ts';
import type { ScheduleEffect, ScheduleEvent, StopCause } from './schedule-types.ts';
import { ServiceNews } from './service-news.ts';
import { StepCounts } from './step-counts.ts';
import { RunStepHost, sayRemark, type StepHears } from './step-host.ts';
import { Timers } from './timers.ts';

/** Teardown must end even if a process cannot be killed. */
const teardownLimitMs = 5000;

/** One run under way. */
export class Run {
  readonly runId: string;
  readonly result: Promise<RunResult>;
  readonly progress: ProgressTracker;
  private readonly options: RunOptions;
  private readonly log: MaskedEvents;
  private readonly mask: Mask;
  private readonly schedule: Schedule;
  private readonly contexts: Contexts;
  private readonly progressEvents: ProgressEvents;
  private readonly hears: StepHears;
  private readonly recollection: Recollection | undefined;
  private readonly config: Segment;
  private readonly attempts = new Map<string, TimedAttempt>();
  private readonly stopping = new Map<string, StopCause>();
  private readonly timers = new Timers();
  private readonly started = new Map<string, number>();
  private readonly outcomes = new Map<string, Outcome>();
  private readonly merged = new Map<string, { readonly patch: Patch; readonly conflicts: readonly Conflict[] }>();
  private readonly flaky: string[] = [];
  private readonly serviceNews: ServiceNews;
  private readonly events: ScheduleEvent[] = [];
  private readonly starts = new Pace();
  private readonly counts: StepCounts;
  private cleanUpTimer: NodeJS.Timeout | undefined;
  private readonly finished = Promise.withResolvers<RunResult>();
  private readonly startedAt = performance.now();

  /** Starts in this turn of the event loop. Throws `E_UNSERIALISABLE` when the config or the initial results are not plain data. */
  constructor(options: RunOptions) {
    this.options = options;
    this.runId = options.runId;
    this.result = this.finished.promise;
    this.config = encodeSegment(options.config, 'config');
    this.mask = new Mask(planSecrets(options.plan, options.env));
    const log = new EventLog(options.runId, options.onEvent);
    this.log = new MaskedEvents(this.mask, (body) => log.emit(body));
    this.counts = new StepCounts(stepIds(options.plan).length);
    this.schedule = new Schedule(options.plan, options.threads);
    this.contexts = new Contexts(this.schedule, options.results === undefined ? undefined : snapshotFrom(options.results));
    this.progress = new ProgressTracker(options.plan);
    this.progressEvents = new ProgressEvents(this.progress, (event) => this.log.emit(event));
    this.recollection = options.memory === undefined ? undefined : new Recollection(options.memory, options.processes, this.mask);
    this.serviceNews = new ServiceNews({
      emit: (event) => this.log.emit(event),
      note: (id, remark) => this.recollection?.note(id, remark),
      statusOf: (id) => this.statusOf(id),
    });
    this.hears = {
      emit: (event) => this.log.emit(event),
      progress: this.progressEvents,
      processes: options.processes,
      attachments: new Attachments(options.cwd, options.runId),
      recollection: this.recollection,
      services: options.services,
      service: this.serviceNews.hear,
    };
    if (options.services !== undefined) options.services.hear = this.serviceNews.hear;
    // In a turn of its own: whoever starts a run holds it before its first event.
    queueMicrotask(() => {
      this.log.emit({ type: 'run:start', pipeline: options.pipeline, plan: options.plan, cwd: options.cwd, ...options.outlook });
      this.apply({ type: 'start' });
    });
  }

  /** Stops the run, or one node of it, with the usual grace. */
  cancel(message: string, nodeId?: string): void {
    queueMicrotask(() => this.apply({ type: 'cancel', message, ...(nodeId === undefined ? {} : { id: nodeId }) }));
  }

  /** Stops also what runs in spite of a {@link cancel}, with the usual grace. */
  halt(message: string): void {
    queueMicrotask(() => this.apply({ type: 'halt', kind: 'cancelled', message }));
  }

  /** Kills processes and steps at once, without a grace, and begins nothing any more. */
  killNow(): void {
    this.options.processes.killNow();
    for (const [id, attempt] of this.attempts) attempt.kill(stopError({ kind: 'cancelled', message: 'Killed.' }, id));
    this.halt('Killed.');
  }

  /** How a step stands: its status once it ended, else `running` or `pending`. */
  statusOf(id: string): Status | 'running' | 'pending' {
    return this.schedule.statusOf(id) ?? (this.started.has(id) ? 'running' : 'pending');
  }

  /** How long a step that runs has been running, in milliseconds. */
  elapsedOf(id: string): number {
    const now = performance.now();
    return now - (this.started.get(id) ?? now);
  }

  /** Takes events in turn: one that arises while effects are performed waits until they all are. */
  private apply(event: ScheduleEvent): void {
    this.events.push(event);
    if (this.events.length > 1) return;
    for (let next: ScheduleEvent | undefined = event; next !== undefined; next = this.events[0]) {
      for (const effect of this.schedule.apply(next)) this.perform(effect);
      this.events.shift();
    }
  }

  private perform(effect: ScheduleEffect): void {
    switch (effect.type) {
      case 'open':
        this.contexts.openBranch(effect.id);
        this.started.set(effect.id, performance.now());
        if (this.schedule.nodeOf(effect.id)?.kind === 'group') this.log.emit({ type: 'group:start', id: effect.id });
        break;
      case 'start-timer':
        this.timers.start(effect.id, effect.ms, () => this.timedOut(effect.id, effect.ms));
        break;
      case 'clear-timer':
      case 'drop-retry':
        this.timers.clear(effect.id);
        break;
      case 'limit-clean-up':
        this.cleanUpTimer = limitCleanUp(this.options.cleanUpMs, (halt) => this.apply(halt));
        break;
      case 'ask-when':
        void this.askWhen(this.stepNode(effect.id));
        break;
      case 'start-attempt':
        this.starts.add(() => void this.attempt(this.stepNode(effect.id), effect.attempt));
        break;
      case 'stop-attempt':
        this.stopping.set(effect.id, effect.cause);
        this.attempts.get(effect.id)?.stop(stopError(effect.cause, effect.id));
        break;
      case 'delay-retry':
        this.delayRetry(effect);
        break;
      case 'step-ended':
        this.stepEnded(effect);
        break;
      case 'merge':
        this.merge(effect.id);
        break;
      case 'close':
        this.close(effect);
        break;
      case 'run-ended':
        void this.end(effect);
        break;
    }
  }

  private stepNode(id: string): StepNode {
    const node = this.schedule.nodeOf(id);
    if (node?.kind !== 'step') throw new TreadleError('E_INTERNAL', `The schedule asked for step "${id}", which the plan does not hold.`);
    return node;
  }

  private async askWhen(node: StepNode): Promise<void> {
    const outcome = await this.execute(node, 1, this.options.whenCode.get(node.id), this.options.whenExecutor);
    if (outcome.status === 'passed') return this.apply({ type: 'when-answered', id: node.id, run: outcome.value === true });
    this.outcomes.set(node.id, outcome);
    this.apply({ type: 'attempt-ended', id: node.id, status: outcome.status });
  }

  private async attempt(node: StepNode, attempt: number): Promise<void> {
    const { id } = node;
    if (!this.started.has(id)) this.started.set(id, performance.now());
    const code = this.options.code.get(id);
    const recall = this.recollection === undefined || attempt > 1 || code === undefined ? undefined : await this.recall(node, code);
    const why = recall === undefined ? {} : { why: recall.why };
    this.log.emit({ type: 'step:start', id, attempt, executor: node.executor, ...why });
    if (recall?.warning !== undefined) this.log.emit({ type: 'step:warning', id, message: recall.warning });
    const outcome = recall?.record === undefined ? await this.execute(node, attempt, code, node.executor) : this.repeat(id, recall.record);
    if (this.recollection !== undefined && outcome.status === 'passed' && attempt === 1) {
      const warning = await this.recollection.passed(id, outcome.patch);
      if (warning !== undefined) this.log.emit({ type: 'step:warning', id, message: warning });
    }
    this.outcomes.set(id, outcome);
    this.apply({ type: 'attempt-ended', id, status: outcome.status });
  }

  private async recall(node: StepNode, code: StepCode): Promise<Recall | undefined> {
    const { addedEnv } = this.options;
    const env = addedEnv === undefined ? {} : { env: addedEnv };
    return this.recollection?.recall({ node, code, ...this.contexts.viewOf(node.id), config: this.config, ...env });
  }

  /** The outcome that a step had in an earlier run, with all that it said then. */
  private repeat(id: string, { said, patch }: StepRecord): Outcome {
    const stoppedBefore = this.stopping.get(id);
    if (stoppedBefore !== undefined) return { status: 'cancelled', error: stopError(stoppedBefore, id) };
    for (const remark of said) sayRemark(id, remark, this.hears);
    return { status: 'passed', patch };
  }

  /** Runs a step's code; whatever goes wrong is the step's outcome. */
  private async execute(node: StepNode, attempt: number, code: StepCode | undefined, executorName: ExecutorName): Promise<Outcome> {
    try {
      if (code === undefined) throw new TreadleError('E_INTERNAL', `Step "${node.id}" has no code.`);
      const executor = await this.options.executor(code.kind === 'live' ? 'inline' : executorName);
      const stoppedBefore = this.stopping.get(node.id);
      if (stoppedBefore !== undefined) return { status: 'cancelled', error: stopError(stoppedBefore, node.id) };
      const { processes } = this.options;
      const attempted = startAttempt({
        executor,
        assignment: {
          stepId: node.id,
          ...(node.description === undefined ? {} : { description: node.description }),
          attempt,
          code,
          ...this.contexts.viewOf(node.id),
          config: this.config,
          cwd: this.options.cwd,
          baseEnv: this.options.env,
          env: node.env ?? {},
          mark: { ...processes.environment(node.id), ...this.options.outerRuns },
          ...(node.memoryLimitMb === undefined ? {} : { memoryLimitMb: node.memoryLimitMb }),
        },
        host: new RunStepHost(node.id, this.hears),
        ...(node.timeoutMs === undefined ? {} : { timeoutMs: node.timeoutMs }),
        graceMs: this.options.graceMs ?? defaultGraceMs,
        endProcesses: (how) => processes.endStep(node.id, how),
      });
      this.attempts.set(node.id, attempted);
      return await attempted.outcome;
    } catch (thrown) {
      return { status: 'failed', error: serializeError(thrown, { stepId: node.id, root: this.options.cwd }) };
    } finally {
      this.attempts.delete(node.id);
      this.progressEvents.flush(node.id);
    }
  }

  private timedOut(id: string, ms: number): void {
    this.apply({ type: 'timeout', id, message: tookTooLong(this.schedule.nodeOf(id)?.kind ?? 'group', id, ms) });
  }

  private delayRetry({ id, attempt, delayMs }: ScheduleEffect & { readonly type: 'delay-retry' }): void {
    const outcome = this.outcomes.get(id);
    if (outcome !== undefined && outcome.status !== 'passed') {
      const thread = outcome.thread === undefined ? {} : { thread: outcome.thread };
      this.log.emit({ type: 'step:retry', id, attempt, delayMs, error: outcome.error, ...thread });
    }
    this.serviceNews.attemptFailed(id);
    this.timers.start(id, delayMs, () => this.apply({ type: 'retry-due', id }));
  }

  private stepEnded(effect: ScheduleEffect & { readonly type: 'step-ended' }): void {
    const { id, status, attempts, flaky, reason } = effect;
    const outcome = this.outcomes.get(id);
    const cause = this.stopping.get(id);
    this.outcomes.delete(id);
    if (status === 'passed' && outcome?.status === 'passed') this.contexts.stepPassed(id, outcome.patch);
    let error = outcome !== undefined && outcome.status !== 'passed' ? outcome.error : undefined;
    if (error === undefined && cause !== undefined && status !== 'skipped' && status !== 'passed') error = stopError(cause, id);
    if (error !== undefined && status !== 'cancelled') this.contexts.addError(error);
    const durationMs = this.elapsedOf(id);
    this.started.delete(id);
    const cached = this.recollection?.ended(id) ?? false;
    if (flaky) this.flaky.push(id);
    this.counts.add(status, { flaky, cached });
    this.log.emit({
      type: 'step:end',
      id,
      status,
      durationMs,
      attempts,
      flaky,
      cached,
      overall: this.progress.end(id),
      ...(error === undefined ? {} : { error }),
      ...(reason === undefined ? {} : { reason }),
      ...(outcome?.thread === undefined ? {} : { thread: outcome.thread }),
    });
    this.serviceNews.stepEnded(id, status);
  }

  private merge(id: string): void {
    const node = this.schedule.nodeOf(id);
    const merged = this.contexts.mergeGroup(id);
    const refused = merged.conflicts.length > 0 && node?.kind === 'group' && node.onConflict === 'error';
    this.merged.set(id, merged);
    this.apply({ type: 'merged', id, ok: !refused });
  }

  private close({ id, status, cause }: ScheduleEffect & { readonly type: 'close' }): void {
    const node = this.schedule.nodeOf(id);
    const merged = this.merged.get(id);
    this.merged.delete(id);
    const conflicts = merged?.conflicts ?? [];
    const refused = conflicts.length > 0 && node?.kind === 'group' && node.onConflict === 'error';
    const began = this.started.get(id);
    this.started.delete(id);
    this.contexts.closeBranch(id, refused ? undefined : merged?.patch);
    const error = status === 'failed' || status === 'timed-out' ? branchError(node, cause, refused ? conflicts : []) : undefined;
    if (error !== undefined && error.code !== 'E_GROUP_FAILED') this.contexts.addError(error);
    if (node?.kind !== 'group') return;
    this.log.emit({
      type: 'group:end',
      id,
      operator: node.operator,
      status,
      durationMs: began === undefined ? 0 : performance.now() - began,
      conflicts,
      ...(error === undefined ? {} : { error }),
    });
  }

  private keeps(): ((owner: string) => boolean) | undefined {
    const isKept = (owner: string): boolean =>
      this.schedule.nodeOf(owner) !== undefined && (this.recollection?.keepsService(owner) ?? false);
    return this.options.services === undefined ? undefined : isKept;
  }

  private async end({ status, cause }: ScheduleEffect & { readonly type: 'run-ended' }): Promise<void> {
    const { plan, processes, services } = this.options;
    clearTimeout(this.cleanUpTimer);
    const flaky = status === 'passed' && plan.failOnFlaky === true && this.flaky.length > 0;
    if (flaky) this.contexts.addError(flakyError(this.flaky));
    if (cause?.kind === 'timeout' && cause.by === plan.id) this.contexts.addError(timeoutError(cause.message, plan.id));
    this.contexts.closeBranch(plan.id);
    this.progressEvents.close();
    await within(
      teardownLimitMs,
      processes.endRun(this.keeps()).catch(() => processes.killNow()),
    );
    this.serviceNews.close();
    if (services?.hear === this.serviceNews.hear) services.hear = undefined;
    const final = this.contexts.final;
    const ended = {
      status: flaky ? ('failed' as const) : status,
      durationMs: performance.now() - this.startedAt,
      counts: this.counts.all,
      errors: this.mask.data(this.contexts.errors),
    };
    // Decoded only for readers that look: a large context costs nothing where nobody does.
    let readable: RunResult['results'] | undefined;
    this.log.emit({
      type: 'run:end',
      ...ended,
      resultBytes: encodedSize(final),
      get results() {
        return (readable ??= readableRecord(materialise(final)));
      },
    });
    await this.recollection?.close();
    let values: RunResult['results'] | undefined;
    this.finished.resolve({
      ...ended,
      get results() {
        return (values ??= materialise(final));
      },
    });
  }
}
