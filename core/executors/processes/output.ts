/** What is kept of a stream for the result of a command, in characters. */
export const tailLimit = 1024 * 1024;
/** A longer line is cut: nobody reads it, and patterns that run over lines must stay fast. */
export const lineLimit = 64 * 1024;

/** The end of a text of any length, in bounded memory. */
export class Tail {
  private chunks: string[] = [];
  private length = 0;

  add(text: string): void {
    this.chunks.push(text);
    this.length += text.length;
    if (this.length > 2 * tailLimit) this.trim();
  }

  get text(): string {
    this.trim();
    return this.chunks[0] ?? '';
  }

  private trim(): void {
    let kept = this.chunks.join('').slice(-tailLimit);
    // Never begin in the middle of a character that takes two units.
    if (/^[\uDC00-\uDFFF]/.test(kept)) kept = kept.slice(1);
    this.chunks = [kept];
    this.length = kept.length;
  }
}

/** Cuts a text that arrives in pieces into lines, without their ends. */
export class LineSplitter {
  private rest = '';
  private readonly onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine;
  }

  add(text: string): void {
    const lines = (this.rest + text).split('\n');
    // One more than is shown, so that the carriage return of a line of just that length can come yet.
    this.rest = (lines.pop() ?? '').slice(0, lineLimit + 1);
    for (const line of lines) this.onLine(withoutEnd(line));
  }

  end(): void {
    if (this.rest !== '') this.onLine(withoutEnd(this.rest));
    this.rest = '';
  }
}

function withoutEnd(line: string): string {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, lineLimit);
}
