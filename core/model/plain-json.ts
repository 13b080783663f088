import type { JsonValue } from '../contract/json.ts';

/** A copy of a value that JSON can say as it is; `undefined` for any other. Properties that are `undefined` are left out. */
export function plainJson(value: unknown, enclosing: readonly object[] = []): JsonValue | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  // JSON has no minus zero.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : undefined;
  if (typeof value !== 'object' || enclosing.includes(value)) return undefined;
  const path = [...enclosing, value];
  if (Array.isArray(value)) return plainList(value, path);
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? plainObject(value, path) : undefined;
}

function plainList(list: readonly unknown[], path: readonly object[]): JsonValue | undefined {
  const items: JsonValue[] = [];
  for (const item of list) {
    const plain = plainJson(item, path);
    if (plain === undefined) return undefined;
    items.push(plain);
  }
  return items;
}

function plainObject(object: object, path: readonly object[]): JsonValue | undefined {
  const entries: [string, JsonValue][] = [];
  for (const [key, item] of Object.entries(object)) {
    if (item === undefined) continue;
    const plain = plainJson(item, path);
    if (plain === undefined) return undefined;
    entries.push([key, plain]);
  }
  // fromEntries, so that a key such as __proto__ stays a key.
  return Object.fromEntries(entries);
}
