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
  for (let number = first; number <= last; number += 1) {
    const text = (lines[number - 1] ?? '').replaceAll('\t', ' ').slice(0, Math.max(20, columns - gutter - 8));
    const hit = number === location.line;
    frame.push(
      `${hit ? paint('red', '>') : ' '} ${paint('dim', `${String(number).padStart(gutter)} │`)} ${hit ? text : paint('dim', text)}`.trimEnd(),
    );
    if (hit) frame.push(`  ${paint('dim', `${' '.repeat(gutter)} │`)} ${' '.repeat(Math.max(0, location.column - 1))}${paint('red', '^')}`);
  }
  return frame.join('\n');
}
