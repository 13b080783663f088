import type { RunEvent } from '../contract/events.ts';

/** One entry of Chrome's trace event format; times in microseconds. */
interface TraceEntry {
  readonly name: string;
  readonly ph: 'X' | 'i' | 'M';
  readonly pid: 1;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly s?: 't';
  readonly cat?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

interface OpenStep {
  readonly startedAt: number;
  readonly executor: string;
}

/** Folds the events of a run into a timeline for `chrome://tracing` or Perfetto: a lane for each thread. */
export class Trace {
  readonly #entries: TraceEntry[] = [];
  readonly #open = new Map<string, OpenStep>();
  /** Names of the lanes; their index is the lane's number. */
  readonly #lanes: string[] = ['run'];
  /** When each lane is free again. */
  readonly #busyUntil = new Map<string, number>();
  #startedAt = 0;
  #pipeline = '';

  /** Takes an event of the run. */
  add(event: RunEvent): void {
    switch (event.type) {
      case 'run:start':
        this.#startedAt = event.ts;
        this.#pipeline = event.pipeline;
        return;
      case 'step:start':
        this.#open.set(event.id, { startedAt: event.ts, executor: event.executor });
        return;
      case 'step:retry':
        this.#close(event.id, event.ts, event.thread, { status: 'failed', attempt: event.attempt, error: event.error.message });
        return;
      case 'step:end': {
        const detail = {
          status: event.status,
          attempts: event.attempts,
          ...(event.error === undefined ? {} : { error: event.error.message }),
        };
        this.#close(event.id, event.ts, event.thread, detail);
        return;
      }
      case 'step:warning':
        this.#entries.push({ name: event.message, ph: 'i', s: 't', cat: 'warning', pid: 1, tid: 0, ts: this.#micros(event.ts) });
        return;
      case 'run:end':
        this.#span(this.#pipeline, 'run', 'run', this.#startedAt, event.ts, { status: event.status, counts: event.counts });
        return;
    }
  }

  /** The trace as the text of its file. */
  toJson(): string {
    const names = this.#lanes.map((name, tid): TraceEntry => ({ name: 'thread_name', ph: 'M', pid: 1, tid, args: { name } }));
    return JSON.stringify({ displayTimeUnit: 'ms', traceEvents: [...names, ...this.#entries] });
  }

  #close(id: string, ts: number, thread: number | undefined, args: Readonly<Record<string, unknown>>): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    // A step that lost its thread, or never had one, goes where there is room: a lane shows one step at a time.
    const lane = thread === undefined ? this.#freeLane(open.executor, open.startedAt) : `thread ${thread}`;
    this.#busyUntil.set(lane, ts);
    this.#span(id, 'step', lane, open.startedAt, ts, args);
  }

  #freeLane(executor: string, from: number): string {
    for (let number = 1; ; number += 1) {
      const lane = `${executor} (${number})`;
      if ((this.#busyUntil.get(lane) ?? 0) <= from) return lane;
    }
  }

  #span(name: string, cat: string, lane: string, from: number, to: number, args: Readonly<Record<string, unknown>>): void {
    if (!this.#lanes.includes(lane)) this.#lanes.push(lane);
    this.#entries.push({
      name,
      ph: 'X',
      cat,
      pid: 1,
      tid: this.#lanes.indexOf(lane),
      ts: this.#micros(from),
      dur: (to - from) * 1000,
      args,
    });
  }

  #micros(ts: number): number {
    return (ts - this.#startedAt) * 1000;
  }
}
