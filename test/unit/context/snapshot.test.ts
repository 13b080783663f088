import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeSegment } from '../../../core/context/segment.ts';
import { applyPatch, emptySnapshot, lookup, materialise, snapshotFrom, snapshotKeys } from '../../../core/context/snapshot.ts';
import type { Change, Snapshot } from '../../../core/contract/snapshot.ts';
import { keys, patchOf } from './data.ts';

/** The snapshot with one change after the other, a null for a deletion. */
function change(snapshot: Snapshot, changes: readonly (readonly [string, number | null])[]): Snapshot {
  const entries = changes.map(([key, value]): readonly [string, Change] => [
    key,
    value === null ? { kind: 'delete', stepId: 's' } : { kind: 'set', segment: encodeSegment(value, key), stepId: 's' },
  ]);
  return applyPatch(snapshot, { changes: new Map(entries), reads: [] });
}

describe('snapshots', () => {
  it('keep keys, their order and values as a plain map does, whatever is set and deleted', () => {
    const patch = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), fc.option(fc.integer(), { freq: 3 })), {
      maxLength: 4,
      selector: ([key]) => key,
    });
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 40 }), (patches) => {
        let snapshot = emptySnapshot;
        const model = new Map<string, number>();
        for (const changes of patches) {
          snapshot = change(snapshot, changes);
          for (const [key, value] of changes) {
            if (value === null) model.delete(key);
            else model.set(key, value);
          }
          assert.deepEqual(snapshotKeys(snapshot), [...model.keys()]);
        }
        assert.deepEqual(Object.entries(materialise(snapshot)), [...model]);
        for (const key of 'abcdefg') assert.equal(lookup(snapshot, key) !== undefined, model.has(key));
        assert.ok(snapshot.layers.length <= 4);
      }),
      { numRuns: 500 },
    );
  });

  it('put a key that is deleted and set again last, in whichever layers that happened', () => {
    const base = snapshotFrom(Object.fromEntries('abcdefghijklmnopqrst'.split('').map((key) => [key, 1])));
    const again = change(change(base, [['a', null]]), [['a', 2]]);
    assert.equal(snapshotKeys(again).join(''), 'bcdefghijklmnopqrsta');
    assert.equal(snapshotKeys(change(again, [['b', 2]])).join(''), 'bcdefghijklmnopqrsta');
    assert.equal(snapshotKeys(change(again, [['a', null]])).join(''), 'bcdefghijklmnopqrst');
  });

  it('are never changed by a patch, and share what it leaves alone', () => {
    const base = snapshotFrom({ a: { pad: 'x'.repeat(9000) }, b: 1, c: 2, d: 3, e: 4 });
    const before = structuredClone(base);
    const after = applyPatch(
      base,
      patchOf(base, 's', (results) => {
        results['b'] = 2;
        delete results['c'];
      }),
    );
    assert.deepStrictEqual(base, before);
    assert.equal(lookup(after, 'a'), lookup(base, 'a'));
    assert.equal(applyPatch(base, { changes: new Map(), reads: ['a'] }), base);
    assert.deepEqual(materialise(after), { a: { pad: 'x'.repeat(9000) }, b: 2, d: 3, e: 4 });
  });

  it('vanish when all is deleted', () => {
    const base = snapshotFrom({ a: 1, b: 2 });
    assert.deepEqual(change(base, [['a', null], ['b', null]]).layers, []); // prettier-ignore
    assert.deepEqual(change(emptySnapshot, [['a', null]]).layers, []);
    assert.equal(snapshotFrom({}), emptySnapshot);
  });

  it('take any name for a key', () => {
    fc.assert(
      fc.property(fc.uniqueArray(keys), (names) => {
        const values = Object.fromEntries(names.map((name, index) => [name, index]));
        const result = materialise(snapshotFrom(values));
        assert.deepEqual(Object.entries(result), Object.entries(values));
        assert.equal(Object.getPrototypeOf(result), Object.prototype);
      }),
    );
  });

  it('name the key that is not data, and the path that was asked for', () => {
    assert.throws(() => snapshotFrom({ ok: 1, 'a b': { f: () => 1 } }), /^TreadleError: results\["a b"\]\.f is the function f/);
    assert.throws(() => snapshotFrom({ f: Symbol('s') }, 'params'), /^TreadleError: params\.f is a symbol/);
  });

  it('cost the same for each of 10,000 steps that add a key', () => {
    let snapshot = emptySnapshot;
    let copied = 0;
    const seen = new Set<number>();
    for (let step = 0; step < 10_000; step += 1) {
      snapshot = change(snapshot, [[`k${step}`, step]]);
      for (const { id, entries } of snapshot.layers) {
        if (!seen.has(id)) copied += entries.size;
        seen.add(id);
      }
      assert.ok(snapshot.layers.length <= 10);
    }
    // Work is counted, not timed: each key is copied a few times, with the logarithm of the size.
    assert.ok(copied < 10_000 * 14, `${copied} entries copied`);
    assert.deepEqual(
      snapshotKeys(snapshot),
      Array.from({ length: 10_000 }, (_, step) => `k${step}`),
    );
  });
});
