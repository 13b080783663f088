import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { copyOf, isStill } from '../../../core/context/pristine.ts';
import { decodeSegment, encodeSegment, sameSegment } from '../../../core/context/segment.ts';
import type { Segment } from '../../../core/contract/snapshot.ts';
import { plainData, spoil } from './data.ts';

const encode = (value: unknown): Segment => encodeSegment(value, 'results.v');
const roundTrip = (value: unknown): unknown => decodeSegment(encode(value));
const nested = (levels: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 'leaf';
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
};

describe('segments', () => {
  it('give back what was encoded, as a copy', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        const segment = encode(value);
        assert.deepStrictEqual(decodeSegment(segment), value);
        // What one copy does shows in no other, nor in what is encoded.
        spoil(decodeSegment(segment));
        assert.deepStrictEqual(decodeSegment(segment), value);
      }),
      { numRuns: 1000 },
    );
  });

  it('do the same for large values', () => {
    fc.assert(
      fc.property(fc.array(plainData, { maxLength: 5 }), (values) => {
        const large = { pad: 'ü€😀'.repeat(3000), lone: '\ud800', values };
        const segment = encode(large);
        spoil(decodeSegment(segment));
        assert.deepStrictEqual(decodeSegment(segment), large);
      }),
    );
  });

  it('are the same for the same JSON', () => {
    fc.assert(
      // As JSON says it: -0 is 0 there.
      fc.property(fc.json(), (text) => {
        assert.ok(sameSegment(encode(JSON.parse(text)), encode(structuredClone(JSON.parse(text)))));
      }),
    );
    const large = { text: 'x'.repeat(10_000) };
    assert.ok(sameSegment(encode(large), encode({ ...large })));
    assert.ok(!sameSegment(encode(large), encode({ text: `y${large.text.slice(1)}` })));
    assert.ok(!sameSegment(encode(large), encode({ text: 'x'.repeat(9999) })));
    assert.ok(!sameSegment(encode('1'), encode(1)));
    assert.ok(!sameSegment(encode(new Map([['k', 1]])), encode({ k: 1 })));
  });

  it('are JSON where JSON says everything, in shared memory from 8 KiB on, and structured clones otherwise', () => {
    const encodings: readonly (readonly [unknown, Segment['encoding']])[] = [
      [{ a: [1, 'x', null, true, { b: -1.5 }] }, 'json'],
      ['x'.repeat(8189), 'json'],
      ['x'.repeat(8190), 'json-bytes'],
      [Array.from({ length: 5000 }, (_, index) => index), 'json-bytes'],
      [undefined, 'v8'],
      [{ a: undefined }, 'v8'],
      [Number.NaN, 'v8'],
      [[Number.POSITIVE_INFINITY], 'v8'],
      [-0, 'v8'],
      [1n, 'v8'],
      [[1, , 3], 'v8'], // oxlint-disable-line no-sparse-arrays
      [Object.assign([1, 2], { name: 'list' }), 'v8'],
      [Object.assign(Array.from({ length: 500 }).fill(1), { name: 'list' }), 'v8'],
      [new Date(0), 'v8'],
    ];
    for (const [value, encoding] of encodings) {
      const segment = encode(value);
      assert.equal(segment.encoding, encoding);
      assert.deepStrictEqual(decodeSegment(segment), value);
    }
  });

  it('give every typed array memory of its own, of its own size', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const backing = new ArrayBuffer(64);
    const value = {
      bytes,
      part: new Uint16Array(backing, 8, 2),
      floats: new Float64Array([1.5]),
      big: new BigInt64Array([-1n]),
      buffer: Buffer.from('text'),
      view: new DataView(backing, 3, 5),
      empty: new Uint8Array(0),
      raw: new ArrayBuffer(4),
    };
    const segment = encode(value);
    const first = decodeSegment(segment);
    assert.deepStrictEqual(first, value);
    assert.ok(typeof first === 'object' && first !== null);
    const memory = new Set<unknown>();
    for (const [key, part] of Object.entries(first)) {
      const buffer: unknown = ArrayBuffer.isView(part) ? part.buffer : part;
      assert.ok(buffer instanceof ArrayBuffer, `${key} lies in memory that is not shared`);
      assert.equal(buffer.byteLength, Reflect.get(value, key).byteLength, key);
      assert.ok(!memory.has(buffer));
      memory.add(buffer);
    }
    assert.ok('buffer' in first && Buffer.isBuffer(first.buffer));
    spoil(first);
    assert.deepStrictEqual(decodeSegment(segment), value);
  });

  it('read getters, and leave out symbols and what is not enumerable, as structured clone does', () => {
    const value = { get total() { return 3; }, [Symbol('s')]: 1 }; // prettier-ignore
    Object.defineProperty(value, 'hidden', { value: () => 0, enumerable: false });
    assert.deepStrictEqual(roundTrip(value), { total: 3 });
  });

  it('never ask a value how it would like to be encoded', () => {
    const value = { a: 1 };
    Object.defineProperty(value, 'toJSON', { value: () => 'something else', enumerable: false });
    assert.deepStrictEqual(roundTrip(value), { a: 1 });
    assert.deepStrictEqual(roundTrip({ toJSON: 'only a name' }), { toJSON: 'only a name' });
  });

  it('take plain objects of another realm, errors of any class, and the result of a match', () => {
    assert.deepStrictEqual(roundTrip(runInNewContext('({ list: [1, { a: new Map([[1, 2]]) }] })')), {
      list: [1, { a: new Map([[1, 2]]) }],
    });
    class HttpError extends Error {}
    const error = roundTrip({ error: new HttpError('no', { cause: new TypeError('deeper') }) });
    assert.ok(typeof error === 'object' && error !== null && 'error' in error && error.error instanceof Error);
    assert.equal(error.error.message, 'no');
    assert.ok(error.error.cause instanceof TypeError);
    const match = /b(?<rest>.)/.exec('abc');
    // An object without a prototype comes back with one.
    assert.deepStrictEqual(roundTrip({ match }), {
      match: match && Object.assign([...match], { index: match.index, input: match.input, groups: { ...match.groups } }),
    });
  });

  it('keep cycles and parts that are shared', () => {
    const circle: { self?: unknown; map: Map<string, unknown> } = { map: new Map() };
    circle.self = circle;
    circle.map.set('up', circle);
    const decoded = roundTrip(circle);
    assert.ok(typeof decoded === 'object' && decoded !== null && 'self' in decoded && 'map' in decoded && decoded.map instanceof Map);
    assert.equal(decoded.self, decoded);
    assert.equal(decoded.map.get('up'), decoded);
  });

  it('refuse what is not data, and name its path', () => {
    class Socket {
      close(): void {
        // A method is what makes it more than data.
      }
    }
    class Registry extends Map {}
    const throwing = { get broken() { throw new Error('no value'); } }; // prettier-ignore
    const refused: readonly (readonly [unknown, string])[] = [
      [{ server: { close: () => undefined } }, 'results.v.server.close is the function close, '],
      [{ list: [() => undefined] }, 'results.v.list[0] is a function, '],
      [[1, { deep: Symbol('s') }], 'results.v[1].deep is a symbol, '],
      [{ m: new Map([['k', { fn: () => 1 }]]) }, 'results.v.m.get("k").fn is the function fn, '],
      [new Map([['k', new Map([[1, new Socket()]])]]), 'results.v.get("k").get(1) is an instance of Socket, '],
      [new Map([[new Socket(), 1]]), 'results.v.keys() is an instance of Socket, '],
      [new Set([1, new Set([Symbol('s')])]), 'results.v.values().values() is a symbol, '],
      [{ 'not an identifier': new WeakMap() }, 'results.v["not an identifier"] is an instance of WeakMap, '],
      [{ promise: Promise.resolve() }, 'results.v.promise is a promise, '],
      [{ error: new Error('x', { cause: { again: () => 1 } }) }, 'results.v.error.cause.again is the function again, '],
      [{ memory: new SharedArrayBuffer(1) }, 'results.v.memory is an instance of SharedArrayBuffer, '],
      [{ boxed: new Object(Symbol('s')) }, 'results.v.boxed is an instance of Symbol, '],
      [{ registry: new Registry() }, 'results.v.registry is an instance of Registry, '],
      [{ url: new URL('http://a/') }, 'results.v.url is an instance of URL, '],
      [{ proxy: new Proxy(new Map(), {}) }, 'results.v.proxy is a Proxy, '],
      [Object.create({ inherited: 1 }), 'results.v is an instance of '],
      [() => 1, 'results.v is a function, '],
      // The first in reading order, though another one is less deep.
      [{ a: { b: { c: () => 1 } }, d: () => 1 }, 'results.v.a.b.c is the function c, '],
      [{ throwing }, 'results.v cannot be copied to other steps: no value'],
    ];
    for (const [value, message] of refused) {
      assert.throws(
        () => encode(value),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'E_UNSERIALISABLE');
          assert.equal(error.message.slice(0, message.length), message);
          return true;
        },
      );
    }
  });

  it('say what to do about a promise', () => {
    assert.throws(() => encode([Promise.resolve(1)]), {
      message: /^results\.v\[0\] is a promise/,
      hint: 'Await it, and store what it gives.',
    });
  });

  it('go 1000 levels deep and refuse more, whatever the stack would bear', () => {
    const wraps: readonly ((inner: unknown) => unknown)[] = [
      (inner) => [inner],
      (inner) => ({ inner }),
      (inner) => new Map([['inner', inner]]),
      (inner) => new Set([inner]),
    ];
    for (const wrap of wraps) {
      for (const levels of [1, 999, 1000]) assert.equal(typeof roundTrip(nested(levels, wrap)), 'object');
      for (const levels of [1001, 100_000]) {
        assert.throws(() => encode({ deep: nested(levels, wrap) }), /^TreadleError: results\.v is nested too deeply/);
      }
    }
  });

  it('tell of large JSON whether a copy was changed, exactly as encoding it again would', () => {
    // Text cannot tell -0 from 0.
    const large = fc
      .array(fc.jsonValue(), { minLength: 1, maxLength: 20 })
      .map((values): unknown => JSON.parse(JSON.stringify({ pad: 'x'.repeat(9000), values })));
    fc.assert(
      fc.property(large, plainData, fc.boolean(), (value, other, change) => {
        const segment = encode(value);
        assert.ok(segment.encoding === 'json-bytes');
        const copy = copyOf(segment);
        assert.deepStrictEqual(copy, decodeSegment(segment));
        if (change && typeof copy === 'object' && copy !== null) Reflect.set(copy, 'added', other);
        assert.equal(isStill(segment, copy), !change);
        assert.equal(isStill(segment, copy), sameSegment(segment, encode(copy)));
      }),
    );
  });

  it('see each way in which a copy of large JSON can differ', () => {
    const original = { pad: 'x'.repeat(9000), list: [1, 2], long: Array.from({ length: 300 }, () => 1), tree: { a: {}, b: 1 } };
    const changes: readonly ((copy: typeof original) => unknown)[] = [
      (copy) => copy.list.push(3),
      (copy) => copy.list.pop(),
      (copy) => Reflect.deleteProperty(copy.list, 0),
      (copy) => (copy.list[0] = -1),
      (copy) => Object.assign(copy.list, { name: 1 }),
      (copy) => Object.assign(copy.long, { name: 1 }),
      (copy) => Object.setPrototypeOf(copy.list, null),
      (copy) => Reflect.set(copy.tree, 'b', '1'),
      (copy) => Reflect.set(copy.tree, 'b', -0),
      (copy) => Reflect.deleteProperty(copy.tree, 'a') && Object.defineProperty(copy.tree, '__proto__', { value: {}, enumerable: true }),
      // Another order is another text.
      (copy) => Reflect.deleteProperty(copy.tree, 'a') && Object.assign(copy.tree, { a: {} }),
      (copy) => Object.setPrototypeOf(copy.tree, { c: 1 }),
      (copy) => Reflect.set(copy.tree, 'a', copy),
      (copy) => Object.defineProperty(copy.tree, 'a', { get: () => assert.fail('read'), enumerable: true }),
    ];
    const segment = encode(original);
    assert.ok(segment.encoding === 'json-bytes');
    const untouched = copyOf(segment);
    for (const change of changes) {
      const copy = copyOf(segment) as typeof original;
      assert.ok(isStill(segment, copy));
      change(copy);
      assert.ok(!isStill(segment, copy), String(change));
      assert.ok(isStill(segment, untouched));
    }
  });
});
