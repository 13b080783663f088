import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SourceLocation } from '../contract/status.ts';
import type { Paint } from './style.ts';
import { dropColumns, fit, textWidth } from './text-width.ts';

const linesAround = 2;

/** The lines around a place in a file, with a caret; `undefined` when they cannot be read. */
export function codeFrame(location: SourceLocation, cwd: string, paint: Paint, columns = 80): string | undefined {
  let lines: string[];
  try {
    lines = readFileSync(resolve(cwd, location.file), 'utf8').split(/\r?\n/);
  } catch {
    return undefined;
  }
  // What follows the last line break is no line.
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  if (location.line < 1 || location.line > lines.length) return undefined;
  const first = Math.max(1, location.line - linesAround);
  const last = Math.min(lines.length, location.line + linesAround);
  const gutter = String(last).length;
  const width = Math.max(20, columns - gutter - 8);
  const window = windowOf(lines[location.line - 1] ?? '', location.column, width);
  const frame: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const text = window.show(lines[number - 1] ?? '');
    const hit = number === location.line;
    const bar = paint('dim', `${String(number).padStart(gutter)} │`);
    frame.push(`${hit ? paint('red', '>') : ' '} ${bar} ${hit ? text : paint('dim', text)}`.trimEnd());
    if (hit) frame.push(`  ${paint('dim', `${' '.repeat(gutter)} │`)} ${' '.repeat(window.caret)}${paint('red', '^')}`);
  }
  return frame.join('\n');
}

/** Which part of each line is shown: a long one around the place, not from its beginning. */
function windowOf(line: string, column: number, width: number): { readonly caret: number; show(line: string): string } {
  // A place beyond the end, such as the missing semicolon's, stands right behind it.
  const at = Math.min(Math.max(0, column - 1), line.length);
  // In a file of a single line, what is far away is not even measured.
  const skipped = at > 4 * width ? at - 2 * width : 0;
  const near = (text: string): string => printable(text.slice(skipped, skipped + 8 * width));
  const caret = textWidth(near(line.slice(0, at)));
  const from = caret > width - 5 ? caret - Math.floor(width / 2) : 0;
  const isCut = skipped > 0 || from > 0;
  return {
    caret: caret - from,
    show: (text) => {
      const rest = dropColumns(near(text), isCut ? from + 1 : 0);
      return `${isCut && rest !== '' ? '…' : ''}${fit(rest, isCut ? width - 1 : width)}`;
    },
  };
}

/** One column for each tab, and nothing that moves the cursor. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, ' ');
}
