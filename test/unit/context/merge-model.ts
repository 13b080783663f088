import type { Conflict } from '../../../core/contract/events.ts';

/** Plain JSON, where undefined says that a key is not there. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The rules for merging, written for reading only: all values at once, on whole copies. Siblings are called s0, s1, …
 */
export function modelMerge(before: Json, after: readonly Json[]): { readonly value: Json | undefined; readonly conflicts: Conflict[] } {
  const conflicts: Conflict[] = [];
  return { value: merge(before, after, 'results', conflicts), conflicts };
}

function merge(before: Json | undefined, after: readonly (Json | undefined)[], path: string, conflicts: Conflict[]): Json | undefined {
  const who = after.flatMap((value, sibling) => (text(value) === text(before) ? [] : [sibling]));
  const changed = who.map((sibling) => after[sibling]);
  const last = changed.at(-1);
  if (changed.length === 0) return before;
  if (changed.length === 1) return last;
  const versions = [before, ...changed];
  if (changed.every((value) => typeof value === 'number') && (before === undefined || typeof before === 'number')) {
    let total = before ?? 0;
    for (const value of changed) total += value - (before ?? 0);
    return total;
  }
  if (changed.every((value) => Array.isArray(value)) && (before === undefined || Array.isArray(before))) {
    const start = before ?? [];
    if (changed.every((value) => text(value.slice(0, start.length)) === text(start) && value.length >= start.length)) {
      return changed.reduce((list, value) => [...list, ...value.slice(start.length)], start);
    }
  }
  if (versions.every((value, index) => isObject(value) || (index === 0 && value === undefined))) {
    const merged: { [key: string]: Json } = {};
    for (const key of new Set(versions.flatMap((value) => Object.keys(value ?? {})))) {
      // Those that did not change the object have not changed the key.
      const parts = after.map((value) => (text(value) === text(before) ? at(before, key) : at(value, key)));
      const value = merge(at(before, key), parts, `${path}.${key}`, conflicts);
      if (value !== undefined) merged[key] = value;
    }
    return merged;
  }
  if (changed.some((value) => text(value) !== text(last))) {
    conflicts.push({ path, stepIds: who.map((sibling) => `s${sibling}`), kept: `s${who.at(-1)}` });
  }
  return last;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) ? value[key] : undefined;
}

/** The same text for the same value, whatever the order of keys. */
function text(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}:${text(part)}`)
    .sort()
    .join()}}`;
}
