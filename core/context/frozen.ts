import type { Segment } from '../contract/snapshot.ts';
import { decodeSegment } from './segment.ts';

let latest: { readonly segment: Segment; readonly value: unknown } | undefined;

/** Decodes a segment once a thread and freezes it to its depths: for the `config` that all steps of a run share. */
export function decodeFrozen(segment: Segment): unknown {
  if (latest?.segment !== segment) latest = { segment, value: freeze(decodeSegment(segment)) };
  return latest.value;
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  // Typed arrays cannot be frozen; they are copies of this thread's own.
  if (!ArrayBuffer.isView(value)) Object.freeze(value);
  for (const key of Object.keys(value)) freeze(Reflect.get(value, key));
  return value;
}
