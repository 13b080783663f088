import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { callChain } from '../../../core/reporters/call-chain.ts';

describe('the calls that led to an error', () => {
  const chain = (frames: readonly string[]): readonly string[] =>
    callChain(
      {
        code: 'E_STEP_FAILED',
        name: 'Error',
        message: 'no',
        stack: ['Error: no', ...frames.map((frame) => `    at ${frame}`)].join('\n'),
        location: { file: 'src/a.ts', line: 1, column: 2 },
      },
      '/my project',
    );
  const here = 'fail (/my project/src/a.ts:1:2)';

  it('are those of the project, from the place of the error on', () => {
    assert.deepEqual(
      chain([
        'node_modules/x (/my project/node_modules/x/index.js:1:1)',
        here,
        'Array.map (<anonymous>)',
        'step.when (/my project/src/b.ts:3:4)',
        'async Promise.all (index 0)',
        'async total (file:///my%20project/src/c.ts:5:6)',
        'node:internal/process/task_queues:104:5',
        '/elsewhere/d.ts:7:8',
        '/my project/.treadle/compiled/e.mjs:9:1',
      ]),
      ['src/b.ts:3:4', 'total src/c.ts:5:6'],
    );
  });

  it('are five at most, each of a recursion once', () => {
    const recursion = Array.from({ length: 20 }, () => 'again (/my project/src/a.ts:1:2)');
    assert.deepEqual(chain([here, ...recursion, 'start (/my project/src/b.ts:1:1)']), ['start src/b.ts:1:1']);
    const many = Array.from({ length: 20 }, (_, at) => `f (/my project/src/b.ts:${at + 1}:1)`);
    assert.equal(chain([here, ...many]).length, 5);
  });

  it('are none where the error has no place', () => {
    assert.deepEqual(callChain({ code: 'E_STEP_FAILED', name: 'Error', message: 'no', stack: `Error\n    at ${here}` }, '/my project'), []);
  });
});
