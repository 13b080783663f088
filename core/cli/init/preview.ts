import type { PlannedFile } from '../../init/planned-files.ts';
import type { Output } from '../console.ts';

const contextLines = 2;

/** A file as a person should see it before it is written: its lines, or what changes of them. */
export function showFile({ path, text, before }: PlannedFile, { paint }: Pick<Output, 'paint'>): string {
  const added = (line: string): string => `  ${paint('green', `+ ${line}`.trimEnd())}\n`;
  const removed = (line: string): string => `  ${paint('red', `- ${line}`.trimEnd())}\n`;
  const kept = (line: string): string => `  ${paint('dim', `  ${line}`.trimEnd())}\n`;
  const heading = `${paint('bold', path)}  ${paint('dim', before === undefined ? 'new' : 'changed')}\n`;
  if (before === undefined) return heading + linesOf(text).map(added).join('');
  const [old, now] = [linesOf(before), linesOf(text)];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  return [
    heading,
    ...now.slice(Math.max(0, head - contextLines), head).map(kept),
    ...old.slice(head, old.length - tail).map(removed),
    ...now.slice(head, now.length - tail).map(added),
    ...now.slice(now.length - tail, now.length - tail + contextLines).map(kept),
  ].join('');
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}
