import type { RunEvent, RunEventOf } from '../contract/events.ts';
import { outputPerBatch, type EventBatch } from '../contract/rpc.ts';

/** Ten batches a second: as often as an eye can use. */
const intervalMs = 100;

/** A place in a batch; what stood there may be left out later. */
interface Entry {
  event: RunEvent | undefined;
}

/** What a step has written within one batch. */
interface Output {
  readonly entries: Entry[];
  bytes: number;
}

/** Gathers the events of one run into batches; see {@link EventBatch} for what becomes of output. */
export class EventBatches {
  private readonly runId: string;
  private readonly write: (batch: EventBatch) => Promise<void>;
  private entries: Entry[] = [];
  private emptied = 0;
  private output = new Map<string, Output>();
  /** The latest event of each step, where that is output. */
  private open = new Map<string, Entry>();
  private omitted = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  /** The batch that is being written. */
  private writing: Promise<void> | undefined;
  private lastWritten = -intervalMs;

  /** @param write - resolves when the reader has taken a batch; never rejects */
  constructor(runId: string, write: (batch: EventBatch) => Promise<void>) {
    this.runId = runId;
    this.write = write;
  }

  add(event: RunEvent): void {
    if (event.type === 'step:output') this.addOutput(event);
    else {
      if ('id' in event) this.open.delete(event.id);
      this.entries.push({ event });
    }
    this.schedule();
  }

  /** Sends what there is now; resolves when it is written. */
  async sendNow(): Promise<void> {
    await this.writing;
    this.flush();
    await this.writing;
  }

  /** Sends what is left; resolves when it is written. */
  async send(): Promise<void> {
    while (this.entries.length > 0 || this.writing !== undefined) {
      await this.writing;
      this.flush();
    }
  }

  /** One batch is under way at most: an editor that reads slowly gets fewer, larger ones, not a queue of them. */
  private schedule(): void {
    if (this.timer !== undefined || this.writing !== undefined || this.entries.length === 0) return;
    // Even without a wait, the first event goes out with whatever comes in the same turn.
    this.timer = setTimeout(() => this.flush(), Math.max(0, this.lastWritten + intervalMs - performance.now()));
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.writing !== undefined) return;
    const batch = this.take();
    if (batch === undefined) return;
    this.lastWritten = performance.now();
    this.writing = this.write(batch).finally(() => {
      this.writing = undefined;
      this.schedule();
    });
  }

  private take(): EventBatch | undefined {
    for (const [id, output] of this.output) this.cut(id, output);
    const events = this.entries.flatMap(({ event }) => (event === undefined ? [] : [event]));
    const omitted = this.omitted.size === 0 ? undefined : Object.fromEntries(this.omitted);
    this.entries = [];
    this.emptied = 0;
    this.output = new Map();
    this.open = new Map();
    this.omitted = new Map();
    return events.length === 0 ? undefined : { runId: this.runId, events, ...(omitted === undefined ? {} : { omitted }) };
  }

  private addOutput(event: RunEventOf<'step:output'>): void {
    const { id } = event;
    let output = this.output.get(id);
    if (output === undefined) this.output.set(id, (output = { entries: [], bytes: 0 }));
    output.bytes += Buffer.byteLength(event.text);
    const open = this.open.get(id);
    if (open?.event?.type === 'step:output' && open.event.stream === event.stream) {
      open.event = { ...open.event, text: open.event.text + event.text };
    } else {
      const entry: Entry = { event };
      this.open.set(id, entry);
      output.entries.push(entry);
      this.entries.push(entry);
    }
    // Twice the limit, so that a long text is not cut with every addition to it.
    if (output.bytes > 2 * outputPerBatch) this.cut(id, output);
  }

  /** Keeps the end of what a step wrote. */
  private cut(id: string, output: Output): void {
    let excess = output.bytes - outputPerBatch;
    while (excess > 0) {
      const entry = output.entries[0];
      if (entry?.event?.type !== 'step:output') return;
      const bytes = Buffer.from(entry.event.text);
      const rest = withoutStart(bytes, Math.min(excess, bytes.length));
      const gone = bytes.length - Buffer.byteLength(rest);
      entry.event = rest === '' ? undefined : { ...entry.event, text: rest };
      if (rest === '') this.drop(id, output, entry);
      output.bytes -= gone;
      excess -= gone;
      this.omitted.set(id, (this.omitted.get(id) ?? 0) + gone);
    }
  }

  private drop(id: string, output: Output, entry: Entry): void {
    output.entries.shift();
    if (this.open.get(id) === entry) this.open.delete(id);
    this.emptied += 1;
    // While an editor does not read, what is left out must not stay as empty places.
    if (this.emptied < 1000 || this.emptied < this.entries.length / 2) return;
    this.entries = this.entries.filter(({ event }) => event !== undefined);
    this.emptied = 0;
  }
}

/** A text without so many of its first bytes, or a few more: characters stay whole. */
function withoutStart(bytes: Buffer, count: number): string {
  let start = count;
  while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.toString('utf8', start);
}
