import { inspect } from 'node:util';

/** From here on it is quicker to ask for the names alone. */
const longList = 200;
const namesOnly = { depth: 0, maxArrayLength: 0, maxStringLength: 0 };

/**
 * Whether a list without holes also has named properties, as the result of a match does: JSON would drop them.
 * The keys of a list name every index, which takes longer than encoding it; `inspect` is the one public way to
 * names without indexes.
 */
export function hasNames(list: readonly unknown[]): boolean {
  if (list.length < longList) return Object.keys(list).length !== list.length;
  return !inspect(list, namesOnly).endsWith(' more items ]');
}
