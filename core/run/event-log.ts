import { setImmediate } from 'node:timers';
import type { EventStamp, RunEvent, RunEventBody } from '../contract/events.ts';

/** A reader of the event stream. */
export type EventListener = (event: RunEvent) => void;

/** Stamps events with their order and time; the only place where that happens. */
export class EventLog {
  readonly runId: string;
  private seq = 0;
  private readonly listener: EventListener;

  constructor(runId: string, listener: EventListener) {
    this.runId = runId;
    this.listener = listener;
  }

  emit(body: RunEventBody): void {
    const stamp: EventStamp = { v: 1, seq: this.seq, ts: Date.now(), runId: this.runId };
    const event: RunEvent = body.type === 'run:end' ? withLazyFields(stamp, body) : { ...stamp, ...body };
    this.seq += 1;
    try {
      this.listener(event);
    } catch (thrown) {
      // A reader's mistake must not change the run; it surfaces as an uncaught error of its own.
      setImmediate(() => {
        throw thrown;
      });
    }
  }
}

/** Keeps accessors: the results of a run are decoded only when somebody reads them. */
function withLazyFields<Body extends object>(stamp: EventStamp, body: Body): EventStamp & Body {
  return Object.defineProperties(
    Object.create(Object.prototype, Object.getOwnPropertyDescriptors(stamp)),
    Object.getOwnPropertyDescriptors(body),
  );
}
