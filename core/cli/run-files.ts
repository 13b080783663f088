import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import * as v from 'valibot';
import { TreadleError } from '../contract/errors.ts';
import type { RunEvent, RunEventOf } from '../contract/events.ts';
import { eventsIn } from '../history/run-lines.ts';
import { eventsByType } from '../schema/events.ts';

/** A run as it was read from a file. */
export interface ReadRun {
  /** Absolute. */
  readonly file: string;
  readonly start: RunEventOf<'run:start'>;
  /** All events, `start` among them. */
  readonly events: readonly RunEvent[];
}

/** The largest text that can be read at once. */
const largestFile = 2 ** 29 - 24;

/**
 * Reads the events of a run.
 *
 * @param file - absolute
 * @throws `E_USAGE` when it cannot be read, or holds no run
 */
export function readRun(file: string): ReadRun {
  const events = [...eventsIn(read(file))].filter(isValid);
  const [start, ...others] = events;
  if (start?.type !== 'run:start') {
    throw new TreadleError('E_USAGE', `${shown(file)} holds no run.`, {
      hint: 'It has to be a file of .treadle/runs, or what --reporter ndjson=FILE wrote.',
    });
  }
  if (others.some(({ runId }) => runId !== start.runId)) {
    throw new TreadleError('E_USAGE', `${shown(file)} holds more than one run.`, { hint: 'Give each run a file of its own.' });
  }
  return { file, start, events };
}

/** A path as people name it. */
export function shown(file: string): string {
  const short = relative(process.cwd(), file);
  return short === '' || short.startsWith('..') ? file : short;
}

function read(file: string): string {
  try {
    if (statSync(file).size > largestFile) throw new Error('it is too large');
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TreadleError('E_USAGE', `${shown(file)} cannot be read: ${reason}`, { cause: error });
  }
}

/** Files come from elsewhere, too: reporters must be able to rely on what events hold. */
function isValid(event: RunEvent): boolean {
  return v.is(eventsByType[event.type], event);
}
