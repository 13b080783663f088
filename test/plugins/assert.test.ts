import assert from 'node:assert/strict';
import { after, describe, it } from 'mocha';
import { removeProjects } from '../support/project.ts';
import { parsePath, valueAt } from '../../plugins/checks/path.ts';
import { runProject, runSteps } from './run-steps.ts';

const build = { name: 'shop', size: 120, files: ['a.js', { name: 'b.js', bytes: 3 }], 'odd key': null };

describe('assert', () => {
  after(removeProjects);

  async function check(checks: unknown): Promise<readonly string[]> {
    const run = await runSteps([{ id: 'a', uses: 'assert', with: checks }], { config: { build } });
    const results = run.events('step:test', 'a');
    assert.equal(run.end('a').status, results.some(({ status }) => status === 'failed') ? 'failed' : 'passed');
    return results.map(({ name, status, error }) => `${status} ${name}${error === undefined ? '' : ` | ${error.message}`}`);
  }

  it('passes where checks hold', async () => {
    const checks = [
      { path: 'config.build', exists: true, type: 'object' },
      { path: 'config.build.nothing', exists: false },
      { path: 'config.build.name', equals: 'shop', matches: '^s.op$', contains: 'ho', type: 'string' },
      { path: 'config.build.size', atLeast: 120, atMost: 120, type: 'number' },
      { path: 'config.build.files', contains: { name: 'b.js' }, type: 'array' },
      { path: 'config.build.files.length', equals: 2 },
      { path: 'config.build.files[1].bytes', equals: 3, name: 'b is small' },
      { path: 'config.build["odd key"]', type: 'null', equals: null },
      { path: 'config.build', contains: { size: 120 } },
      { path: 'errors.length', equals: 0 },
      { path: 'env.PATH', exists: true },
    ];
    const results = await check(checks);
    assert.equal(results.length, checks.length);
    assert.deepEqual(
      results.filter((line) => !line.startsWith('passed ')),
      [],
    );
    assert.equal(results[2], 'passed config.build.name equals "shop" and matches /^s.op$/ and contains "ho" and is of type string');
    assert.equal(results[6], 'passed b is small');
  });

  it('says what does not hold', async () => {
    assert.deepEqual(
      await check([
        { path: 'config.build.size', atLeast: 200, name: 'large' },
        { path: 'config.build.size', matches: '1', atMost: 100, type: 'string', name: 'many' },
        { path: 'config.build.nothing', equals: null, name: 'null' },
        { path: 'config.build.name', exists: false, name: 'gone' },
        { path: 'config.build.files', contains: 'c.js', name: 'c' },
      ]),
      [
        'failed large | config.build.size: expected at least 200, got 120',
        'failed many | config.build.size: expected a match of /1/, got 120\nconfig.build.size: expected at most 100, got 120\nconfig.build.size: expected a value of type string, got 120',
        'failed null | config.build.nothing: expected null, got nothing',
        'failed gone | config.build.name: expected nothing, got "shop"',
        "failed c | config.build.files: expected something with \"c.js\", got [ 'a.js', { name: 'b.js', bytes: 3 } ]",
      ],
    );
  });

  it('takes one check alone, or { checks }', async () => {
    assert.deepEqual(await check({ path: 'config.build', exists: true }), ['passed config.build exists']);
    assert.deepEqual(await check({ checks: [{ path: 'config.build', exists: true }] }), ['passed config.build exists']);
  });

  it('sees the results of earlier steps, with Map, Set and Date', async () => {
    const run = await runProject({
      'treadle.config.ts': `
        import { definePipeline, step } from 'treadle';
        import { assert } from 'treadle/plugins';
        export default definePipeline([
          step('make', (context) => {
            context.results.map = new Map([['a', { n: 1 }]]);
            context.results.set = new Set(['x']);
            context.results.date = new Date(0);
          }),
          assert('check', [
            { path: 'results.map.a.n', equals: 1 },
            { path: 'results.map', type: 'map', contains: 'a' },
            { path: 'results.set', type: 'set', contains: 'x' },
            { path: 'results.set.size', equals: 1 },
            { path: 'results.date', equals: new Date(0), type: 'date' },
          ]),
        ]);`,
    });
    assert.equal(run.result.status, 'passed', JSON.stringify(run.result.errors));
    assert.equal(run.events('step:test', 'check').length, 5);
  });

  it('refuses checks that check nothing, and paths that are none', async () => {
    const options = (value: unknown): Promise<unknown> => runSteps([{ id: 'a', uses: 'assert', with: value }]);
    await assert.rejects(options([{ path: 'results.a' }]), /a check needs one of equals, /);
    await assert.rejects(options([{ path: 'result.a', exists: true }]), /"result\.a" is no path/);
    await assert.rejects(options([{ path: 'results.', exists: true }]), /is no path/);
    await assert.rejects(options([]), /there is nothing to check/);
  });
});

describe('a path', () => {
  it('is read into keys', () => {
    assert.deepEqual(parsePath('results.a-b[0]["c.\\"d"].e'), ['results', 'a-b', '0', 'c."d', 'e']);
    for (const wrong of ['', '.', 'a..b', 'a[', 'a[x]', 'a b', 'a["b]']) assert.equal(parsePath(wrong), undefined, wrong);
  });

  it('finds own keys only', () => {
    assert.equal(valueAt({}, ['constructor']), undefined);
    assert.equal(valueAt({ a: {} }, ['a', '__proto__']), undefined);
    assert.deepEqual(valueAt({ a: undefined }, ['a']), { value: undefined });
  });
});
