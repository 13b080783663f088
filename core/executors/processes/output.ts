/** What is kept of a stream for the result of a command, in characters. */
const tailLimit = 1024 * 1024;
/** A longer line is cut: nobody reads it, and patterns that run over lines must stay fast. */
const lineLimit = 64 * 1024;

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
    const kept = this.chunks.join('').slice(-tailLimit);
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
    this.rest = (lines.pop() ?? '').slice(0, lineLimit);
    for (const line of lines) this.onLine((line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, lineLimit));
  }

  end(): void {
    if (this.rest !== '') this.onLine(this.rest);
    this.rest = '';
  }
}
