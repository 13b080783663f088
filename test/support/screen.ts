import stringWidth from 'string-width';

interface Cell {
  readonly text: string;
  readonly width: number;
}

const graphemes = new Intl.Segmenter();
// One control sequence, one control character, or text between them.
const token = /\u001B\[(\?)?([\d;]*)([A-Za-z])|([\u0000-\u001F\u007F-\u009F])|([^\u0000-\u001F\u007F-\u009F]+)/g;

/** A terminal that knows what the live tree uses, and refuses everything else. */
export class Screen {
  columns: number;
  rows: number;
  /** Lines that were longer than the terminal is wide, as they were when they reached its edge. */
  readonly overflows: string[] = [];
  cursorIsVisible = true;
  private wraps = true;
  private readonly scrolledOff: string[] = [];
  private lines: Cell[][] = [[]];
  private row = 0;
  private column = 0;
  private readonly resizeListeners = new Set<() => void>();

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** Whatever was printed: what scrolled off, then what is on the screen. */
  text(): string {
    return [...this.scrolledOff, ...this.lines.map(textOf)].join('\n').trimEnd();
  }

  /** What is on the screen. */
  visible(): string {
    return this.lines.map(textOf).join('\n').trimEnd();
  }

  resize(columns: number, rows: number): void {
    // As most terminals do it: what does not fit is wrapped anew.
    const rewrapped = this.lines.flatMap((line) => wrap(line, columns));
    this.columns = columns;
    this.rows = rows;
    this.scrolledOff.push(...rewrapped.splice(0, Math.max(0, rewrapped.length - rows)).map(textOf));
    this.lines = rewrapped;
    this.row = this.lines.length - 1;
    this.column = 0;
    for (const listener of this.resizeListeners) listener();
  }

  onResize(listener: () => void): () => void {
    this.resizeListeners.add(listener);
    return () => this.resizeListeners.delete(listener);
  }

  get listeners(): number {
    return this.resizeListeners.size;
  }

  write(text: string): void {
    for (const [whole, isPrivate, parameters = '', final, control, words] of text.matchAll(token)) {
      if (words !== undefined) for (const { segment } of graphemes.segment(words)) this.put(segment);
      else if (control === '\n') this.lineFeed();
      else if (control === '\r') this.column = 0;
      else if (control === '\t') this.tab();
      else if (final === undefined || control !== undefined) throw new Error(`The terminal was sent ${JSON.stringify(whole)}.`);
      else this.command(final, isPrivate === undefined ? parameters : `?${parameters}`, whole);
    }
  }

  private command(final: string, parameters: string, whole: string): void {
    if (final === 'm') return;
    if (final === 'A') this.row = Math.max(0, this.row - Number(parameters || 1));
    else if (final === 'H' && parameters === '') this.row = this.column = 0;
    else if (final === 'K' && parameters === '') this.lines[this.row]?.splice(this.cellAt(this.column));
    else if (final === 'J' && (parameters === '' || parameters === '0')) this.eraseBelow();
    else if (final === 'J' && parameters === '2') this.lines = this.lines.map(() => []);
    else if (parameters === '?25') this.cursorIsVisible = final === 'h';
    else if (parameters === '?7') this.wraps = final === 'h';
    else if (parameters !== '?2026') throw new Error(`The terminal was sent ${JSON.stringify(whole)}.`);
  }

  private eraseBelow(): void {
    this.lines.splice(this.row + 1);
    this.lines[this.row]?.splice(this.cellAt(this.column));
  }

  private tab(): void {
    const next = Math.min(this.columns - 1, (Math.floor(this.column / 8) + 1) * 8);
    while (this.column < next) this.put(' ');
  }

  private lineFeed(): void {
    this.column = 0;
    this.row += 1;
    if (this.row === this.lines.length) this.lines.push([]);
    if (this.lines.length > this.rows) {
      this.scrolledOff.push(textOf(this.lines.shift() ?? []));
      this.row -= 1;
    }
  }

  private put(text: string): void {
    const width = stringWidth(text);
    if (this.column + width > this.columns) {
      this.overflows.push(textOf(this.lines[this.row] ?? []) + text);
      if (!this.wraps) return;
      this.lineFeed();
    }
    const line = (this.lines[this.row] ??= []);
    line.splice(this.cellAt(this.column), 1, { text, width });
    this.column += width;
  }

  /** Index of the cell that begins at a column. */
  private cellAt(column: number): number {
    const line = this.lines[this.row] ?? [];
    let at = 0;
    for (const [index, { width }] of line.entries()) {
      if (at >= column) return index;
      at += width;
    }
    return line.length;
  }
}

function wrap(line: readonly Cell[], columns: number): Cell[][] {
  const wrapped: Cell[][] = [[]];
  let used = 0;
  for (const cell of line) {
    if (used + cell.width > columns) {
      wrapped.push([]);
      used = 0;
    }
    wrapped.at(-1)?.push(cell);
    used += cell.width;
  }
  return wrapped;
}

function textOf(line: readonly Cell[]): string {
  return line
    .map(({ text }) => text)
    .join('')
    .trimEnd();
}
