import { hasNames } from './list-names.ts';
import { depthLimit } from './refusal.ts';

/** A value with more containers than this may be a small one whose parts are shared exponentially often. */
const containerLimit = 20_000_000;

let containers = 0;

/**
 * Whether JSON says all of a value: plain objects, lists without holes, strings, booleans, null and finite numbers
 * other than -0. It visits everything that a step leaves, so it does nothing else; `findRefused` says why not.
 */
export function isJsonShaped(value: unknown): boolean {
  containers = 0;
  return visit(value, 0);
}

function visit(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || visitContainer(value, depth + 1);
    default:
      return false;
  }
}

function visitContainer(value: object, depth: number): boolean {
  containers += 1;
  if (depth > depthLimit || containers > containerLimit) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype) return false;
    // A hole reads as undefined, which is refused like any other.
    for (let index = 0; index < value.length; index += 1) if (!visit(value[index], depth)) return false;
    return !hasNames(value);
  }
  if (prototype !== Object.prototype && prototype !== null) return false;
  // The cast only names what any object allows: reading a property.
  const object = value as { readonly [key: string]: unknown };
  // JSON.stringify would call it even where it is not enumerable.
  if (typeof object['toJSON'] === 'function') return false;
  // oxlint-disable-next-line guard-for-in -- inherited properties only make the answer more careful
  for (const key in object) if (!visit(object[key], depth)) return false;
  return true;
}
