import { isDeepStrictEqual } from 'node:util';
import type { Conflict } from '../contract/events.ts';
import type { Change, Patch, Snapshot } from '../contract/snapshot.ts';
import { decodeSegment, encodeSegment } from './segment.ts';
import { define, lookup } from './snapshot.ts';

/** The changes of two patches that follow each other. */
export function composePatches(first: Patch, second: Patch): Patch {
  if (first.changes.size === 0 && first.reads.length === 0) return second;
  if (second.changes.size === 0 && second.reads.length === 0) return first;
  return { changes: new Map([...first.changes, ...second.changes]), reads: [...new Set([...first.reads, ...second.reads])] };
}

/** What siblings changed, merged in the order given; see the semantics of groups. */
export function mergeBranches(
  base: Snapshot,
  branches: readonly Patch[],
): { readonly patch: Patch; readonly conflicts: readonly Conflict[] } {
  const byKey = new Map<string, Change[]>();
  for (const { changes } of branches) {
    for (const [key, change] of changes) {
      const list = byKey.get(key);
      if (list === undefined) byKey.set(key, [change]);
      else list.push(change);
    }
  }
  const merged = new Map<string, Change>();
  const conflicts: Conflict[] = [];
  for (const [key, changes] of byKey) {
    const [only, ...others] = changes;
    if (only !== undefined && others.length === 0) merged.set(key, only);
    else merged.set(key, mergeKey(base, key, changes, conflicts));
  }
  return { patch: { changes: merged, reads: [...new Set(branches.flatMap(({ reads }) => reads))] }, conflicts };
}

const absent = Symbol('absent');
type Value = unknown;

interface Version {
  readonly value: Value;
  readonly stepId: string;
}

function mergeKey(base: Snapshot, key: string, changes: readonly Change[], conflicts: Conflict[]): Change {
  const segment = lookup(base, key);
  const before: Value = segment === undefined ? absent : decodeSegment(segment);
  const versions = changes.map((change): Version => ({
    stepId: change.stepId,
    value: change.kind === 'delete' ? absent : decodeSegment(change.segment),
  }));
  const path = `results${step(key)}`;
  const value = mergeValue(before, versions, path, conflicts);
  const stepId = changes.at(-1)?.stepId ?? '';
  return value === absent ? { kind: 'delete', stepId } : { kind: 'set', segment: encodeSegment(value, path), stepId };
}

/** Merges versions of one value; those that did not change it have no say. */
function mergeValue(before: Value, all: readonly Version[], path: string, conflicts: Conflict[]): Value {
  const versions = all.filter(({ value }) => !isDeepStrictEqual(value, before));
  const [first] = versions;
  const last = versions.at(-1);
  if (first === undefined || last === undefined) return before;
  if (versions.length === 1) return first.value;
  const values = versions.map(({ value }) => value);
  if (values.every((value) => typeof value === 'number') && (typeof before === 'number' || before === absent)) {
    const start = typeof before === 'number' ? before : 0;
    return values.reduce((sum, value) => sum + (value - start), start);
  }
  if (values.every((value) => Array.isArray(value)) && (Array.isArray(before) || before === absent)) {
    const start: readonly unknown[] = Array.isArray(before) ? before : [];
    if (values.every((value) => startsWith(value, start))) return [...start, ...values.flatMap((value) => value.slice(start.length))];
  } else if (values.every(isPlain) && (isPlain(before) || before === absent)) {
    return mergeObjects(isPlain(before) ? before : {}, versions, path, conflicts);
  }
  if (!values.every((value) => isDeepStrictEqual(value, first.value))) {
    conflicts.push({ path, stepIds: [...new Set(versions.map(({ stepId }) => stepId))], kept: last.stepId });
  }
  return last.value;
}

function mergeObjects(before: Plain, versions: readonly Version[], path: string, conflicts: Conflict[]): Plain {
  const keys = new Set(Object.keys(before));
  for (const { value } of versions) if (isPlain(value)) for (const key of Object.keys(value)) keys.add(key);
  const merged: Plain = {};
  for (const key of keys) {
    const parts = versions.map(({ value, stepId }) => ({ value: isPlain(value) ? own(value, key) : absent, stepId }));
    const value = mergeValue(own(before, key), parts, `${path}${step(key)}`, conflicts);
    if (value !== absent) define(merged, key, value);
  }
  return merged;
}

interface Plain {
  readonly [key: string]: unknown;
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

function step(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
