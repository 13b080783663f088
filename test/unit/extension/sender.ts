import assert from 'node:assert/strict';
import type { RunEvent, RunEventBody } from '../../../core/contract/events.ts';
import type { Plan } from '../../../core/contract/plan.ts';
import type { RunOrigin, Store } from '../../../extension/src/store/store.ts';
import { someError } from '../../support/run-events.ts';
import { byPerson, project, started } from './imagined.ts';

const noCounts = { steps: 0, passed: 0, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 };

/** Sends events of one run to a store, with a clock that ticks by a second an event. */
export class Sender {
  private seq = 0;
  private readonly store: Store;
  private readonly runId: string;

  constructor(store: Store, runId: string, part: Plan, origin: RunOrigin = byPerson) {
    this.store = store;
    this.runId = runId;
    store.beginRun(project, started(runId, part), origin);
  }

  send(...bodies: readonly RunEventBody[]): void {
    const events = bodies.map((body): RunEvent => ({ v: 1, seq: this.seq, ts: 1000 * this.seq++, runId: this.runId, ...body }));
    assert.ok(this.store.applyBatch({ runId: this.runId, events }));
  }

  start(id: string, attempt = 1): void {
    this.send({ type: 'step:start', id, attempt, executor: 'inline' });
  }

  end(id: string, status: 'passed' | 'failed' | 'cancelled' | 'skipped' = 'passed', durationMs = 5): void {
    const error = status === 'failed' ? { error: someError } : {};
    this.send({ type: 'step:end', id, status, durationMs, attempts: 1, flaky: false, cached: false, overall: 10, ...error });
  }

  /** Starts and ends a step. */
  run(id: string, status: 'passed' | 'failed' | 'cancelled' = 'passed', durationMs = 5): void {
    this.start(id);
    this.end(id, status, durationMs);
  }

  finish(status: 'passed' | 'failed' | 'cancelled' = 'passed'): void {
    this.send({ type: 'run:end', status, durationMs: 50, counts: noCounts, results: {}, errors: [] });
    this.store.endRun({ runId: this.runId, pipeline: 'ci', status, counts: noCounts });
  }
}
