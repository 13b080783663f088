import type { RunEvent } from '../../../core/contract/events.ts';
import type { RunEnd, RunStarted } from '../../../core/contract/rpc.ts';
import type { ProjectKey, RunRecord, RunSpan } from './records.ts';

/** One run, as its events tell it. */
export class RunLog {
  record: RunRecord;
  private readonly spans: RunSpan[] = [];
  /** Where the span of what is running lies. */
  private readonly open = new Map<string, number>();
  private spansChanged = false;

  constructor(project: ProjectKey, started: RunStarted, trigger: RunRecord['trigger'], only: readonly string[]) {
    this.record = {
      runId: started.runId,
      project,
      pipeline: started.pipeline,
      plan: started.plan,
      trigger,
      only,
      startedAt: Date.now(),
      state: 'running',
      overall: 0,
      durationMs: undefined,
      counts: undefined,
      expected: undefined,
      outputFolder: started.outputFolder,
      spans: [],
    };
  }

  get running(): boolean {
    return this.record.state === 'running';
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case 'run:start':
        this.change({ startedAt: event.ts, expected: event.expected });
        break;
      case 'run:end':
        this.change({ state: event.status, durationMs: event.durationMs, counts: event.counts, overall: 100 });
        break;
      case 'group:start':
        this.openSpan(event.id, { nodeId: event.id, kind: 'group', attempt: 1, startedAt: event.ts, state: 'running' });
        break;
      case 'step:start':
        this.openSpan(event.id, { nodeId: event.id, kind: 'step', attempt: event.attempt, startedAt: event.ts, state: 'running' });
        break;
      case 'step:retry':
        this.closeSpan(event.id, { endedAt: event.ts, state: 'retried', thread: event.thread });
        break;
      case 'step:progress':
        this.raise(event.overall);
        break;
      case 'step:end':
        this.raise(event.overall);
        this.closeSpan(event.id, {
          endedAt: event.ts,
          state: event.status,
          ...{ thread: event.thread, cached: event.cached, error: event.error },
        });
        break;
      case 'group:end':
        this.closeSpan(event.id, { endedAt: event.ts, state: event.status });
        break;
      default:
        break;
    }
  }

  end({ status, counts }: Pick<RunEnd, 'status' | 'counts'>): void {
    if (!this.running) return;
    this.change({ state: status, counts, overall: 100, durationMs: this.record.durationMs ?? Date.now() - this.record.startedAt });
  }

  /** Ends it without its engine, which is gone. */
  lose(now: number, state: 'failed' | 'cancelled'): void {
    for (const nodeId of this.open.keys()) this.closeSpan(nodeId, { endedAt: now, state: 'cancelled' });
    this.change({ state, durationMs: now - this.record.startedAt });
  }

  /** Shows the spans of the present batch. */
  settle(): void {
    if (!this.spansChanged) return;
    this.spansChanged = false;
    this.record = { ...this.record, spans: [...this.spans] };
  }

  private raise(overall: number): void {
    if (overall > this.record.overall) this.change({ overall });
  }

  private change(changes: Partial<RunRecord>): void {
    this.record = { ...this.record, ...changes };
  }

  private openSpan(nodeId: string, span: RunSpan): void {
    this.open.set(nodeId, this.spans.push(span) - 1);
    this.spansChanged = true;
  }

  private closeSpan(nodeId: string, changes: Pick<RunSpan, 'endedAt' | 'state' | 'thread' | 'cached' | 'error'>): void {
    const index = this.open.get(nodeId);
    const span = index === undefined ? undefined : this.spans[index];
    if (index === undefined || span === undefined) return;
    this.open.delete(nodeId);
    this.spans[index] = { ...span, ...changes };
    this.spansChanged = true;
  }
}
