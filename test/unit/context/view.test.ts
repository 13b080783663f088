import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { applyPatch, emptySnapshot, materialise, snapshotFrom } from '../../../core/context/snapshot.ts';
import { openView, type ResultsView } from '../../../core/context/view.ts';
import type { Snapshot } from '../../../core/contract/snapshot.ts';
import { keys, patchOf, plainData, put } from './data.ts';

const values = { text: 'a', list: [1, 2], map: new Map([['k', 1]]), when: new Date(0) };
const changesOf = (view: ResultsView): readonly (readonly [string, string])[] =>
  [...view.collect('s').changes].map(([key, { kind }]) => [key, kind] as const);
/** A snapshot of so many keys that its view is a Proxy. */
const many = (more: Record<string, unknown> = {}): Snapshot =>
  snapshotFrom({ ...Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`k${index}`, index])), ...more });

describe('a view of the results', () => {
  it('behaves as a plain object', () => {
    const { results } = openView(snapshotFrom(values));
    assert.deepEqual(Object.keys(results), ['text', 'list', 'map', 'when']);
    assert.ok('text' in results && !('other' in results));
    assert.deepStrictEqual({ ...results }, values);
    assert.deepStrictEqual(results, values);
    assert.deepStrictEqual(structuredClone(openView(snapshotFrom(values)).results), values);
    assert.equal(JSON.stringify(openView(snapshotFrom({ a: [1] })).results), '{"a":[1]}');
    assert.equal(inspect(openView(snapshotFrom(values)).results), inspect(values));
    assert.equal(inspect({ deep: openView(snapshotFrom(values)).results }), inspect({ deep: values }));
    assert.equal(Object.getPrototypeOf(results), Object.prototype);
    const { list } = results;
    assert.equal(results['list'], list);
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

  it('takes what was read, or set to what it was, for unchanged, whatever its kind', () => {
    // Fields that once held a fraction, and text cut out of a wide one, have memory of another form.
    const float = { x: 0.5, also: new Map<string, unknown>() };
    float.x = 2;
    const base = snapshotFrom({ float, cut: new Set(['日本 plain'.slice(3)]), large: { pad: 'x'.repeat(9000) }, ...values });
    const view = openView(base);
    for (const value of Object.values(view.results)) void value;
    view.results['list'] = [1, 2];
    assert.deepEqual(changesOf(view), []);
    fc.assert(
      fc.property(fc.dictionary(keys, plainData), (data) => {
        const { changes, reads } = patchOf(snapshotFrom(data), 's', (results) => void Object.values(results));
        assert.deepEqual([...changes], []);
        assert.deepEqual(new Set(reads), new Set(Object.keys(data)));
      }),
    );
  });

  it('costs nothing when it is not touched', () => {
    const { changes, reads } = openView(snapshotFrom(values)).collect('s');
    assert.deepEqual([[...changes], reads], [[], []]);
  });

  it('refuses what is not data when it is collected, with the path', () => {
    const set = (key: string, value: unknown) => () => patchOf(emptySnapshot, 's', (results) => put(results, key, value));
    assert.throws(set('server', { socket: () => 1 }), /^TreadleError: results\.server\.socket is the function socket/);
    assert.throws(set('a b', Symbol('s')), /^TreadleError: results\["a b"\] is a symbol/);
  });

  it('can be frozen and inherited from', () => {
    const view = openView(snapshotFrom({ list: [1], other: 1 }));
    const child: { list?: unknown; other?: unknown } = Object.create(view.results);
    child.other = 5;
    assert.deepEqual(Object.keys(child), ['other']);
    Object.freeze(view.results);
    const { list } = view.results;
    assert.ok(Array.isArray(list));
    assert.equal(view.results['list'], list);
    assert.throws(() => (view.results['list'] = 2), TypeError);
    list.push(2);
    assert.deepEqual(changesOf(view), [['list', 'set']]);
  });

  it('takes accessors that the step defines for their values', () => {
    const base = snapshotFrom({ a: 1, b: 2 });
    const patch = patchOf(base, 's', (results) => {
      Object.defineProperty(results, 'a', { get: () => 10, enumerable: true, configurable: true });
      // The accessor of one key under the name of another.
      const descriptor = Object.getOwnPropertyDescriptor(openView(base).results, 'b');
      Object.defineProperty(results, 'c', descriptor ?? {});
    });
    assert.deepEqual(materialise(applyPatch(base, patch)), { a: 10, b: 2, c: 2 });
  });

  it('can be replaced by a plain object, which is then the one that counts', () => {
    const view = openView(snapshotFrom({ a: 1, b: 2 }));
    const own: Record<string, unknown> = { b: 2, c: 3 };
    view.replace(own);
    assert.equal(view.results, own);
    own['d'] = 4;
    assert.deepEqual(changesOf(view), [
      ['c', 'set'],
      ['d', 'set'],
      ['a', 'delete'],
    ]);
    for (const value of [null, 1, 'text', [], new Map(), new (class Results {})()]) {
      assert.throws(() => view.replace(value), /context\.results must be a plain object/);
    }
    assert.equal(view.results, own);
    const untouched = openView(snapshotFrom({ a: 1 }));
    untouched.replace(untouched.results);
    const { changes, reads } = untouched.collect('s');
    assert.deepEqual([[...changes], reads], [[], []]);
  });

  it('cannot be used to reach prototypes', () => {
    const base = snapshotFrom(JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}, "prototype": 2}'));
    for (const snapshot of [base, many(JSON.parse('{"__proto__": {"polluted": true}}'))]) {
      const { results } = openView(snapshot);
      assert.equal(Object.getPrototypeOf(results), Object.prototype);
      assert.deepEqual(results['__proto__'], { polluted: true });
      assert.equal(Object.getPrototypeOf({ ...results }), Object.prototype);
    }
    assert.deepEqual(Object.keys(openView(base).results), ['__proto__', 'constructor', 'prototype']);
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 4 }), keys, (path, leaf) => {
        // Assigning along a path, as a careless step does.
        const view = openView(base);
        let at: unknown = view.results;
        for (const key of path) at = Object(at)[key] ?? {};
        if (typeof at === 'object' && at !== Object.prototype) Reflect.set(Object(at), leaf, 'polluted');
        try {
          materialise(applyPatch(base, view.collect('s')));
        } catch (error) {
          assert.ok(error instanceof Error && 'code' in error && error.code === 'E_UNSERIALISABLE');
        }
        assert.deepEqual(Object.keys(Object.prototype), []);
        assert.equal(Reflect.get({}, 'polluted'), undefined);
      }),
    );
  });
});

describe('a view of very many keys', () => {
  it('behaves as a plain object', () => {
    const base = many(values);
    const expected = materialise(base);
    const { results } = openView(base);
    assert.equal(results['k7'], 7);
    assert.equal(results['other'], undefined);
    assert.ok('k8' in results && !('other' in results) && Object.hasOwn(results, 'text'));
    assert.deepStrictEqual(results, expected);
    assert.deepStrictEqual({ ...results }, expected);
    assert.deepStrictEqual(structuredClone({ ...results }), expected);
    assert.equal(JSON.stringify(openView(base).results), JSON.stringify(expected));
    assert.equal(inspect(openView(base).results), inspect(expected));
    assert.equal(Object.getPrototypeOf(results), Object.prototype);
  });

  it('does to results what the same does to a plain object', () => {
    const key = fc.oneof(
      fc.nat(1600).map((index) => `k${index}`),
      fc.constantFrom('new', '12', '3', '__proto__x'),
    );
    const operation = fc.oneof(
      fc.record({ kind: fc.constantFrom<string>('get', 'delete', 'has', 'describe'), key, value: fc.constant(0) }),
      fc.record({ kind: fc.constantFrom<string>('set', 'define', 'list'), key, value: fc.integer() }),
    );
    const base = many();
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), fc.boolean(), (operations, listAtEnd) => {
        const view = openView(base);
        const model = materialise(base);
        const run = (target: Record<string, unknown>, { kind, key, value }: { kind: string; key: string; value: number }): unknown => {
          if (kind === 'get') return target[key];
          if (kind === 'delete') return delete target[key];
          if (kind === 'has') return key in target;
          if (kind === 'describe') return Object.getOwnPropertyDescriptor(target, key)?.enumerable;
          if (kind === 'set') return (target[key] = value);
          if (kind === 'list') return Object.keys(target);
          put(target, key, value);
          return undefined;
        };
        for (const each of operations) assert.deepEqual(run(view.results, each), run(model, each));
        if (listAtEnd) assert.deepEqual(Object.keys(view.results), Object.keys(model));
        const after = materialise(applyPatch(base, view.collect('s')));
        assert.deepEqual(new Map(Object.entries(after)), new Map(Object.entries(model)));
      }),
      { numRuns: 60 },
    );
  });

  it('decodes and tells only what was touched', () => {
    const view = openView(many());
    view.results['fresh'] = view.results['k1'];
    view.results['k2'] = 2;
    delete view.results['k3'];
    delete view.results['none'];
    const { changes, reads } = view.collect('s');
    assert.deepEqual([...changes.keys()], ['fresh', 'k3']);
    assert.deepEqual(reads, ['k1', 'k2']);
  });

  it('can be frozen', () => {
    const { results } = openView(many());
    Object.freeze(results);
    assert.ok(Object.isFrozen(results));
    assert.equal(results['k4'], 4);
    assert.throws(() => (results['fresh'] = 1), TypeError);
  });
});
