import assert from 'node:assert/strict';
import { createDoubleClicks, rowOf } from '../../../extension/src/commands/double-clicks.ts';

describe('a double click on a button', () => {
  it('is one press', () => {
    let time = 0;
    const { isSecond } = createDoubleClicks(() => time);
    const press = (button: string | undefined, pause: number): boolean => {
      time += pause;
      return isSecond(button);
    };
    assert.deepEqual([press('row', 0), press('row', 200), press('row', 200)], [false, true, true]);
    assert.deepEqual([press('row', 200), press('row', 499), press('row', 1)], [false, true, false]);
    assert.deepEqual([press('other row', 1), press('row', 1)], [false, false]);
    assert.deepEqual([press(undefined, 1), press(undefined, 1), press('row', 1)], [false, false, false]);
  });

  it('is on the button of a row, and none where a key or a program has asked', () => {
    assert.equal(rowOf({ kind: 'node', id: 'node a', key: 'a' }), 'node a');
    assert.equal(rowOf({ kind: 'run', runId: 'one' }), rowOf({ kind: 'run', runId: 'two' }));
    assert.deepEqual([rowOf(undefined), rowOf('a')], [undefined, undefined]);
  });
});
