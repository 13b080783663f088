import type { Blob } from './protocol.ts';

/** Values that a thread has seen, by id; the least recently used go first. */
export class BlobCache {
  private readonly blobs = new Map<number, Blob>();
  private readonly limit: number;

  constructor(limit = 512) {
    this.limit = limit;
  }

  keep(blobs: readonly (readonly [number, Blob])[]): void {
    for (const [id, blob] of blobs) this.blobs.set(id, blob);
    for (const id of this.blobs.keys()) {
      if (this.blobs.size <= this.limit) break;
      this.blobs.delete(id);
    }
  }

  missing(ids: readonly number[]): number[] {
    return ids.filter((id) => !this.blobs.has(id));
  }

  /** Must be there: ask {@link missing} first. The caller knows what it stored under the id. */
  get<T extends Blob>(id: number): T {
    const blob = this.blobs.get(id);
    this.blobs.delete(id);
    this.blobs.set(id, blob as T);
    return blob as T;
  }
}
