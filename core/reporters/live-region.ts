import sliceAnsi from 'slice-ansi';
import type { ReporterOutput } from './reporter.ts';

const escape = '\u001B[';
const hideCursor = `${escape}?25l`;
const showCursor = `${escape}?25h`;
// Terminals that know synchronised output show a frame whole; the others ignore the marks.
const beginFrame = `${escape}?2026h`;
const endFrame = `${escape}?2026l`;

/** The lines at the bottom of a terminal that are drawn again and again, in one write a frame. */
export class LiveRegion {
  private readonly output: ReporterOutput;
  private height = 0;
  private shown: readonly string[] = [];
  private readonly stopWatching: (() => void) | undefined;

  constructor(output: ReporterOutput) {
    this.output = output;
    output.write(hideCursor);
    // After a resize the terminal has wrapped the old lines as it likes: begin below them.
    this.stopWatching = output.onResize?.(() => {
      this.height = 0;
      this.shown = [];
      this.output.write(`${escape}2J${escape}H`);
    });
  }

  /** Draws lines in place of those drawn before. */
  draw(lines: readonly string[]): void {
    const columns = this.output.columns();
    const fitted = lines.slice(0, Math.max(1, this.output.rows() - 1)).map((line) => sliceAnsi(line, 0, columns - 1));
    if (fitted.length === this.shown.length && fitted.every((line, index) => line === this.shown[index])) return;
    const up = this.height > 0 ? `${escape}${this.height}A` : '';
    const body = fitted.map((line) => `${line}${escape}K\n`).join('');
    // What an earlier, taller frame left below.
    const rest = this.height > fitted.length ? `${escape}J` : '';
    this.output.write(`${beginFrame}${up}\r${body}${rest}${endFrame}`);
    this.height = fitted.length;
    this.shown = fitted;
  }

  /** Removes the region, for good. */
  close(): void {
    this.stopWatching?.();
    const up = this.height > 0 ? `${escape}${this.height}A` : '';
    this.output.write(`${beginFrame}${up}\r${escape}J${showCursor}${endFrame}`);
    this.height = 0;
  }
}
