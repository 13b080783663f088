import type { Lane } from './lane.ts';
import type { Blob } from './protocol.ts';

/** Gives blobs their ids and decides which of them have to travel with a task. */
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

  /**
   * The blobs to send along. tinypool chooses the thread, so this is a guess: a blob is left out once more threads
   * know it than are busy. A thread that lacks one after all says so.
   */
  toSend(needed: readonly (readonly [number, Blob])[], lanes: ReadonlySet<Lane>, busy: number): (readonly [number, Blob])[] {
    return needed.filter(([id]) => {
      let knowing = 0;
      for (const lane of lanes) if (lane.known.has(id)) knowing += 1;
      return knowing <= busy && knowing < Math.max(1, lanes.size);
    });
  }
}
