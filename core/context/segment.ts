import { deserialize, serialize } from 'node:v8';
import { TreadleError } from '../contract/errors.ts';
import type { Segment } from '../contract/snapshot.ts';
import { classify } from './classify.ts';
import { copyOf } from './pristine.ts';

/** JSON up to this many characters travels as a string; copying it is cheaper than sharing memory. */
const stringLimit = 8192;

/**
 * Encodes a value: as JSON where JSON can say all of it, else as structured-clone bytes.
 *
 * @param path Where the value is, for messages: such as `results.build`.
 * @throws `E_UNSERIALISABLE` with the path of the part that is not data.
 */
export function encodeSegment(value: unknown, path: string): Segment {
  if (kindOf(value, path) === 'json') {
    const text = JSON.stringify(value);
    return text.length <= stringLimit ? { encoding: 'json', text } : { encoding: 'json-bytes', bytes: share(Buffer.from(text, 'utf8')) };
  }
  try {
    return { encoding: 'v8', bytes: share(serialize(value)) };
  } catch (thrown) {
    throw new TreadleError(
      'E_UNSERIALISABLE',
      `${path} cannot be copied to other steps: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}

/** Decodes a segment to a value of the caller's own. */
export function decodeSegment(segment: Segment): unknown {
  if (segment.encoding === 'json') return JSON.parse(segment.text);
  if (segment.encoding === 'json-bytes') return copyOf(segment);
  // Copied first: typed arrays that v8 decodes from shared memory would alias it.
  return deserialize(new Uint8Array(new Uint8Array(segment.bytes)));
}

/** Whether two segments encode the same bytes. */
export function sameSegment(a: Segment, b: Segment): boolean {
  if (a === b) return true;
  if (a.encoding === 'json') return b.encoding === 'json' && a.text === b.text;
  return (
    b.encoding === a.encoding &&
    a.bytes.byteLength === b.bytes.byteLength &&
    Buffer.compare(Buffer.from(a.bytes), Buffer.from(b.bytes)) === 0
  );
}

function share(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return shared;
}

function kindOf(value: unknown, path: string): ReturnType<typeof classify> {
  try {
    return classify(value, path);
  } catch (thrown) {
    if (thrown instanceof RangeError)
      throw new TreadleError('E_UNSERIALISABLE', `${path} is nested too deeply to be copied to other steps.`);
    throw thrown;
  }
}
