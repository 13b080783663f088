import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { mergeBranches } from '../../../core/context/merge.ts';
import { copyOf, isStill } from '../../../core/context/pristine.ts';
import { decodeSegment, encodeSegment, sameSegment } from '../../../core/context/segment.ts';
import { applyPatch, emptySnapshot, lookup, materialise, snapshotFrom, snapshotKeys } from '../../../core/context/snapshot.ts';
import { openView } from '../../../core/context/view.ts';
import type { Patch, Snapshot } from '../../../core/contract/snapshot.ts';

/** What a step that does this to its results would change. */
function patchOf(base: Snapshot, stepId: string, body: (results: Record<string, unknown>) => void): Patch {
  const view = openView(base);
  body(view.results);
  return view.collect(stepId);
}

function merged(before: Record<string, unknown>, ...bodies: ((results: Record<string, unknown>) => void)[]) {
  const base = snapshotFrom(before);
  const { patch, conflicts } = mergeBranches(
    base,
    bodies.map((body, index) => patchOf(base, `s${index}`, body)),
  );
  return { results: materialise(applyPatch(base, patch)), conflicts };
}

const plainData = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: false,
});
const keys = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('__proto__', 'constructor', 'toString', 'a', 'b'));

describe('segments', () => {
  it('give back what was encoded, as a copy', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        const segment = encodeSegment(value, 'results.value');
        assert.deepStrictEqual(decodeSegment(segment), value);
      }),
      { numRuns: 1000 },
    );
  });

  it('are the same for the same JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // As JSON has it: with -0, which JSON writes as 0, the value would be encoded in another way.
        const value: unknown = JSON.parse(JSON.stringify(JSON.parse(text)));
        assert.ok(sameSegment(encodeSegment(value, 'results.value'), encodeSegment(structuredClone(value), 'results.value')));
      }),
    );
  });

  it('never share memory: not even typed arrays do', () => {
    const segment = encodeSegment({ bytes: new Uint8Array([1, 2, 3]) }, 'results.value');
    const first = decodeSegment(segment);
    assert.ok(typeof first === 'object' && first !== null && 'bytes' in first && first.bytes instanceof Uint8Array);
    first.bytes[0] = 99;
    assert.deepEqual(decodeSegment(segment), { bytes: new Uint8Array([1, 2, 3]) });
  });

  it('refuse what is not data, and name its path', () => {
    class Socket {
      close(): void {
        // A method is what makes it more than data.
      }
    }
    for (const [value, path] of [
      [{ server: { close: () => undefined } }, 'results.v.server.close'],
      [[1, { deep: Symbol('s') }], 'results.v[1].deep'],
      [new Map([['k', new Map([[1, new Socket()]])]]), 'results.v.get("k").get(1)'],
      [{ 'not an identifier': new WeakMap() }, 'results.v["not an identifier"]'],
      [Promise.resolve(), 'results.v'],
    ] as const) {
      assert.throws(
        () => encodeSegment(value, 'results.v'),
        (error: Error & { code?: string }) => error.code === 'E_UNSERIALISABLE' && error.message.startsWith(`${path} is `),
        path,
      );
    }
  });

  it('refuse nesting that no stack can follow, and say so', () => {
    let nested: unknown[] = [];
    for (let depth = 0; depth < 200_000; depth += 1) nested = [nested];
    assert.throws(() => encodeSegment(nested, 'results.deep'), /results\.deep is nested too deeply/);
  });

  it('survive cycles', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const decoded = decodeSegment(encodeSegment(circle, 'results.circle'));
    assert.ok(typeof decoded === 'object' && decoded !== null && 'self' in decoded);
    assert.equal(decoded.self, decoded);
  });

  it('tell of large JSON whether a copy was changed, exactly as encoding it again would', () => {
    const large = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 20 }).map((values) => ({ pad: 'x'.repeat(9000), values }));
    fc.assert(
      fc.property(large, plainData, fc.boolean(), (value, other, change) => {
        const segment = encodeSegment(value, 'results.value');
        if (segment.encoding !== 'json-bytes') return;
        const copy = copyOf(segment);
        assert.deepStrictEqual(copy, decodeSegment(segment));
        if (change && typeof copy === 'object' && copy !== null) Reflect.set(copy, 'added', other);
        assert.equal(isStill(segment, copy), !change);
      }),
    );
  });
});

describe('a view of the results', () => {
  const values = { text: 'a', list: [1, 2], map: new Map([['k', 1]]), when: new Date(0) };

  it('behaves as a plain object', () => {
    const { results } = openView(snapshotFrom(values));
    assert.deepEqual(Object.keys(results), ['text', 'list', 'map', 'when']);
    assert.ok('text' in results && !('other' in results));
    assert.deepStrictEqual({ ...results }, values);
    assert.deepStrictEqual(structuredClone(results), values);
    assert.equal(JSON.stringify(openView(snapshotFrom({ a: [1] })).results), '{"a":[1]}');
    assert.equal(inspect(openView(snapshotFrom(values)).results), inspect(values));
    assert.equal(Object.getPrototypeOf(results), Object.prototype);
  });

  it('tells what was set, changed in place, deleted and read, and nothing else', () => {
    const base = snapshotFrom({ ...values, untouched: 1, gone: 1 });
    const patch = patchOf(base, 's', (results) => {
      results['fresh'] = 1;
      if (Array.isArray(results['list'])) results['list'].push(3);
      void results['text'];
      delete results['gone'];
    });
    assert.deepEqual(
      [...patch.changes].map(([key, { kind, stepId }]) => [key, kind, stepId]),
      [
        ['list', 'set', 's'],
        ['fresh', 'set', 's'],
        ['gone', 'delete', 's'],
      ],
    );
    assert.deepEqual(patch.reads, ['list', 'text']);
  });

  it('cannot be used to reach prototypes', () => {
    const base = snapshotFrom(JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'));
    const { results } = openView(base);
    assert.equal(Object.getPrototypeOf(results), Object.prototype);
    assert.deepEqual(Object.keys(results), ['__proto__', 'constructor']);
    const { results: after } = merged(
      {},
      (own) => Object.assign(own, { a: JSON.parse('{"__proto__": {"x": 1}}') }),
      (own) => Object.assign(own, { a: JSON.parse('{"__proto__": {"y": 1}}') }),
    );
    assert.deepEqual(JSON.stringify(after), '{"a":{"__proto__":{"x":1,"y":1}}}');
    assert.equal(Reflect.get({}, 'polluted') ?? Reflect.get({}, 'x'), undefined);
  });
});

describe('snapshots', () => {
  it('keep the keys and values of a plain map, whatever is set and deleted', () => {
    const change = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.option(fc.integer()) });
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 40 }), (patches) => {
        let snapshot = emptySnapshot;
        const model = new Map<string, number>();
        for (const changes of patches) {
          const patch = patchOf(snapshot, 's', (results) => {
            for (const { key, value } of changes) {
              if (value === null) delete results[key];
              else results[key] = value;
            }
          });
          snapshot = applyPatch(snapshot, patch);
          for (const { key, value } of changes) {
            if (value === null) model.delete(key);
            else model.set(key, value);
          }
        }
        assert.deepEqual(new Map(Object.entries(materialise(snapshot)).sort()), new Map([...model].sort()));
        assert.deepEqual(new Set(snapshotKeys(snapshot)), new Set(model.keys()));
        for (const key of model.keys()) assert.ok(lookup(snapshot, key) !== undefined);
        assert.ok(snapshot.layers.length <= 5);
      }),
    );
  });

  it('stay few layers over many patches', () => {
    let snapshot = emptySnapshot;
    for (let step = 0; step < 5000; step += 1) {
      snapshot = applyPatch(snapshot, {
        changes: new Map([[`k${step}`, { kind: 'set', segment: encodeSegment(step, 'k'), stepId: 's' }]]),
        reads: [],
      });
    }
    assert.equal(snapshotKeys(snapshot).length, 5000);
    assert.ok(snapshot.layers.length < 20);
  });
});

describe('merging', () => {
  it('sums numbers, concatenates arrays, merges objects, applies deletions, in declared order', () => {
    const { results, conflicts } = merged(
      { count: 10, list: [0], tree: { a: 1, gone: true } },
      (own) => {
        Object.assign(own, { count: 11, list: [0, 'x'], fresh: 1, log: ['first'] });
        Object.assign(Object(own['tree']), { left: 1 });
      },
      (own) => {
        Object.assign(own, { count: 15, list: [0, 'y'], fresh: 2, log: ['second'] });
        delete Object(own['tree'])['gone'];
      },
    );
    assert.deepEqual(results, { count: 16, list: [0, 'x', 'y'], tree: { a: 1, left: 1 }, fresh: 3, log: ['first', 'second'] });
    assert.deepEqual(conflicts, []);
  });

  it('lets the later declared win, and reports the conflict with path and steps', () => {
    const { results, conflicts } = merged(
      { report: { total: 'none' } },
      (own) => Object.assign(Object(own['report']), { total: 'one', same: 'equal' }),
      (own) => Object.assign(Object(own['report']), { total: 'two', same: 'equal' }),
    );
    assert.deepEqual(results, { report: { total: 'two', same: 'equal' } });
    assert.deepEqual(conflicts, [{ path: 'results.report.total', stepIds: ['s0', 's1'], kept: 's1' }]);
  });

  it('takes a deletion against a change for a conflict', () => {
    const { results, conflicts } = merged(
      { key: 'before' },
      (own) => delete own['key'],
      (own) => Object.assign(own, { key: 'after' }),
    );
    assert.deepEqual(results, { key: 'after' });
    assert.deepEqual(conflicts, [{ path: 'results.key', stepIds: ['s0', 's1'], kept: 's1' }]);
  });

  it('of one branch is that branch', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), fc.dictionary(keys, plainData), (before, after) => {
        const base = snapshotFrom(before);
        const patch = patchOf(base, 's', (results) => {
          for (const [key, value] of Object.entries(after))
            Object.defineProperty(results, key, { value, enumerable: true, configurable: true, writable: true });
        });
        const result = materialise(applyPatch(base, mergeBranches(base, [patch]).patch));
        const expected = new Map([...Object.entries(before), ...Object.entries(after)]);
        assert.deepStrictEqual(new Map(Object.entries(result)), new Map(expected));
      }),
    );
  });

  it('does not depend on the order of branches that touch different keys, and never conflicts then', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue()),
        fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue()),
        (left, right) => {
          const write = (values: object, prefix: string) => (own: Record<string, unknown>) => {
            for (const [key, value] of Object.entries(values)) own[`${prefix}${key}`] = value;
          };
          const one = merged({}, write(left, 'l'), write(right, 'r'));
          const other = merged({}, write(right, 'r'), write(left, 'l'));
          assert.deepEqual(one.results, other.results);
          assert.deepEqual([...one.conflicts, ...other.conflicts], []);
        },
      ),
    );
  });

  it('sums what any number of branches add to a number, and keeps all that they append', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 }),
        (start, added) => {
          const { results, conflicts } = merged(
            { total: start, list: ['start'] },
            ...added.map((amount) => (own: Record<string, unknown>) => {
              own['total'] = Number(own['total']) + amount;
              if (Array.isArray(own['list'])) own['list'].push(amount);
            }),
          );
          assert.deepEqual(results, { total: added.reduce((sum, amount) => sum + amount, start), list: ['start', ...added] });
          assert.deepEqual(conflicts, []);
        },
      ),
    );
  });
});
