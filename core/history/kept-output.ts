import type { RunEvent, RunEventOf } from '../contract/events.ts';

type OutputEvent = RunEventOf<'step:output'>;

/** So much of what a step prints is kept from its beginning, and so much from its end, in characters. */
const headLimit = 512 * 1024;
const tailLimit = 64 * 1024;

interface Printed {
  length: number;
  dropped: number;
  /** What is held back of the end, and how long that is. */
  tail: OutputEvent[];
  tailLength: number;
}

/** Bounds the output of each step: a step that prints without end must not fill the disk. */
export class KeptOutput {
  private readonly steps = new Map<string, Printed>();

  /** What is to be written in place of an event. */
  pass(event: RunEvent): readonly RunEvent[] {
    if (event.type === 'step:output') return this.output(event);
    if (event.type === 'step:end' || event.type === 'step:retry') return [...this.take(event.id), event];
    if (event.type === 'run:end') return [...this.steps.keys()].flatMap((id) => this.take(id)).concat(event);
    return [event];
  }

  private output(event: OutputEvent): readonly RunEvent[] {
    const { id, text } = event;
    let printed = this.steps.get(id);
    if (printed === undefined) this.steps.set(id, (printed = { length: 0, dropped: 0, tail: [], tailLength: 0 }));
    const room = headLimit - printed.length;
    printed.length += text.length;
    if (room >= text.length) return [event];
    const rest = room > 0 ? text.slice(room) : text;
    printed.tail.push({ ...event, text: rest });
    printed.tailLength += rest.length;
    if (printed.tailLength > 2 * tailLimit) shorten(printed);
    return room > 0 ? [{ ...event, text: text.slice(0, room) }] : [];
  }

  private take(id: string): RunEvent[] {
    const printed = this.steps.get(id);
    this.steps.delete(id);
    const [first, ...others] = printed?.tail ?? [];
    if (printed === undefined || first === undefined) return [];
    if (printed.dropped === 0) return [first, ...others];
    return [{ ...first, text: `\n… ${printed.dropped} characters are not kept …\n${first.text}` }, ...others];
  }
}

/** Keeps the end of what is held back. */
function shorten(printed: Printed): void {
  let excess = printed.tailLength - tailLimit;
  const tail: OutputEvent[] = [];
  for (const event of printed.tail) {
    const gone = Math.min(excess, event.text.length);
    excess -= gone;
    if (gone < event.text.length) tail.push(gone === 0 ? event : { ...event, text: event.text.slice(gone) });
  }
  printed.dropped += printed.tailLength - tailLimit;
  printed.tail = tail;
  printed.tailLength = tailLimit;
}
