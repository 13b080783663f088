/** What is kept of a stream for the result of a command, in characters. */
export const tailLimit = 1024 * 1024;
/** A longer line is cut: nobody reads it, and patterns that run over lines must stay fast. */
export const lineLimit = 64 * 1024;

/** Cuts a text that arrives in pieces into lines, without their ends. A progress bar ends its lines with carriage returns alone. */
export class LineSplitter {
  private rest = '';
  private readonly onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine;
  }

  add(text: string): void {
    const lines = (this.rest + text).split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) this.tell(line);
    // A carriage return at the very end may be half of the end of a line.
    const drawn = last.slice(0, -1).lastIndexOf('\r');
    if (drawn > 0) this.tell(last.slice(0, drawn));
    // One more than is shown, so that the carriage return of a line of just that length can come yet.
    this.rest = last.slice(drawn + 1).slice(0, lineLimit + 1);
  }

  end(): void {
    if (this.rest !== '') this.tell(this.rest);
    this.rest = '';
  }

  private tell(text: string): void {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (!line.includes('\r')) return this.onLine(line.slice(0, lineLimit));
    for (const drawn of line.split('\r')) if (drawn !== '') this.onLine(drawn.slice(0, lineLimit));
  }
}
