import type { Conflict } from '../contract/events.ts';
import type { Change, Patch, Snapshot } from '../contract/snapshot.ts';
import { absent, mergeValue, type Version } from './merge-value.ts';
import { childPath } from './path.ts';
import { decodeSegment, encodeSegment, sameSegment } from './segment.ts';
import { lookup } from './snapshot.ts';

/** The changes of patches that follow each other, as one: adding one costs what is in it, however many there were. */
export class PatchChain {
  private readonly changes = new Map<string, Change>();
  private readonly reads = new Set<string>();

  add(patch: Patch): void {
    for (const [key, change] of patch.changes) {
      // A key that is deleted and set again comes last.
      if (this.changes.get(key)?.kind === 'delete') this.changes.delete(key);
      this.changes.set(key, change);
    }
    for (const key of patch.reads) this.reads.add(key);
  }

  /** All of them; to be asked for once they have all been added. */
  get patch(): Patch {
    return { changes: this.changes, reads: [...this.reads] };
  }
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
