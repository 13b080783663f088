import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A step on the way to a value: a property or an index. */
export type Key = string | number;

export function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): Key {
  const key = typeof segment === 'object' ? segment.key : segment;
  return typeof key === 'symbol' ? String(key) : key;
}

/** As it is written in code: `.expect.status[0]`. */
export function showPath(path: readonly Key[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`))
    .join('');
}
