import type { Segment } from '../contract/snapshot.ts';
import { hasNames } from './list-names.ts';

type LargeJson = Segment & { readonly encoding: 'json-bytes' };

/** How much JSON a thread keeps parsed for sure; what is beyond may go when memory is short. */
const keptBytes = 16 * 1024 * 1024;
const kept = new Map<LargeJson, unknown>();
const droppable = new WeakMap<LargeJson, WeakRef<object>>();

/**
 * A copy of a large JSON value. The value is parsed once a thread and copied for each step: copying takes a third of
 * the time of parsing, and whether a step changed its copy can then be told by comparing, without encoding it again.
 */
export function copyOf(segment: LargeJson): unknown {
  const value = find(segment) ?? (JSON.parse(Buffer.from(segment.bytes).toString('utf8')) as unknown);
  keep(segment, value);
  return copy(value);
}

/** Whether a value still says exactly what a segment says. False also means that it is not known. */
export function isStill(segment: Segment, value: unknown): boolean {
  if (segment.encoding !== 'json-bytes') return false;
  const original = find(segment);
  try {
    return original !== undefined && same(value, original);
  } catch {
    // A getter threw, or what was made of the value is cyclic: encoding it says what is wrong.
    return false;
  }
}

function find(segment: LargeJson): unknown {
  return kept.get(segment) ?? droppable.get(segment)?.deref();
}

function keep(segment: LargeJson, value: unknown): void {
  if (typeof value === 'object' && value !== null) droppable.set(segment, new WeakRef(value));
  // The latest goes last; the first is the next to be forgotten.
  kept.delete(segment);
  kept.set(segment, value);
  let bytes = 0;
  for (const { bytes: own } of kept.keys()) bytes += own.byteLength;
  for (const oldest of kept.keys()) {
    if (bytes <= keptBytes) break;
    bytes -= oldest.bytes.byteLength;
    kept.delete(oldest);
  }
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list: unknown[] = value.slice();
    for (let index = 0; index < list.length; index += 1) {
      const part = list[index];
      if (typeof part === 'object' && part !== null) list[index] = copy(part);
    }
    return list;
  }
  const object: Record<string, unknown> = { ...value };
  for (const key in object) {
    const part = object[key];
    // An own key `__proto__` is there already, so that this assigns to it.
    if (typeof part === 'object' && part !== null && Object.hasOwn(object, key)) object[key] = copy(part);
  }
  return object;
}

/** `original` comes from JSON; `value` may hold anything. */
function same(value: unknown, original: unknown): boolean {
  if (typeof original !== 'object' || original === null) return Object.is(value, original);
  if (Array.isArray(original)) {
    if (!Array.isArray(value) || value.length !== original.length || Object.getPrototypeOf(value) !== Array.prototype) return false;
    for (let index = 0; index < original.length; index += 1) if (!same(value[index], original[index])) return false;
    return !hasNames(value);
  }
  if (!isObject(value) || !isObject(original) || Object.getPrototypeOf(value) !== Object.prototype) return false;
  const keys = Object.keys(value);
  const originalKeys = Object.keys(original);
  if (keys.length !== originalKeys.length) return false;
  for (let index = 0; index < keys.length; index += 1) {
    const key = originalKeys[index];
    if (key === undefined || key !== keys[index] || !same(value[key], original[key])) return false;
  }
  return true;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
