import { isDeepStrictEqual } from 'node:util';
import { below, type Mismatch, show } from './mismatch.ts';

/**
 * Where a value differs from what is expected of it. An object may have more keys than expected; a list must have the same
 * length, and each of its items is compared in the same way.
 */
export function differences(expected: unknown, actual: unknown, path: string): readonly Mismatch[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [{ what: path, expected: show(expected), actual: show(actual) }];
    if (actual.length !== expected.length) {
      return [{ what: path, expected: items(expected.length), actual: `${items(actual.length)}: ${show(actual)}` }];
    }
    return expected.flatMap((item, index) => differences(item, actual[index], below(path, index)));
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return [{ what: path, expected: show(expected), actual: show(actual) }];
    return Object.entries(expected).flatMap(([key, value]) =>
      Object.hasOwn(actual, key)
        ? differences(value, actual[key], below(path, key))
        : [{ what: below(path, key), expected: show(value), actual: 'nothing' }],
    );
  }
  return isDeepStrictEqual(expected, actual) ? [] : [{ what: path, expected: show(expected), actual: show(actual) }];
}

function items(count: number): string {
  return `a list of ${count} ${count === 1 ? 'item' : 'items'}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
