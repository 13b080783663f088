import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readableValue } from '../../../core/context/readable.ts';
import { plainData } from './data.ts';

describe('a readable value', () => {
  it('is JSON as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepStrictEqual(readableValue(value), value);
      }),
    );
  });

  it('says in JSON what JSON cannot say', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const cases: readonly (readonly [unknown, unknown])[] = [
      [undefined, null],
      [123n, '123n'],
      [Number.NaN, 'NaN'],
      [Number.NEGATIVE_INFINITY, '-Infinity'],
      [new Map<unknown, unknown>([['a', 1n], [{ b: 1 }, new Map([[2, undefined]])]]), { a: '1n', '{ b: 1 }': { 2: null } }], // prettier-ignore
      [new Map([['__proto__', 1]]), JSON.parse('{"__proto__": 1}')],
      [new Set([1, new Set([2])]), [1, [2]]],
      [new Date(0), '1970-01-01T00:00:00.000Z'],
      [new Date(Number.NaN), 'Invalid Date'],
      [/x/gi, '/x/gi'],
      [new TypeError('no'), 'TypeError: no'],
      [new Object(5n), '5n'],
      [new Object('text'), 'text'],
      [new Uint8Array([1, 2]), [1, 2]],
      [new BigInt64Array([-1n]), ['-1n']],
      [new Float64Array(1001), '[Float64Array of 1001]'],
      [Buffer.from('ab'), [97, 98]],
      [new ArrayBuffer(5), '[5 bytes]'],
      [new DataView(new ArrayBuffer(6)), '[6 bytes]'],
      [Object.assign(new Array<number>(3), { 0: 1, 2: 2 }), [1, null, 2]],
      [circle, { self: '[Circular]' }],
      [[circle, circle], [{ self: '[Circular]' }, { self: '[Circular]' }]], // prettier-ignore
      [JSON.parse('{"__proto__": {"x": 1}}'), JSON.parse('{"__proto__": {"x": 1}}')],
    ];
    for (const [value, expected] of cases) assert.deepStrictEqual(readableValue(value), expected);
  });

  it('never throws and is always JSON, however deep or often shared', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        const readable = readableValue(value);
        assert.deepStrictEqual(JSON.parse(JSON.stringify({ readable })), JSON.parse(JSON.stringify({ readable: readableValue(readable) })));
      }),
    );
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = { deep };
    assert.match(JSON.stringify(readableValue(deep)), /"\[Too deep\]"/);
    assert.match(JSON.stringify(readableValue({ get x(): never { throw new Error('no'); } })), /\[Unreadable: no\]/); // prettier-ignore
  });
});
