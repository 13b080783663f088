import { TreadleError } from '../contract/errors.ts';
import type { Segment } from '../contract/snapshot.ts';
import { fromCloneBytes, toCloneBytes } from './clone-bytes.ts';
import { isJsonShaped } from './json-shaped.ts';
import { copyOf } from './pristine.ts';
import { findRefused } from './refusal.ts';

/** JSON of fewer characters travels as a string: copying it is cheaper than sharing memory. */
const stringLimit = 8192;

/**
 * Encodes a value: as JSON where JSON can say all of it, else as structured-clone bytes. Getters are read, symbol keys
 * and what is not enumerable are left out, as structured clone does.
 *
 * @param path Where the value is, for messages: such as `results.build`.
 * @throws `E_UNSERIALISABLE` with the path of the part that is not data.
 * @example
 * encodeSegment({ total: 3 }, 'results.report');
 */
export function encodeSegment(value: unknown, path: string): Segment {
  try {
    if (isJsonShaped(value)) return jsonSegment(JSON.stringify(value));
    const refused = findRefused(value, path);
    if (refused !== undefined) {
      const { what, hint } = refused;
      const message = `${refused.path} is ${what}, which cannot be copied to other steps.`;
      throw new TreadleError('E_UNSERIALISABLE', message, hint === undefined ? {} : { hint });
    }
    return { encoding: 'v8', bytes: share(toCloneBytes(value)) };
  } catch (thrown) {
    throw thrown instanceof TreadleError ? thrown : notEncoded(thrown, path);
  }
}

/** Decodes a segment to a value of the caller's own. */
export function decodeSegment(segment: Segment): unknown {
  switch (segment.encoding) {
    case 'json':
      return JSON.parse(segment.text);
    case 'json-bytes':
      return copyOf(segment);
    case 'v8':
      return fromCloneBytes(segment.bytes);
  }
}

/** Whether two segments encode the same bytes. */
export function sameSegment(a: Segment, b: Segment): boolean {
  if (a === b) return true;
  if (a.encoding === 'json') return b.encoding === 'json' && a.text === b.text;
  if (b.encoding !== a.encoding || a.bytes.byteLength !== b.bytes.byteLength) return false;
  return a.bytes === b.bytes || Buffer.from(a.bytes).equals(Buffer.from(b.bytes));
}

function jsonSegment(text: string): Segment {
  if (text.length < stringLimit) return { encoding: 'json', text };
  const bytes = new SharedArrayBuffer(Buffer.byteLength(text));
  Buffer.from(bytes).write(text);
  return { encoding: 'json-bytes', bytes };
}

function share(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return shared;
}

function notEncoded(thrown: unknown, path: string): TreadleError {
  const message =
    thrown instanceof RangeError && thrown.message.includes('call stack')
      ? `${path} is nested too deeply to be copied to other steps.`
      : `${path} cannot be copied to other steps: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return new TreadleError('E_UNSERIALISABLE', message, { cause: thrown });
}
