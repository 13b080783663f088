import type { Blob } from './protocol.ts';

/** Values that a thread has seen, by id; the least recently used go first. */
export class BlobCache {
  private readonly blobs = new Map<number, Blob>();
  private readonly limit: number;

  constructor(limit = 512) {
    this.limit = limit;
  }

  keep(blobs: readonly (readonly [number, Blob])[]): void {
    // One that is known already stays the same object: what was decoded of it is kept by identity.
    for (const [id, blob] of blobs) if (!this.blobs.has(id)) this.blobs.set(id, blob);
    for (const id of this.blobs.keys()) {
      if (this.blobs.size <= this.limit) break;
      this.blobs.delete(id);
    }
  }

  hasAll(ids: readonly number[]): boolean {
    return ids.every((id) => this.blobs.has(id));
  }

  /** Must be there: ask {@link hasAll} first. The caller knows what it stored under the id. */
  get<T extends Blob>(id: number): T {
    const blob = this.blobs.get(id);
    this.blobs.delete(id);
    this.blobs.set(id, blob as T);
    return blob as T;
  }
}
