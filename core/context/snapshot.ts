import type { Layer, Patch, Segment, Snapshot } from '../contract/snapshot.ts';
import { decodeSegment, encodeSegment } from './segment.ts';

let layers = 0;

function newLayer(entries: ReadonlyMap<string, Segment | null>): Layer {
  layers += 1;
  return { id: layers, entries };
}

/** A snapshot without any keys. */
export const emptySnapshot: Snapshot = { layers: [] };

/** Encodes plain values. Throws `E_UNSERIALISABLE` with the path of what is not data. */
export function snapshotFrom(values: { readonly [key: string]: unknown }, path = 'results'): Snapshot {
  const entries = new Map(Object.entries(values).map(([key, value]) => [key, encodeSegment(value, `${path}.${key}`)]));
  return entries.size === 0 ? emptySnapshot : { layers: [newLayer(entries)] };
}

/**
 * The snapshot with a patch applied. Layers are merged as they reach the size of the one below, as a log-structured
 * merge tree does: n patches cost O(n log n), and a snapshot has O(log n) layers.
 */
export function applyPatch(snapshot: Snapshot, patch: Patch): Snapshot {
  if (patch.changes.size === 0) return snapshot;
  const entries = new Map<string, Segment | null>();
  for (const [key, change] of patch.changes) entries.set(key, change.kind === 'set' ? change.segment : null);
  const stack = [...snapshot.layers];
  let top: ReadonlyMap<string, Segment | null> = entries;
  for (let below = stack.at(-1); below !== undefined && below.entries.size <= top.size * 2; below = stack.at(-1)) {
    stack.pop();
    top = overlay(below.entries, top, stack.length === 0);
  }
  if (stack.length === 0) top = overlay(new Map(), top, true);
  return { layers: top.size === 0 ? stack : [...stack, newLayer(top)] };
}

/** A deleted key that is set again moves to the end, as on a plain object. */
function overlay(
  below: ReadonlyMap<string, Segment | null>,
  above: ReadonlyMap<string, Segment | null>,
  lowest: boolean,
): ReadonlyMap<string, Segment | null> {
  const merged = new Map(below);
  for (const [key, segment] of above) {
    if (segment === null) {
      merged.delete(key);
      if (!lowest) merged.set(key, null);
    } else if (merged.get(key) === null) {
      merged.delete(key);
      merged.set(key, segment);
    } else merged.set(key, segment);
  }
  return merged;
}

/** The segment of a key. */
export function lookup(snapshot: Snapshot, key: string): Segment | undefined {
  for (let index = snapshot.layers.length - 1; index >= 0; index -= 1) {
    const found = snapshot.layers[index]?.entries.get(key);
    if (found !== undefined) return found ?? undefined;
  }
  return undefined;
}

/** The keys, in the order in which they were first set. */
export function snapshotKeys(snapshot: Snapshot): string[] {
  const [only, ...more] = snapshot.layers;
  if (only === undefined) return [];
  if (more.length === 0) return [...only.entries.keys()];
  const keys = new Set<string>();
  for (const { entries } of snapshot.layers) {
    for (const [key, segment] of entries) {
      if (segment === null) keys.delete(key);
      else keys.add(key);
    }
  }
  return [...keys];
}

/** All values, decoded into a plain object. */
export function materialise(snapshot: Snapshot): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of snapshotKeys(snapshot)) {
    const segment = lookup(snapshot, key);
    if (segment !== undefined) define(values, key, decodeSegment(segment));
  }
  return values;
}

/** Sets an own property, whatever its name: `__proto__` is a key like any other. */
export function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
