import type { NodeKey } from './records.ts';

/** Kept of one step, in UTF-16 units. */
export const outputPerStep = 1024 * 1024;
/** Kept of all steps together; beyond it, what was quiet for longest goes first. */
const outputInAll = 64 * outputPerStep;
/** Small writes are joined up to this length. */
const chunkLength = 64 * 1024;

interface Ring {
  readonly chunks: string[];
  length: number;
}

/** The end of what each step wrote. */
export class OutputRings {
  /** In the order of their last write. */
  private readonly rings = new Map<NodeKey, Ring>();
  private length = 0;

  add(key: NodeKey, text: string): void {
    const ring = this.rings.get(key) ?? { chunks: [], length: 0 };
    this.rings.delete(key);
    this.rings.set(key, ring);
    const last = ring.chunks.at(-1);
    if (last !== undefined && last.length + text.length <= chunkLength) ring.chunks[ring.chunks.length - 1] = last + text;
    else ring.chunks.push(text);
    this.grow(ring, text.length);
    for (let surplus = ring.length - outputPerStep; surplus > 0; surplus = ring.length - outputPerStep) this.cut(ring, surplus);
    for (const [other] of this.rings) {
      if (this.length <= outputInAll || other === key) break;
      this.clear(other);
    }
  }

  read(key: NodeKey): string {
    return this.rings.get(key)?.chunks.join('') ?? '';
  }

  clear(key: NodeKey): void {
    this.length -= this.rings.get(key)?.length ?? 0;
    this.rings.delete(key);
  }

  private cut(ring: Ring, surplus: number): void {
    const first = ring.chunks[0] ?? '';
    if (first.length > surplus) ring.chunks[0] = first.slice(surplus);
    else ring.chunks.shift();
    this.grow(ring, -Math.min(first.length, surplus));
  }

  private grow(ring: Ring, by: number): void {
    ring.length += by;
    this.length += by;
  }
}
