import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { assert as check, http, service, shell, tests, waitFor } from '../../plugins/index.ts';

describe('the factories of the built-in plugins', () => {
  it('make steps of what their types allow', () => {
    const steps = [
      shell('a', 'npm ci'),
      shell('b', ['npm', 'ci'], { retries: 1 }),
      shell('c', { command: 'tsc', problemMatcher: ['$tsc', { base: '$gcc', source: 'cc' }], progress: /(\d+)%/ }),
      http('d', 'http://127.0.0.1/'),
      http('e', { url: '/health', expect: { status: ['2xx', 304], json: { ok: true }, headers: { etag: { matches: /^W/ } } } }),
      waitFor('f', { port: 4173, timeout: '1m' }),
      service('g', { command: 'node server.js', ready: { log: /listening/ } }),
      tests('h', 'npx mocha'),
      tests('i', { command: ['mvn', 'test'], file: ['a.xml', 'b/*.xml'], runner: 'none' }),
      check('j', [{ path: 'results.size', atMost: 5 }]),
      check('k', { path: 'results.size', equals: 5 }),
    ];
    assert.deepEqual(steps.map(({ id }) => id).join(''), 'abcdefghijk');
    assert.deepEqual(
      steps.map(({ plugin }) => plugin?.executor),
      steps.map(() => 'inline'),
    );
  });

  it('refuse what their types do not allow', () => {
    // @ts-expect-error options are missing
    shell('a');
    // @ts-expect-error misspelt
    shell('b', { comand: 'x' });
    // @ts-expect-error no duration
    waitFor('c', { port: 1, timeout: true });
    // @ts-expect-error no runner
    tests('d', { command: 'x', runner: 'karma' });
    // @ts-expect-error no type
    check('e', [{ path: 'results.a', type: 'integer' }]);
  });
});
