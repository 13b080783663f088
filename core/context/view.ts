import { inspect } from 'node:util';
import { TreadleError } from '../contract/errors.ts';
import type { Results } from '../contract/context.ts';
import type { Change, Patch, Segment, Snapshot } from '../contract/snapshot.ts';
import { isStill } from './pristine.ts';
import { decodeSegment, encodeSegment, sameSegment } from './segment.ts';
import { define, lookup, snapshotKeys } from './snapshot.ts';

/** A step's own view of the results. */
export interface ResultsView {
  /** An ordinary object; a key is decoded when it is first touched. */
  readonly results: Results;
  /** Puts another object in its place: `context.results = {…}`. */
  replace(value: unknown): void;
  /** What changed, relative to the snapshot. Throws `E_UNSERIALISABLE` for values that are not data. */
  collect(stepId: string): Patch;
}

/** Opens a view of a snapshot; nothing is decoded yet. */
export function openView(snapshot: Snapshot): ResultsView {
  return new View(snapshot);
}

class View implements ResultsView {
  private readonly snapshot: Snapshot;
  private readonly read = new Set<string>();
  private built: Results | undefined;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  get results(): Results {
    return (this.built ??= this.build());
  }

  replace(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new TreadleError('E_UNSERIALISABLE', 'context.results must be an object.', {
        hint: 'Set keys of it: context.results.name = value.',
      });
    }
    const replacement: Results = {};
    for (const key of Object.keys(value)) define(replacement, key, Reflect.get(value, key));
    this.built = replacement;
  }

  collect(stepId: string): Patch {
    const changes = new Map<string, Change>();
    const { built } = this;
    if (built !== undefined) {
      const before = new Set(snapshotKeys(this.snapshot));
      for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(built))) {
        if (!descriptor.enumerable) continue;
        // An accessor that is still in place was never touched.
        const untouched = before.delete(key) && isLazy(descriptor);
        if (!untouched) this.collectKey(key, Reflect.get(built, key), stepId, changes);
      }
      for (const key of before) changes.set(key, { kind: 'delete', stepId });
    }
    return { changes, reads: [...this.read] };
  }

  private collectKey(key: string, value: unknown, stepId: string, changes: Map<string, Change>): void {
    const original = lookup(this.snapshot, key);
    if (original !== undefined && isStill(original, value)) return;
    const path = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `results.${key}` : `results[${JSON.stringify(key)}]`;
    const segment = encodeSegment(value, path);
    if (original === undefined || !sameSegment(original, segment)) changes.set(key, { kind: 'set', segment, stepId });
  }

  private build(): Results {
    const results: Results = {};
    for (const key of snapshotKeys(this.snapshot)) {
      const segment = lookup(this.snapshot, key);
      if (segment !== undefined) this.defineLazy(results, key, segment);
    }
    // Without this, console.log would show accessors in place of values.
    Object.defineProperty(results, inspect.custom, {
      enumerable: false,
      configurable: true,
      writable: true,
      value: () => Object.fromEntries(Object.entries(results)),
    });
    return results;
  }

  private defineLazy(results: Results, key: string, segment: Segment): void {
    const get = (): unknown => {
      const value = decodeSegment(segment);
      this.read.add(key);
      define(results, key, value);
      return value;
    };
    lazyGetters.add(get);
    Object.defineProperty(results, key, {
      enumerable: true,
      configurable: true,
      get,
      set: (value: unknown) => {
        define(results, key, value);
      },
    });
  }
}

/** Accessors of our own, which differ from those that a step may define. */
const lazyGetters = new WeakSet<() => unknown>();

function isLazy(descriptor: PropertyDescriptor): boolean {
  return descriptor.get !== undefined && lazyGetters.has(descriptor.get);
}
