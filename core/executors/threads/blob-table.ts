import type { Blob } from './protocol.ts';

/** Gives blobs the ids that they travel under. */
export class BlobTable {
  private readonly ids = new WeakMap<Blob, number>();
  private next = 1;

  idOf(blob: Blob): number {
    let id = this.ids.get(blob);
    if (id === undefined) {
      id = this.next;
      this.next += 1;
      this.ids.set(blob, id);
    }
    return id;
  }
}
