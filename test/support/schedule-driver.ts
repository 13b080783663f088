import assert from 'node:assert/strict';
import { stepsIn, type Plan } from '../../core/contract/plan.ts';
import type { Status } from '../../core/contract/status.ts';
import { Schedule } from '../../core/run/schedule.ts';
import type { ScheduleEffect, ScheduleEvent } from '../../core/run/schedule-types.ts';

export type Ending = 'passed' | 'failed' | 'timed-out';

/** Drives a schedule by hand: keeps what it asked for, and answers merges as the run does. */
export class Driver {
  readonly log: ScheduleEffect[] = [];
  readonly running = new Set<string>();
  readonly delayed = new Set<string>();
  readonly asking = new Set<string>();
  readonly stopped = new Set<string>();
  readonly statuses = new Map<string, Status>();
  mostAtOnce = 0;
  private readonly schedule: Schedule;
  private readonly onThreads: ReadonlySet<string>;
  private readonly events: ScheduleEvent[] = [];

  mostThreads = 0;

  constructor(plan: Plan, threads?: number) {
    this.schedule = new Schedule(plan, threads);
    this.onThreads = new Set(stepsIn(plan).flatMap((node) => (node.executor === 'threads' ? [node.id] : [])));
    this.tell({ type: 'start' });
  }

  tell(event: ScheduleEvent): void {
    this.events.push(event);
    if (this.events.length > 1) return;
    for (let next: ScheduleEvent | undefined = event; next !== undefined; next = this.events[0]) {
      this.perform(this.schedule.apply(next));
      this.events.shift();
    }
  }

  private perform(effects: readonly ScheduleEffect[]): void {
    for (const effect of effects) {
      this.log.push(effect);
      if (effect.type === 'start-attempt') this.running.add(effect.id);
      if (effect.type === 'ask-when') this.asking.add(effect.id);
      if (effect.type === 'delay-retry') this.delayed.add(effect.id);
      if (effect.type === 'drop-retry') this.delayed.delete(effect.id);
      if (effect.type === 'stop-attempt') this.stopped.add(effect.id);
      if (effect.type === 'step-ended' || effect.type === 'close') {
        assert.ok(!this.statuses.has(effect.id), `${effect.id} ended twice`);
        this.statuses.set(effect.id, effect.status);
      }
      if (effect.type === 'run-ended') {
        assert.ok(!this.statuses.has('pipeline'), 'the run ended twice');
        this.statuses.set('pipeline', effect.status);
      }
      this.mostAtOnce = Math.max(this.mostAtOnce, this.running.size);
      this.mostThreads = Math.max(this.mostThreads, [...this.running].filter((id) => this.onThreads.has(id)).length);
      if (effect.type === 'merge') this.tell({ type: 'merged', id: effect.id, ok: true });
    }
  }

  end(id: string, status: Ending | 'cancelled' = 'passed'): void {
    assert.ok(this.running.delete(id), `${id} does not run`);
    this.tell({ type: 'attempt-ended', id, status });
  }

  status(id: string): Status | undefined {
    return this.statuses.get(id);
  }
}
