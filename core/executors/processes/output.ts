/** What is kept of a stream for the result of a command, in characters. */
export const tailLimit = 1024 * 1024;
/** A longer line is cut: nobody reads it, and patterns that run over lines must stay fast. */
export const lineLimit = 64 * 1024;

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
