import type { Conflict } from '../contract/events.ts';
import type { Change, Patch, Snapshot } from '../contract/snapshot.ts';
import { absent, mergeValue, type Version } from './merge-value.ts';
import { childPath } from './path.ts';
import { decodeSegment, encodeSegment, sameSegment } from './segment.ts';
import { lookup } from './snapshot.ts';

/** The changes of two patches that follow each other. */
export function composePatches(first: Patch, second: Patch): Patch {
  if (first.changes.size === 0 && first.reads.length === 0) return second;
  if (second.changes.size === 0 && second.reads.length === 0) return first;
  const changes = new Map(first.changes);
  for (const [key, change] of second.changes) {
    // A key that is deleted and set again comes last.
    if (changes.get(key)?.kind === 'delete') changes.delete(key);
    changes.set(key, change);
  }
  return { changes, reads: [...new Set([...first.reads, ...second.reads])] };
}

/** What siblings changed, merged in the order given; see the semantics of groups. */
export function mergeBranches(
  base: Snapshot,
  branches: readonly Patch[],
): { readonly patch: Patch; readonly conflicts: readonly Conflict[] } {
  const byKey = new Map<string, [Change, ...Change[]]>();
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
    const change = changes.length === 1 ? changes[0] : mergeKey(base, key, changes, conflicts);
    if (change !== undefined) merged.set(key, change);
  }
  return { patch: { changes: merged, reads: [...new Set(branches.flatMap(({ reads }) => reads))] }, conflicts };
}

/** Undefined where the changes cancel each other out. */
function mergeKey(base: Snapshot, key: string, changes: readonly [Change, ...Change[]], conflicts: Conflict[]): Change | undefined {
  const before = lookup(base, key);
  const last = changes.at(-1) ?? changes[0];
  const { stepId } = last;
  const path = childPath('results', key);
  const found: Conflict[] = [];
  let value: unknown;
  try {
    const versions = changes.map((change): Version => ({
      stepId: change.stepId,
      value: change.kind === 'delete' ? absent : decodeSegment(change.segment),
    }));
    value = mergeValue(before === undefined ? absent : decodeSegment(before), versions, path, found);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    // Nested too deeply to be compared: the values count as a whole.
    conflicts.push({ path, stepIds: [...new Set(changes.map((change) => change.stepId))], kept: stepId });
    return last;
  }
  conflicts.push(...found);
  if (value === absent) return before === undefined ? undefined : { kind: 'delete', stepId };
  const segment = encodeSegment(value, path);
  return before !== undefined && sameSegment(before, segment) ? undefined : { kind: 'set', segment, stepId };
}
