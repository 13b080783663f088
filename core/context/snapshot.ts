import type { Layer, Patch, Segment, Snapshot } from '../contract/snapshot.ts';
import { childPath } from './path.ts';
import { decodeSegment, encodeSegment } from './segment.ts';

/** A layer before it has its id. */
type Content = Omit<Layer, 'id'>;

let layers = 0;

function newLayer(content: Content): Layer {
  layers += 1;
  return { id: layers, ...content };
}

/** A snapshot without any keys. */
export const emptySnapshot: Snapshot = { layers: [] };

/** Encodes plain values. Throws `E_UNSERIALISABLE` with the path of what is not data. */
export function snapshotFrom(values: { readonly [key: string]: unknown }, path = 'results'): Snapshot {
  const entries = new Map(Object.entries(values).map(([key, value]) => [key, encodeSegment(value, childPath(path, key))]));
  return entries.size === 0 ? emptySnapshot : { layers: [newLayer({ entries })] };
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
  let top: Content = { entries };
  for (let below = stack.at(-1); below !== undefined && below.entries.size <= top.entries.size * 2; below = stack.at(-1)) {
    stack.pop();
    top = overlay(below, top);
  }
  if (stack.length === 0) top = { entries: new Map([...top.entries].filter(([, segment]) => segment !== null)) };
  return { layers: top.entries.size === 0 ? stack : [...stack, newLayer(top)] };
}

/** Two layers as one. A deleted key that is set again goes to the end, as on a plain object. */
function overlay(below: Content, above: Content): Content {
  const entries = new Map(below.entries);
  const moved = new Set(below.moved);
  for (const [key, segment] of above.entries) {
    const again = segment !== null && (above.moved?.has(key) === true || entries.get(key) === null);
    // The layers further down may hold the key at a place of its own.
    if (again) moved.add(key);
    else if (segment === null) moved.delete(key);
    if (again || segment === null) entries.delete(key);
    entries.set(key, segment);
  }
  return moved.size === 0 ? { entries } : { entries, moved };
}

/** The segment of a key. */
export function lookup(snapshot: Snapshot, key: string): Segment | undefined {
  for (let index = snapshot.layers.length - 1; index >= 0; index -= 1) {
    const found = snapshot.layers[index]?.entries.get(key);
    if (found !== undefined) return found ?? undefined;
  }
  return undefined;
}

/** The keys, in the order in which they were set. */
export function snapshotKeys(snapshot: Snapshot): string[] {
  return [...segments(snapshot).keys()];
}

/** All keys with their segments, in the order in which they were set. */
export function segments(snapshot: Snapshot): ReadonlyMap<string, Segment> {
  const found = new Map<string, Segment>();
  for (const { entries, moved } of snapshot.layers) {
    for (const [key, segment] of entries) {
      if (segment === null || moved?.has(key) === true) found.delete(key);
      if (segment !== null) found.set(key, segment);
    }
  }
  return found;
}

/** How many keys the layers of a snapshot hold; those held twice count twice. */
export function sizeOf(snapshot: Snapshot): number {
  return snapshot.layers.reduce((sum, { entries }) => sum + entries.size, 0);
}

/** How much its values take as they are encoded: bytes, or characters where they are kept as text. */
export function encodedSize(snapshot: Snapshot): number {
  let size = 0;
  for (const segment of segments(snapshot).values()) size += segment.encoding === 'json' ? segment.text.length : segment.bytes.byteLength;
  return size;
}

/** All values, decoded into a plain object. */
export function materialise(snapshot: Snapshot): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, segment] of segments(snapshot)) define(values, key, decodeSegment(segment));
  return values;
}

/** Sets an own property, whatever its name: `__proto__` is a key like any other. Throws `TypeError` on a frozen object. */
export function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
