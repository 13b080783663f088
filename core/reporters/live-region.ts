import type { ReporterOutput } from './reporter.ts';
import { fit, textWidth } from './text-width.ts';

const escape = '\u001B[';
const hideCursor = `${escape}?25l`;
const showCursor = `${escape}?25h`;
// Terminals that know synchronised output show a frame whole; the others ignore the marks.
// Lines are not wrapped: where a terminal finds an emoji wider than we do, the frame must not become taller.
const beginFrame = `${escape}?2026h${escape}?7l`;
const endFrame = `${escape}?7h${escape}?2026l`;

/** The lines at the bottom of a terminal that are drawn again and again, in one write a frame. */
export class LiveRegion {
  private readonly output: ReporterOutput;
  private shown: readonly string[] = [];
  private readonly stopWatching: (() => void) | undefined;

  constructor(output: ReporterOutput) {
    this.output = output;
    output.write(hideCursor);
    this.stopWatching = output.onResize?.(() => this.erase());
  }

  /** Draws lines in place of those drawn before. */
  draw(lines: readonly string[]): void {
    const columns = this.output.columns();
    const fitted = lines.slice(0, Math.max(1, this.output.rows() - 1)).map((line) => fit(line, columns - 1));
    if (fitted.length === this.shown.length && fitted.every((line, index) => line === this.shown[index])) return;
    const up = this.shown.length > 0 ? `${escape}${this.shown.length}A` : '';
    const body = fitted.map((line) => `${line}${escape}K\n`).join('');
    // What an earlier, taller frame left below.
    const rest = this.shown.length > fitted.length ? `${escape}J` : '';
    this.output.write(`${beginFrame}${up}\r${body}${rest}${endFrame}`);
    this.shown = fitted;
  }

  /** Removes the region, for good. */
  close(): void {
    this.stopWatching?.();
    this.erase();
    this.output.write(showCursor);
  }

  private erase(): void {
    // A terminal that became narrower has wrapped the lines.
    const columns = this.output.columns();
    const height = this.shown.reduce((rows, line) => rows + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
    if (height > 0) this.output.write(`${escape}${height}A\r${escape}J`);
    this.shown = [];
  }
}
