import { serializeError } from '../context/errors.ts';
import { TreadleError, type SerializedError } from '../contract/errors.ts';
import type { RunCounts, RunEvent, RunEventOf, RunOutlook } from '../contract/events.ts';
import { stepIds, type Plan, type PlanNode } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import type { Engine, RunHandle, RunRequest } from '../engine.ts';
import { EventLog } from '../run/event-log.ts';
import { formatDuration } from '../run/format-duration.ts';
import type { RunResult } from '../run/run-options.ts';
import { planWithoutSecrets } from '../secrets/without-secrets.ts';
import { jointError, jointEvent } from './joint-events.ts';
import { nodeId, type JointMember } from './joint-plan.ts';

/** A package that takes part in a joint run. */
export interface RunMember extends JointMember {
  readonly engine: Engine;
  readonly request: RunRequest;
}

export interface JointRunOptions {
  readonly runId: string;
  readonly pipeline: string;
  /** The joint plan of the members. */
  readonly plan: Plan;
  readonly members: readonly RunMember[];
  readonly root: string;
  /** How many packages run at once. */
  readonly atOnce: number;
  /** What else is known of it beforehand. */
  readonly outlook?: RunOutlook;
  readonly onEvent: (event: RunEvent) => void;
}

type MutableCounts = { -readonly [K in keyof RunCounts]: number };

/** The runs of several packages, each after those that it depends on, as one run. */
export class JointRun implements RunHandle {
  readonly runId: string;
  readonly pipeline: string;
  readonly plan: Plan;
  readonly result: Promise<RunResult>;
  private readonly options: JointRunOptions;
  private readonly log: EventLog;
  private readonly finished = Promise.withResolvers<RunResult>();
  private readonly startedAt = performance.now();
  private readonly waiting: RunMember[];
  private readonly running = new Map<RunMember, RunHandle>();
  private readonly statuses = new Map<string, Status>();
  /** Shares of packages in the whole, and how much of those is done, in percent. */
  private readonly weights: ReadonlyMap<string, number>;
  private readonly overall = new Map<string, number>();
  private readonly results = new Map<string, RunResult>();
  /** Where the results are readable, and without secrets. */
  private readonly ends = new Map<string, RunEventOf<'run:end'>>();
  private readonly errors: SerializedError[] = [];
  private readonly counts: MutableCounts = { steps: 0, passed: 0, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 };
  private timer: NodeJS.Timeout | undefined;
  private stopped: { readonly reason: string; readonly status: 'cancelled' | 'timed-out' } | undefined;

  constructor(options: JointRunOptions) {
    this.options = options;
    this.runId = options.runId;
    this.pipeline = options.pipeline;
    this.plan = options.plan;
    this.result = this.finished.promise;
    this.waiting = [...options.members];
    this.weights = new Map(
      options.plan.children.flatMap((group) => (group.kind === 'step' ? [] : group.children.map(({ id, weight }) => [id, weight]))),
    );
    this.log = new EventLog(options.runId, options.onEvent);
    // In a turn of its own: whoever starts a run holds it before its first event.
    queueMicrotask(() => this.begin());
  }

  cancel(reason: string, id?: string): void {
    if (id === undefined || id === this.plan.id) return this.stop(reason, 'cancelled');
    for (const member of this.options.members) {
      const own = nodeIds(member.plan).find((each) => nodeId(member, each) === id);
      if (own === undefined) continue;
      const handle = this.running.get(member);
      if (handle !== undefined) return handle.cancel(reason, own === member.plan.id ? undefined : own);
      if (own === member.plan.id && this.waiting.includes(member)) this.skip(member, reason, 'cancelled');
      return this.advance();
    }
  }

  halt(reason: string): void {
    this.stop(reason, 'cancelled');
    for (const handle of this.running.values()) handle.halt(reason);
  }

  killNow(): void {
    this.stopped ??= { reason: 'Killed.', status: 'cancelled' };
    for (const handle of this.running.values()) handle.killNow();
  }

  private begin(): void {
    const { plan, pipeline, root, outlook } = this.options;
    const shard = outlook?.shard;
    this.log.emit({
      type: 'run:start',
      pipeline,
      plan: planWithoutSecrets(plan, process.env),
      cwd: root,
      ...outlook,
      ...(shard === undefined ? {} : { shard: { ...shard, plan: planWithoutSecrets(shard.plan, process.env) } }),
    });
    for (const group of plan.children) this.log.emit({ type: 'group:start', id: group.id });
    const { timeoutMs } = plan;
    if (timeoutMs !== undefined) {
      this.timer = setTimeout(() => {
        const message = `The run timed out after ${formatDuration(timeoutMs)}.`;
        this.errors.push(serializeError(new TreadleError('E_TIMEOUT', message)));
        this.stop(message, 'timed-out');
      }, timeoutMs);
    }
    this.advance();
  }

  private stop(reason: string, status: 'cancelled' | 'timed-out'): void {
    this.stopped ??= { reason, status };
    for (const handle of this.running.values()) handle.cancel(reason);
    this.advance();
  }

  /** Begins what may begin, skips what cannot, and ends when nothing is left. */
  private advance(): void {
    for (const member of [...this.waiting]) {
      const blocker = this.blockerOf(member);
      if (blocker !== undefined) this.skip(member, blocker, 'skipped');
      else if (this.running.size < this.options.atOnce && member.after.every((name) => this.statuses.has(name))) this.start(member);
    }
    if (this.running.size === 0 && this.waiting.length === 0) this.end();
  }

  private blockerOf(member: RunMember): string | undefined {
    if (this.stopped !== undefined) return this.stopped.reason;
    const missing = member.after.find((name) => this.statuses.has(name) && this.statuses.get(name) !== 'passed');
    if (missing !== undefined) return `the package ${missing} did not pass`;
    const failed = [...this.statuses.values()].some((status) => status !== 'passed');
    return failed && this.plan.failFast ? 'an earlier package did not pass' : undefined;
  }

  private start(member: RunMember): void {
    this.waiting.splice(this.waiting.indexOf(member), 1);
    let handle: RunHandle;
    try {
      handle = member.engine.start({ ...member.request, onEvent: (event) => this.take(member, event) });
    } catch (thrown) {
      this.errors.push(jointError(serializeError(thrown), member));
      return this.skip(member, 'it could not be started', 'failed');
    }
    this.running.set(member, handle);
    void handle.result.then((result) => {
      this.running.delete(member);
      this.results.set(member.name, result);
      this.statuses.set(member.name, result.status);
      this.errors.push(...result.errors.map((error) => jointError(error, member)));
      for (const key of countKeys) this.counts[key] += result.counts[key];
      this.advance();
    });
  }

  private take(member: RunMember, event: RunEvent): void {
    if (event.type === 'run:end') this.ends.set(member.name, event);
    const body = jointEvent(event, member, (percent) => this.overallOf(member, percent));
    if (body !== undefined) this.log.emit(body);
  }

  private overallOf(member: RunMember, percent: number): number {
    this.overall.set(member.name, (percent * (this.weights.get(member.name) ?? 0)) / 100);
    return Math.min(
      100,
      [...this.overall.values()].reduce((total, each) => total + each, 0),
    );
  }

  /** Ends a package that never begins. */
  private skip(member: RunMember, reason: string, status: Status): void {
    const at = this.waiting.indexOf(member);
    if (at >= 0) this.waiting.splice(at, 1);
    this.statuses.set(member.name, status);
    const ids = stepIds(member.plan);
    this.counts.steps += ids.length;
    this.counts.skipped += ids.length;
    let ended = 0;
    const leave = (node: PlanNode): void => {
      const id = nodeId(member, node.id);
      if (node.kind === 'step') {
        ended += 1;
        const overall = this.overallOf(member, (ended / ids.length) * 100);
        this.log.emit({
          type: 'step:end',
          id,
          status: 'skipped',
          durationMs: 0,
          attempts: 0,
          flaky: false,
          cached: false,
          overall,
          reason,
        });
        return;
      }
      node.children.forEach(leave);
      if (node.kind === 'group') {
        this.log.emit({ type: 'group:end', id, operator: node.operator, status: 'skipped', durationMs: 0, conflicts: [] });
      }
    };
    leave(member.plan);
  }

  private end(): void {
    clearTimeout(this.timer);
    const failed = [...this.statuses.values()].some((each) => each !== 'passed');
    const status: Status = this.stopped?.status ?? (failed ? 'failed' : 'passed');
    const durationMs = performance.now() - this.startedAt;
    for (const group of this.plan.children) {
      if (group.kind === 'group')
        this.log.emit({ type: 'group:end', id: group.id, operator: group.operator, status, durationMs, conflicts: [] });
    }
    const { counts, errors, results, ends } = this;
    const ended = { status, durationMs, counts, errors };
    // Decoded only for readers that look.
    this.log.emit({
      type: 'run:end',
      ...ended,
      get results() {
        return byName(ends);
      },
    });
    this.finished.resolve({
      ...ended,
      get results() {
        return byName(results);
      },
    });
  }
}

function nodeIds(node: PlanNode): readonly string[] {
  return node.kind === 'step' ? [node.id] : [node.id, ...node.children.flatMap(nodeIds)];
}

function byName(ended: ReadonlyMap<string, Pick<RunResult, 'results'>>): RunResult['results'] {
  return Object.fromEntries([...ended].map(([name, { results }]) => [name, results]));
}

const countKeys = ['steps', 'passed', 'failed', 'timedOut', 'cancelled', 'skipped', 'flaky', 'cached'] as const;
