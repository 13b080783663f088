/** Two megabytes of characters at each end. */
const endLimit = 2 * 1024 * 1024;

/** A text of any length, of which the beginning and the end are kept. */
export class BoundedText {
  private head = '';
  private tail: string[] = [];
  private tailLength = 0;
  private dropped = 0;

  add(text: string): void {
    const room = endLimit - this.head.length;
    if (room > 0) this.head += text.slice(0, room);
    if (text.length > room) this.addTail(text.slice(Math.max(0, room)));
  }

  private addTail(text: string): void {
    this.tail.push(text);
    this.tailLength += text.length;
    if (this.tailLength > 2 * endLimit) {
      const joined = this.tail.join('');
      this.dropped += joined.length - endLimit;
      this.tail = [joined.slice(-endLimit)];
      this.tailLength = endLimit;
    }
  }

  get isEmpty(): boolean {
    return this.head === '';
  }

  /** The last line that says something, cheaply. */
  lastLine(): string {
    const end = (this.tail.at(-1) ?? this.head).slice(-500).trimEnd();
    return end.slice(end.lastIndexOf('\n') + 1);
  }

  toString(): string {
    const left = this.dropped === 0 ? '' : `\n… ${this.dropped} characters left out …\n`;
    return this.head + left + this.tail.join('');
  }
}
