import { types } from 'node:util';
import type { Segment } from '../contract/snapshot.ts';
import { decodeSegment } from './segment.ts';

const decoded = new WeakMap<Segment, unknown>();

/**
 * Decodes a segment once a thread and freezes it to its depths, contents of Map and Set included: for the `config`
 * that all steps of a run share. Typed arrays cannot be frozen; those of one thread share what is written to them.
 */
export function decodeFrozen(segment: Segment): unknown {
  if (decoded.has(segment)) return decoded.get(segment);
  const value = decodeSegment(segment);
  freezeAll(value);
  decoded.set(segment, value);
  return value;
}

/** Without recursion, so that no depth is too much. */
function freezeAll(value: unknown): void {
  const open: unknown[] = [value];
  const seen = new Set<unknown>();
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || seen.has(part)) continue;
    seen.add(part);
    if (types.isMap(part)) {
      for (const entry of part) open.push(...entry);
      lock(part, ['set', 'delete', 'clear']);
    } else if (types.isSet(part)) {
      open.push(...part);
      lock(part, ['add', 'delete', 'clear']);
    } else if (types.isDate(part)) {
      lock(part, dateSetters);
    }
    for (const key of Object.keys(part)) open.push(Reflect.get(part, key));
    Object.freeze(part);
  }
}

const dateSetters = Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set'));

/** Freezing an object does not freeze what its methods change. */
function lock(value: object, methods: readonly string[]): void {
  for (const name of methods) {
    Object.defineProperty(value, name, {
      enumerable: false,
      value: () => {
        throw new TypeError(`Cannot call ${name}: the configuration is read-only.`);
      },
    });
  }
}
