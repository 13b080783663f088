import assert from 'node:assert/strict';
import { decodeFrozen } from '../../../core/context/frozen.ts';
import { encodeSegment } from '../../../core/context/segment.ts';

describe('a frozen value', () => {
  it('is decoded once, and is the same for all', () => {
    const [one, other] = [encodeSegment({ a: 1 }, 'config'), encodeSegment({ a: 1 }, 'config')];
    const value = decodeFrozen(one);
    assert.deepEqual(value, { a: 1 });
    assert.notEqual(decodeFrozen(other), value);
    assert.equal(decodeFrozen(one), value);
    assert.equal(decodeFrozen(encodeSegment(undefined, 'config')), undefined);
  });

  it('cannot be changed at any depth', () => {
    const config: { [key: string]: unknown } = {
      list: [{ deep: [1] }],
      map: new Map<unknown, unknown>([['k', { inner: 1 }], [{ key: 1 }, 2]]), // prettier-ignore
      set: new Set([{ member: 1 }]),
      when: new Date(0),
      pattern: /x/g,
    };
    config['self'] = config;
    const value = Object(decodeFrozen(encodeSegment(config, 'config')));
    const changes: readonly (() => unknown)[] = [
      () => (value.fresh = 1),
      () => delete value.list,
      () => value.list.push(1),
      () => (value.list[0].deep[0] = 2),
      () => value.map.set('k', 1),
      () => value.map.delete('k'),
      () => value.map.clear(),
      () => (value.map.get('k').inner = 2),
      () => ([...value.map.keys()][1].key = 2),
      () => value.set.add(1),
      () => value.set.clear(),
      () => ([...value.set][0].member = 2),
      () => value.when.setTime(1),
      () => value.when.setUTCFullYear(2000),
      () => (value.pattern.lastIndex = 1),
    ];
    for (const change of changes) assert.throws(change, TypeError, String(change));
    assert.deepEqual(value.map.get('k'), { inner: 1 });
    assert.equal(value.when.getTime(), 0);
    // A step may well work on a copy.
    const copy = structuredClone(value);
    copy.map.set('k', 2);
    copy.when.setTime(5);
    assert.deepEqual([copy.map.get('k'), copy.when.getTime()], [2, 5]);
  });
});
