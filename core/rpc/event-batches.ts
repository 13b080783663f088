import type { RunEvent, RunEventOf } from '../contract/events.ts';
import { outputPerBatch, type EventBatch } from '../contract/rpc.ts';

/** Ten batches a second: as often as an eye can use. */
const intervalMs = 100;

interface Output {
  /** Events of one step in this batch, and where they stand in it. */
  readonly places: number[];
  bytes: number;
}

/** Gathers the events of one run into batches; see {@link EventBatch} for what becomes of output. */
export class EventBatches {
  private readonly runId: string;
  private readonly write: (batch: EventBatch) => Promise<void>;
  private events: (RunEvent | undefined)[] = [];
  private output = new Map<string, Output>();
  /** Steps whose latest event is output, and its place. */
  private open = new Map<string, number>();
  private omitted = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> = Promise.resolve();
  private lastSent = 0;

  constructor(runId: string, write: (batch: EventBatch) => Promise<void>) {
    this.runId = runId;
    this.write = write;
  }

  add(event: RunEvent): void {
    if (event.type === 'step:output') this.addOutput(event);
    else {
      if ('id' in event) this.open.delete(event.id);
      this.events.push(event);
    }
    if (this.timer !== undefined) return;
    // The first one goes out with whatever comes in the same turn.
    this.timer = setTimeout(() => this.flush(), Math.max(0, this.lastSent + intervalMs - performance.now()));
  }

  /** Sends what is left; resolves when it is written. */
  async send(): Promise<void> {
    clearTimeout(this.timer);
    this.flush();
    await this.sending;
  }

  private flush(): void {
    this.timer = undefined;
    for (const [id, output] of this.output) this.cut(id, output);
    const events = this.events.filter((event) => event !== undefined);
    if (events.length === 0) return;
    const omitted = this.omitted.size === 0 ? undefined : Object.fromEntries(this.omitted);
    this.events = [];
    this.output = new Map();
    this.open = new Map();
    this.omitted = new Map();
    this.lastSent = performance.now();
    const batch: EventBatch = { runId: this.runId, events, ...(omitted === undefined ? {} : { omitted }) };
    // Waits for the one before: an editor that reads slowly gets fewer, larger batches, not a queue of them.
    this.sending = this.sending.then(() => this.write(batch));
  }

  private addOutput(event: RunEventOf<'step:output'>): void {
    const { id } = event;
    let output = this.output.get(id);
    if (output === undefined) this.output.set(id, (output = { places: [], bytes: 0 }));
    output.bytes += Buffer.byteLength(event.text);
    const place = this.open.get(id);
    const before = place === undefined ? undefined : this.events[place];
    if (place !== undefined && before?.type === 'step:output' && before.stream === event.stream) {
      this.events[place] = { ...before, text: before.text + event.text };
    } else {
      this.open.set(id, this.events.length);
      output.places.push(this.events.length);
      this.events.push(event);
    }
    // Twice the limit, so that a long text is not cut with every addition to it.
    if (output.bytes > 2 * outputPerBatch) this.cut(id, output);
  }

  /** Keeps the end of what a step wrote. */
  private cut(id: string, output: Output): void {
    let excess = output.bytes - outputPerBatch;
    while (excess > 0) {
      const place = output.places[0];
      const event = place === undefined ? undefined : this.events[place];
      if (place === undefined || event?.type !== 'step:output') return;
      const bytes = Buffer.from(event.text);
      const dropped = Math.min(excess, bytes.length);
      const rest = withoutStart(bytes, dropped);
      const gone = bytes.length - Buffer.byteLength(rest);
      if (rest === '') {
        output.places.shift();
        this.events[place] = undefined;
        if (this.open.get(id) === place) this.open.delete(id);
      } else this.events[place] = { ...event, text: rest };
      output.bytes -= gone;
      excess -= gone;
      this.omitted.set(id, (this.omitted.get(id) ?? 0) + gone);
    }
  }
}

/** A text without so many of its first bytes, or a few more: characters stay whole. */
function withoutStart(bytes: Buffer, count: number): string {
  let start = count;
  while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.toString('utf8', start);
}
