import type { RunEvent } from '../../../core/contract/events.ts';
import type { RunEnd, RunStarted } from '../../../core/contract/rpc.ts';
import type { ProjectKey, RunRecord } from './records.ts';
import { RunSpans } from './run-spans.ts';

/** One run, as its events tell it. */
export class RunLog {
  record: RunRecord;
  private readonly spans = new RunSpans();

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
    this.spans.take(event);
    switch (event.type) {
      case 'run:start':
        this.change({ startedAt: event.ts, expected: event.expected });
        break;
      case 'run:end':
        this.change({ state: event.status, durationMs: event.durationMs, counts: event.counts, overall: 100 });
        break;
      case 'step:progress':
      case 'step:end':
        if (event.overall > this.record.overall) this.change({ overall: event.overall });
        break;
      default:
        break;
    }
  }

  /** It is stopped, and goes on until its engine says that it has ended. */
  stop(by: 'person' | 'save', at: number): void {
    this.change({ stopped: { by, at } });
  }

  end({ status, counts }: Pick<RunEnd, 'status' | 'counts'>): void {
    if (!this.running) return;
    this.change({ state: status, counts, overall: 100, durationMs: this.record.durationMs ?? Date.now() - this.record.startedAt });
  }

  /** Ends it without its engine, which is gone. */
  lose(now: number, state: 'failed' | 'cancelled'): void {
    this.spans.closeAll(now, 'cancelled');
    this.change({ state, durationMs: now - this.record.startedAt });
  }

  /** Shows the spans of the present batch. */
  settle(): void {
    const spans = this.spans.settle();
    if (spans !== undefined) this.change({ spans });
  }

  private change(changes: Partial<RunRecord>): void {
    this.record = { ...this.record, ...changes };
  }
}
