import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { nameIn } from '../../plugins/tests/runner-reporters/emit.ts';
import { readReport, reportText } from './read-report.ts';

const cart = [
  'passed cart › adds items',
  'failed cart › rejects a negative price: 1 == 2',
  'skipped cart › is skipped',
  'skipped cart › is pending',
  'passed cart › discounts › halves',
  'failed cart › discounts › throws: no / lines',
];

describe('NDJSON', () => {
  it("reads what Treadle's reporter for mocha writes", () => {
    const { outline, progress, tests } = readReport(reportText('mocha-own.ndjson'));
    assert.deepEqual(outline, ['| printed', 'passed root', ...cart, 'failed hook › "before all" hook for "never": before']);
    assert.equal(progress.at(-1), '8/8');
    assert.equal(tests[2]?.error?.expected, '2');
    assert.equal(tests[2]?.error?.actual, '1');
  });

  it("reads what Treadle's reporters for vitest, jest and playwright write", () => {
    const firstLines = (name: string): readonly string[] =>
      readReport(reportText(name))
        .outline.filter((line) => !line.startsWith('|'))
        .map((line) => line.replace(/: .*/, ''));
    assert.deepEqual(firstLines('vitest-own.ndjson'), [
      'passed cart.test.ts › cart › adds # items',
      'failed cart.test.ts › cart › rejects a negative price',
      'skipped cart.test.ts › cart › is skipped',
      'todo cart.test.ts › cart › is to do',
      'passed cart.test.ts › cart › discounts › halves',
      'failed cart.test.ts › cart › discounts › throws',
      'failed cart.test.ts › root',
    ]);
    assert.deepEqual(firstLines('jest-own.ndjson'), [
      'passed cart.test.js › cart › adds # items',
      'failed cart.test.js › cart › rejects a negative price',
      'todo cart.test.js › cart › is to do',
      'passed cart.test.js › cart › discounts › halves',
      'failed cart.test.js › cart › discounts › throws',
      'failed cart.test.js › root',
      'skipped cart.test.js › cart › is skipped',
    ]);
    assert.deepEqual(firstLines('playwright-own.ndjson'), [
      'passed cart.spec.ts › cart › adds items',
      'failed cart.spec.ts › cart › rejects a negative price',
      'skipped cart.spec.ts › cart › is skipped',
      'skipped cart.spec.ts › cart › is to be fixed',
      'failed cart.spec.ts › cart › is flaky',
      'passed cart.spec.ts › cart › prints',
      'failed cart.spec.ts › root',
    ]);
  });

  it('takes the class of an error from its text, where a runner gives nothing else', () => {
    const classes = [
      'TypeError: no\n    at a.js:1:1',
      'AssertionError',
      'RangeError\n    at a.js:1:1',
      'Errors: none',
      'no TypeError: x',
      '',
    ];
    assert.deepEqual(
      classes.map((text) => nameIn(text).name),
      ['TypeError', 'AssertionError', 'RangeError', undefined, undefined, undefined],
    );
  });

  it("reads mocha's json-stream", () => {
    const { outline, problems } = readReport(reportText('mocha.ndjson'));
    assert.deepEqual(outline, [
      '| printed',
      'passed root',
      'passed cart › adds items',
      'failed cart › rejects a negative price: 1 == 2',
      'passed cart discounts › halves',
      'failed cart discounts › throws: no / lines',
      'failed hook › "before all" hook for "never": before',
    ]);
    assert.deepEqual(problems, []);
  });

  it('reads test cases in plain lines and as run events, and nothing else', () => {
    const { outline } = readReport(
      [
        '{"name":"a","status":"passed"}',
        '{"v":1,"type":"step:test","id":"unit","name":"b","path":["s"],"status":"failed","durationMs":2,"error":{"message":"no"}}',
        '{"v":1,"type":"step:end","id":"unit","name":"c","status":"passed"}',
        '{"name":"d","status":"great"}',
        '["pass"]',
        '{broken',
      ].join('\n'),
    );
    assert.deepEqual(outline, [
      'passed a',
      'failed s › b: no',
      '| {"v":1,"type":"step:end","id":"unit","name":"c","status":"passed"}',
      '| {"name":"d","status":"great"}',
      '| ["pass"]',
      '| {broken',
    ]);
  });

  it('finds a test case behind text that was printed without a line end', () => {
    assert.deepEqual(
      readReport('{"treadle":"end"}\ndots...{"treadle":"test","name":"a","path":[],"status":"passed","durationMs":1}').outline,
      ['| dots...', 'passed a'],
    );
  });

  it('calls a report incomplete that does not come to its end', () => {
    const text = reportText('mocha-own.ndjson').split('\n').slice(0, 4).join('\n');
    assert.deepEqual(readReport(text).problems, ['the report is incomplete: 2 of 8 tests reported']);
  });
});
