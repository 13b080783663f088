import type { RunEventOf } from '../contract/events.ts';

/** Results of this many characters of JSON go to an editor; larger ones would block both sides. */
const largest = 256 * 1024;

/** The end of a run as it goes to an editor: a large value is replaced by a note of its size. */
export function projectValue(event: RunEventOf<'run:end'>): RunEventOf<'run:end'> {
  const sizes = Object.entries(event.results).map(([key, value]) => [key, value, JSON.stringify(value)?.length ?? 0] as const);
  const total = sizes.reduce((sum, [, , size]) => sum + size, 0);
  const results =
    total <= largest
      ? event.results
      : Object.fromEntries(sizes.map(([key, value, size]) => [key, size > largest / 16 ? `(${size} characters of JSON)` : value]));
  // Spread would carry the getter's value along only once it was read.
  return { ...event, results };
}
