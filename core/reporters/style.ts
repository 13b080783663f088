import { styleText, stripVTControlCharacters } from 'node:util';
import type { NodeState } from './run-view.ts';

type Format = Parameters<typeof styleText>[0];

/**
 * Colours a text, or leaves it alone.
 *
 * Yellow and cyan can hardly be read on white: text that says something is not painted with them. And no colour says
 * what the text does not.
 */
export type Paint = (format: Format, text: string) => string;

/** A {@link Paint} for an output that shows colours, or does not. */
export function painter(color: boolean): Paint {
  return color ? (format, text) => (text === '' ? '' : styleText(format, text, { validateStream: false })) : (_format, text) => text;
}

const icons: { readonly [State in NodeState]: readonly [icon: string, format: Format] } = {
  pending: ['○', 'dim'],
  running: ['◐', 'cyan'],
  passed: ['✔', 'green'],
  failed: ['✖', 'red'],
  'timed-out': ['⧖', 'red'],
  cancelled: ['⊘', 'magenta'],
  skipped: ['↷', 'dim'],
};

/** The mark of a state. */
export function icon(state: NodeState, paint: Paint): string {
  const [character, format] = icons[state];
  return paint(format, character);
}

/** `840 ms`, `1.2 s`, `2 min 05 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

/** `1 step`, `2 steps`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

// Colours and weights are let through; whatever else a step writes must not move the cursor or set titles.
const sgr = /\u001B\[[\d;:]*m/g;
const colourMark = /\uE000(\d+)\uE001/g;

/** A text that a step or a tool wrote, as one line without any control sequence. */
export function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/g, ' ').trim();
}

/** A step's text without control sequences, except colours where they are shown. */
export function tame(text: string, color: boolean): string {
  if (!color) return clean(text);
  const kept: string[] = [];
  const marked = text.replaceAll(/[\uE000\uE001]/g, '').replaceAll(sgr, (sequence) => `\uE000${kept.push(sequence) - 1}\uE001`);
  const tamed = clean(marked).replaceAll(colourMark, (_, index: string) => kept[Number(index)] ?? '');
  return kept.length === 0 ? tamed : `${tamed}\u001B[0m`;
}

const control = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

function clean(text: string): string {
  // Control sequences begin with such a character, too.
  if (text.search(control) < 0) return text;
  const lines = stripVTControlCharacters(text).replaceAll('\r\n', '\n').split('\n');
  // A progress bar that rewrites its line: what a terminal would show is what came last.
  return lines.map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replaceAll(control, '')).join('\n');
}
