import { isDeepStrictEqual } from 'node:util';
import type { Conflict } from '../contract/events.ts';
import { childPath } from './path.ts';
import { define } from './snapshot.ts';

/** Stands for a key that is not there. */
export const absent = Symbol('absent');

/** What one of the siblings left at a path. */
export interface Version {
  /** {@link absent} where it deleted the key. */
  readonly value: unknown;
  readonly stepId: string;
}

interface Plain {
  readonly [key: string]: unknown;
}

/**
 * Merges what siblings left at one path, three-way, in their order: numbers by their differences, lists by what was
 * appended, plain objects key by key; else the last one stays, and the path is noted as a conflict where they differ.
 */
export function mergeValue(before: unknown, versions: readonly Version[], path: string, conflicts: Conflict[]): unknown {
  return merge(before, versions, path, conflicts, new Set());
}

/** `open` holds the objects being merged above: values may be cyclic. */
function merge(before: unknown, all: readonly Version[], path: string, conflicts: Conflict[], open: Set<unknown>): unknown {
  // Those that left it as it was have no say.
  const versions = all.filter(({ value }) => !isDeepStrictEqual(value, before));
  const [first] = versions;
  const last = versions.at(-1);
  if (first === undefined || last === undefined) return before;
  if (first === last) return first.value;
  const values = versions.map(({ value }) => value);
  if (values.every(isNumber) && (isNumber(before) || before === absent)) {
    const start = isNumber(before) ? before : 0;
    return values.reduce((sum, value) => sum + (value - start), start);
  }
  if (values.every(isList) && (isList(before) || before === absent)) {
    const start = isList(before) ? before : [];
    if (values.every((value) => startsWith(value, start))) return start.concat(...values.map((value) => value.slice(start.length)));
  } else if (values.every(isPlain) && (isPlain(before) || before === absent) && !open.has(first.value)) {
    open.add(first.value);
    const merged = mergeObjects(isPlain(before) ? before : {}, versions, path, conflicts, open);
    open.delete(first.value);
    return merged;
  }
  if (!values.every((value) => isDeepStrictEqual(value, first.value))) {
    conflicts.push({ path, stepIds: [...new Set(versions.map(({ stepId }) => stepId))], kept: last.stepId });
  }
  return last.value;
}

function mergeObjects(before: Plain, versions: readonly Version[], path: string, conflicts: Conflict[], open: Set<unknown>): Plain {
  const keys = new Set(Object.keys(before));
  for (const { value } of versions) if (isPlain(value)) for (const key of Object.keys(value)) keys.add(key);
  const merged: Plain = {};
  for (const key of keys) {
    const parts = versions.map(({ value, stepId }) => ({ value: isPlain(value) ? own(value, key) : absent, stepId }));
    const value = merge(own(before, key), parts, childPath(path, key), conflicts, open);
    if (value !== absent) define(merged, key, value);
  }
  return merged;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** A list without named properties, which come last among the keys. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && /^\d*$/.test(Object.keys(value).at(-1) ?? '');
}

function isPlain(value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function own(object: Plain, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : absent;
}

function startsWith(value: readonly unknown[], start: readonly unknown[]): boolean {
  return value.length >= start.length && start.every((part, index) => isDeepStrictEqual(part, value[index]));
}
