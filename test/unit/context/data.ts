import fc from 'fast-check';
import { openView } from '../../../core/context/view.ts';
import type { Patch, Snapshot } from '../../../core/contract/snapshot.ts';

/** Anything that results may hold. */
export const plainData = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: false,
});

/** Names of keys, awkward ones included. */
export const keys = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'hasOwnProperty', 'a', 'b', '1', '0'),
);

/** What a step that does this to its results would change. */
export function patchOf(base: Snapshot, stepId: string, body: (results: Record<string, unknown>) => void): Patch {
  const view = openView(base);
  body(view.results);
  return view.collect(stepId);
}

/** Sets an own property, whatever its name. */
export function put(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Changes a value in place, wherever it can be changed, to its depths. */
export function spoil(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    new Uint8Array(value.buffer, value.byteOffset, value.byteLength).fill(0xa5);
    return;
  }
  if (value instanceof Map) {
    for (const part of value.values()) spoil(part, seen);
    value.set('spoiled', true);
  } else if (value instanceof Set) {
    for (const part of value) spoil(part, seen);
    value.add('spoiled');
  } else if (value instanceof Date) value.setTime(42);
  for (const key of Object.keys(value)) spoil(Reflect.get(value, key), seen);
  if (Array.isArray(value)) value.push('spoiled');
  else put(value, 'spoiled', true);
}
