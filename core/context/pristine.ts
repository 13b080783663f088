import type { Segment } from '../contract/snapshot.ts';

type LargeJson = Segment & { readonly encoding: 'json-bytes' };

/** How many large values a thread keeps decoded. */
const kept = 4;
const pristine = new Map<LargeJson, unknown>();

/**
 * A copy of a large JSON value. The value is parsed once a thread and copied for each step: copying takes a third of
 * the time of parsing, and whether a step changed its copy can then be told by comparing, without encoding it again.
 */
export function copyOf(segment: LargeJson): unknown {
  let value = pristine.get(segment);
  if (value === undefined) value = JSON.parse(Buffer.from(segment.bytes).toString('utf8'));
  // The latest goes last; the first is the next to be forgotten.
  pristine.delete(segment);
  pristine.set(segment, value);
  for (const oldest of pristine.keys()) {
    if (pristine.size <= kept) break;
    pristine.delete(oldest);
  }
  try {
    return copy(value);
  } catch (thrown) {
    // Nested too deeply to be copied by recursion.
    if (thrown instanceof RangeError) return JSON.parse(Buffer.from(segment.bytes).toString('utf8'));
    throw thrown;
  }
}

/** Whether a value still says exactly what a segment says. False also means that it is not known. */
export function isStill(segment: Segment, value: unknown): boolean {
  if (segment.encoding !== 'json-bytes') return false;
  const original = pristine.get(segment);
  try {
    return original !== undefined && same(value, original);
  } catch {
    return false;
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
    if (typeof part === 'object' && part !== null) object[key] = copy(part);
  }
  return object;
}

/** `original` comes from JSON; `value` may hold anything. The order of keys is no difference. */
function same(value: unknown, original: unknown): boolean {
  if (typeof original !== 'object' || original === null) return Object.is(value, original);
  if (Array.isArray(original)) {
    if (!Array.isArray(value) || value.length !== original.length || Object.getPrototypeOf(value) !== Array.prototype) return false;
    // By index only: looking for named properties, which JSON would not keep either, takes several times as long.
    for (let index = 0; index < original.length; index += 1) if (!same(value[index], original[index])) return false;
    return true;
  }
  if (!isObject(value) || !isObject(original) || Object.getPrototypeOf(value) !== Object.prototype) return false;
  let more = 0;
  for (const key in value) {
    more += 1;
    if (!same(value[key], original[key])) return false;
  }
  for (const _ in original) more -= 1;
  return more === 0;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
