/** Does work in order, a slice at a time, so that the editor can do something else in between. */
export interface ChunkedQueue {
  add(work: () => void): void;
  /** Drops what has not been done. */
  dispose(): void;
}

/** How long a slice may take, in milliseconds. */
const sliceMs = 8;

/**
 * @param later - calls back once, as soon as something else had its turn
 * @param now - milliseconds since any moment
 */
export function createChunkedQueue(
  later: (callback: () => void) => void = setImmediate,
  now: () => number = () => performance.now(),
): ChunkedQueue {
  let waiting: (() => void)[] = [];
  let next = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    later(drain);
  }

  function drain(): void {
    scheduled = false;
    const end = now() + sliceMs;
    try {
      do {
        const work = waiting[next];
        if (work === undefined) break;
        next += 1;
        work();
      } while (now() < end);
    } finally {
      if (next < waiting.length) schedule();
      else {
        waiting = [];
        next = 0;
      }
    }
  }

  return {
    add(work) {
      waiting.push(work);
      schedule();
    },
    dispose() {
      waiting = [];
      next = 0;
    },
  };
}
