import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SourceLocation } from '../contract/status.ts';
import type { Paint } from './style.ts';

const linesAround = 2;

/** The lines around a place in a file, with a caret; `undefined` when they cannot be read. */
export function codeFrame(location: SourceLocation, cwd: string, paint: Paint, columns = 80): string | undefined {
  let lines: string[];
  try {
    lines = readFileSync(resolve(cwd, location.file), 'utf8').split(/\r?\n/);
  } catch {
    return undefined;
  }
  if (location.line < 1 || location.line > lines.length) return undefined;
  const first = Math.max(1, location.line - linesAround);
  const last = Math.min(lines.length, location.line + linesAround);
  const gutter = String(last).length;
  const frame: string[] = [];
  const width = Math.max(20, columns - gutter - 8);
  // A long line is shown around the place, not from its beginning.
  const from = location.column > width - 5 ? location.column - Math.floor(width / 2) : 0;
  for (let number = first; number <= last; number += 1) {
    const whole = (lines[number - 1] ?? '').replaceAll('\t', ' ');
    const text = `${from > 0 && whole.length > from ? '…' : ''}${whole.slice(from > 0 ? from + 1 : 0, from + width)}`;
    const hit = number === location.line;
    const bar = paint('dim', `${String(number).padStart(gutter)} │`);
    frame.push(`${hit ? paint('red', '>') : ' '} ${bar} ${hit ? text : paint('dim', text)}`.trimEnd());
    const caret = `${' '.repeat(Math.max(0, location.column - 1 - from))}${paint('red', '^')}`;
    if (hit) frame.push(`  ${paint('dim', `${' '.repeat(gutter)} │`)} ${caret}`);
  }
  return frame.join('\n');
}
