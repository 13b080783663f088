import { inspect } from 'node:util';
import { TreadleError } from '../contract/errors.ts';
import type { Results } from '../contract/context.ts';
import type { Change, Patch, Segment, Snapshot } from '../contract/snapshot.ts';
import { manyKeys } from './many-keys.ts';
import { childPath } from './path.ts';
import { isStill } from './pristine.ts';
import { decodeSegment, encodeSegment, sameSegment } from './segment.ts';
import { define, lookup, segments, sizeOf, snapshotKeys } from './snapshot.ts';

/** A step's own view of the results. */
export interface ResultsView {
  /**
   * An ordinary object; a key is decoded when it is first touched. With more than a thousand keys it is a Proxy of
   * one, so that it costs what is touched: it behaves the same, but `structuredClone` wants `{ ...results }`.
   */
  readonly results: Results;
  /** Puts another object in its place: `context.results = {…}`. Throws `E_UNSERIALISABLE` unless it is a plain one. */
  replace(value: unknown): void;
  /** What changed, relative to the snapshot. Throws `E_UNSERIALISABLE` for values that are not data. */
  collect(stepId: string): Patch;
}

/** Up to this many keys the object is built whole: some 100 µs at most. */
const plainLimit = 1000;

/** Opens a view of a snapshot; nothing is decoded yet. */
export function openView(snapshot: Snapshot): ResultsView {
  return new View(snapshot);
}

class View implements ResultsView {
  private readonly snapshot: Snapshot;
  private readonly read = new Set<string>();
  /** Accessors that stand for keys not yet touched, which differ from those that a step may define. */
  private readonly lazy = new Map<unknown, string>();
  /** Values of keys that could not be put in place, because the step froze its results. */
  private readonly held = new Map<string, unknown>();
  private given: Results | undefined;
  /** Where the properties are: the object itself, or what is behind the Proxy. */
  private target: object = {};
  /** Of the snapshot's keys, those that may differ; absent: all. */
  private settled: ReadonlySet<string> | undefined;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  get results(): Results {
    return (this.given ??= this.build());
  }

  replace(value: unknown): void {
    if (value === this.given) return;
    if (!isPlainObject(value)) {
      throw new TreadleError('E_UNSERIALISABLE', 'context.results must be a plain object.', {
        hint: 'Set keys of it: context.results.name = value.',
      });
    }
    this.given = value;
    this.target = value;
    this.settled = undefined;
  }

  collect(stepId: string): Patch {
    const changes = new Map<string, Change>();
    if (this.given !== undefined) {
      const { target } = this;
      const present = new Set<string>();
      for (const key of Object.keys(target)) {
        present.add(key);
        const getter = Object.getOwnPropertyDescriptor(target, key)?.get;
        if (getter === undefined || this.lazy.get(getter) !== key) this.collectKey(key, Reflect.get(target, key), stepId, changes);
        else if (this.held.has(key)) this.collectKey(key, this.held.get(key), stepId, changes);
      }
      for (const key of this.settled ?? snapshotKeys(this.snapshot)) {
        if (!present.has(key) && lookup(this.snapshot, key) !== undefined) changes.set(key, { kind: 'delete', stepId });
      }
    }
    return { changes, reads: [...this.read], ...(this.given === undefined ? {} : { looked: true }) };
  }

  private collectKey(key: string, value: unknown, stepId: string, changes: Map<string, Change>): void {
    const original = lookup(this.snapshot, key);
    // What was written without being read counts too: whether it is a change depends on what was there.
    if (original !== undefined) this.read.add(key);
    if (original !== undefined && isStill(original, value)) return;
    const segment = encodeSegment(value, childPath('results', key));
    if (original === undefined || !isSame(original, segment)) changes.set(key, { kind: 'set', segment, stepId });
  }

  private build(): Results {
    const target: Results = {};
    this.target = target;
    const results = sizeOf(this.snapshot) > plainLimit ? this.buildLate(target) : this.buildWhole(target);
    // Without this, console.log would show accessors in place of values.
    Object.defineProperty(target, inspect.custom, {
      enumerable: false,
      configurable: true,
      writable: true,
      value: () => Object.fromEntries(Object.entries(results)),
    });
    return results;
  }

  private buildWhole(target: Results): Results {
    for (const [key, segment] of segments(this.snapshot)) this.defineLazy(target, key, segment);
    return target;
  }

  private buildLate(target: Results): Results {
    const { proxy, settled } = manyKeys(target, () => segments(this.snapshot), {
      has: (key) => lookup(this.snapshot, key) !== undefined,
      define: (key) => {
        const segment = lookup(this.snapshot, key);
        if (segment !== undefined) this.defineLazy(target, key, segment);
      },
    });
    this.settled = settled;
    return proxy;
  }

  private defineLazy(target: Results, key: string, segment: Segment): void {
    const get = (): unknown => {
      if (this.held.has(key)) return this.held.get(key);
      const value = decodeSegment(segment);
      this.read.add(key);
      const placed = Reflect.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
      if (!placed) this.held.set(key, value);
      return value;
    };
    this.lazy.set(get, key);
    Object.defineProperty(target, key, {
      enumerable: true,
      configurable: true,
      get,
      set(this: object, value: unknown) {
        define(this, key, value);
      },
    });
  }
}

/**
 * Whether a touched key was left as it was. Structured clone may write equal values in more ways than one, such as 2
 * in the memory of a float; writing both sides anew, from decoded values, settles that.
 */
function isSame(original: Segment, segment: Segment): boolean {
  if (sameSegment(original, segment)) return true;
  if (original.encoding !== 'v8' || segment.encoding !== 'v8') return false;
  return sameSegment(encodeSegment(decodeSegment(original), ''), segment);
}

function isPlainObject(value: unknown): value is Results {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
