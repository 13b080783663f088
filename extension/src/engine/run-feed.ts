import type { EventBatch, RunEnd, RunStarted } from '../../../core/contract/rpc.ts';
import type { ProjectKey } from '../store/records.ts';
import type { RunOrigin, Store } from '../store/store.ts';

/** Brings what one engine says of its runs into the store. */
export class RunFeed {
  private readonly key: ProjectKey;
  private readonly store: Store;
  private readonly running = new Set<string>();
  /** What came before the answer that names its run. */
  private readonly early = new Map<string, (EventBatch | RunEnd)[]>();

  constructor(key: ProjectKey, store: Store) {
    this.key = key;
    this.store = store;
  }

  /** Runs that go on. */
  get runIds(): readonly string[] {
    return [...this.running];
  }

  has(runId: string): boolean {
    return this.running.has(runId);
  }

  begin(started: RunStarted, origin: RunOrigin): void {
    this.running.add(started.runId);
    this.store.beginRun(this.key, started, origin);
    const early = this.early.get(started.runId) ?? [];
    this.early.delete(started.runId);
    for (const message of early) {
      if ('events' in message) this.store.applyBatch(message);
      else this.end(message);
    }
  }

  take(batch: EventBatch): void {
    if (!this.store.applyBatch(batch) && !this.running.has(batch.runId)) this.keepEarly(batch);
  }

  /** A run is stopped for a newer one. */
  stopping(runId: string): void {
    this.store.markStopped(runId, 'save');
  }

  end(end: RunEnd): void {
    if (this.running.delete(end.runId)) this.store.endRun(end);
    else this.keepEarly(end);
  }

  /** Ends its runs without their engine. */
  lose(reason: string, state: 'failed' | 'cancelled'): void {
    for (const runId of this.running) this.store.loseRun(runId, reason, state);
    this.running.clear();
    this.early.clear();
  }

  private keepEarly(message: EventBatch | RunEnd): void {
    const messages = this.early.get(message.runId) ?? [];
    messages.push(message);
    this.early.set(message.runId, messages);
  }
}
