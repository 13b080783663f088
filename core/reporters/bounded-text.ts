import { EndOfText } from '../contract/end-of-text.ts';

/** Two megabytes of characters at each end. */
const endLimit = 2 * 1024 * 1024;

/** A text of any length, of which the beginning and the end are kept. */
export class BoundedText {
  private head = '';
  private tail: EndOfText | undefined;

  add(text: string): void {
    const room = endLimit - this.head.length;
    if (room > 0) this.head += text.slice(0, room);
    if (text.length > room) (this.tail ??= new EndOfText(endLimit)).add(text.slice(Math.max(0, room)));
  }

  get isEmpty(): boolean {
    return this.head === '';
  }

  /** The last line that says something, cheaply. */
  lastLine(): string {
    const end = (this.tail?.last ?? this.head).slice(-500).trimEnd();
    return end.slice(end.lastIndexOf('\n') + 1);
  }

  toString(): string {
    if (this.tail === undefined) return this.head;
    const end = this.tail.toString();
    const dropped = this.tail.length - end.length;
    return this.head + (dropped === 0 ? '' : `\n… ${dropped} characters left out …\n`) + end;
  }
}
