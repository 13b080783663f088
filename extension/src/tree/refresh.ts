/** Time, handed in so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since any moment. */
  now(): number;
  /** Calls back once; returns what calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Collects what a view has to show anew, and says so at a pace that the view can follow. */
export interface RefreshScheduler<Key> {
  mark(keys: Iterable<Key>): void;
  /** Everything, rows that came and went included. */
  markAll(): void;
  /** Nothing is said while the view is hidden; what gathered meanwhile is said when it is shown. */
  setVisible(isVisible: boolean): void;
  dispose(): void;
}

/**
 * The least time between two refreshes, in milliseconds. The editor waits until a tree has been quiet for 200 ms before it
 * draws: refreshing faster than that starves it.
 */
const leastInterval = 250;
/** What a row costs that the editor asked for because of a refresh, in milliseconds of waiting. */
const perRow = 0.2;
const greatestInterval = 4000;

/**
 * `fire` gets the marked keys, or `undefined` for everything. `takeRows` tells how many rows the editor has asked for since
 * it was called last: after a costly refresh the next one waits longer, so that a view of 10,000 rows does not eat the editor.
 */
export function createRefreshScheduler<Key>(
  clock: Clock,
  fire: (keys: ReadonlySet<Key> | undefined) => void,
  takeRows: () => number = () => 0,
): RefreshScheduler<Key> {
  let dirty = new Set<Key>();
  let all = false;
  let visible = true;
  let disposed = false;
  let firedAt = Number.NEGATIVE_INFINITY;
  let rows = 0;
  let callOff: (() => void) | undefined;

  function schedule(): void {
    if (callOff !== undefined || !visible || disposed || (!all && dirty.size === 0)) return;
    const wait = Math.max(0, firedAt + leastInterval - clock.now());
    callOff = clock.after(wait, () => {
      callOff = undefined;
      rows += takeRows();
      const due = firedAt + Math.min(greatestInterval, Math.max(leastInterval, rows * perRow));
      if (clock.now() < due) {
        callOff = clock.after(due - clock.now(), flush);
        return;
      }
      flush();
    });
  }

  function flush(): void {
    callOff = undefined;
    const keys = all ? undefined : dirty;
    dirty = new Set();
    all = false;
    rows = 0;
    takeRows();
    firedAt = clock.now();
    fire(keys);
  }

  return {
    mark(keys) {
      if (!all) for (const key of keys) dirty.add(key);
      schedule();
    },
    markAll() {
      all = true;
      dirty = new Set();
      schedule();
    },
    setVisible(isVisible) {
      visible = isVisible;
      if (!isVisible) {
        callOff?.();
        callOff = undefined;
      }
      schedule();
    },
    dispose() {
      disposed = true;
      callOff?.();
    },
  };
}

/**
 * The deepest key that has all of the keys at or below it, or `undefined` where they have none in common.
 * With more dirty rows than that, one refresh of it is cheaper for the editor than one of each.
 */
export function commonAncestor<Key>(keys: Iterable<Key>, parentOf: (key: Key) => Key | undefined): Key | undefined {
  let common: readonly Key[] | undefined;
  for (const key of keys) {
    const path: Key[] = [];
    for (let at: Key | undefined = key; at !== undefined; at = parentOf(at)) path.unshift(at);
    if (common === undefined) {
      common = path;
      continue;
    }
    const before: readonly Key[] = common;
    const split = before.findIndex((part, index) => part !== path[index]);
    if (split !== -1) common = before.slice(0, split);
    if (common.length === 0) return undefined;
  }
  return common?.at(-1);
}
