import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { framesOf } from '../../../core/reporters/error-text.ts';

const frames = (...lines: readonly string[]): readonly string[] =>
  framesOf(['Error: no', ...lines.map((line) => `    at ${line}`)].join('\n'), '/my (own) project')
    .split('\n')
    .map((line) => line.trim());

describe('the frames of a stack', () => {
  it('are those of the project, with its paths', () => {
    assert.deepEqual(
      frames(
        '/my (own) project/src/a.ts:1:2',
        'total (/my (own) project/src/b.ts:3:4)',
        'Object.<anonymous> [as run] (file:///my%20(own)%20project/src/c.ts:5:6)',
        'async file:///my%20(own)%20project/d.ts:7:8',
        'async Promise.all (index 0)',
        'Array.map (<anonymous>)',
        'async file:///elsewhere/dist/worker.js:8:763',
        'runTestCase (file:///elsewhere/dist/worker.js:7:480)',
        'async node:internal/modules/esm/loader:1:2',
        'use (/my (own) project/node_modules/treadle/dist/worker.js:1:1)',
        'use (/my (own) project/node_modules/other/index.js:9:9)',
        'step (/my (own) project/.treadle/compiled/e.mjs:9:1)',
      ),
      [
        'at src/a.ts:1:2',
        'at total (src/b.ts:3:4)',
        'at Object.<anonymous> [as run] (src/c.ts:5:6)',
        'at async d.ts:7:8',
        'at use (node_modules/other/index.js:9:9)',
      ],
    );
  });

  it('leave what other tools made relative', () => {
    assert.deepEqual(frames('cart.spec.ts:4:2', 'shop.Cart.add(Cart.java:12)'), ['at cart.spec.ts:4:2', 'at shop.Cart.add(Cart.java:12)']);
  });

  it('are read in no time, however long a line is', () => {
    assert.deepEqual(frames('f (('.repeat(100_000)), ['']);
  });
});
