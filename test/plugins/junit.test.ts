import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readReport, reportText } from './read-report.ts';

describe('JUnit', () => {
  it('reads node:test', () => {
    const { outline, tests } = readReport(reportText('node.junit.xml'));
    assert.deepEqual(
      outline.map((line) => line.split(' / ')[0]),
      [
        'passed cart › adds items',
        'failed cart › rejects a negative price: Expected values to be strictly equal:',
        'skipped cart › is skipped # really',
        'todo cart › is to do',
        'passed cart › discounts › halves',
        'failed cart › discounts › throws: no',
        'failed deep: Expected values to be strictly deep-equal:',
        'passed with subtests › one',
        'passed with subtests › two',
      ],
    );
    assert.equal(tests[1]?.error?.name, undefined, 'testCodeFailure is no class');
    assert.match(tests[1]?.error?.stack ?? '', /at TestContext\.<anonymous> \(file:\/\/\/project\/a\.test\.mjs:5:49\)/);
  });

  it("reads mocha's xunit among other output", () => {
    const { outline } = readReport(reportText('mocha.junit.xml'));
    assert.deepEqual(outline, [
      '| printed',
      'passed Mocha Tests › root',
      'passed Mocha Tests › cart › adds items',
      'failed Mocha Tests › cart › rejects a negative price: 1 == 2',
      'skipped Mocha Tests › cart › is skipped',
      'skipped Mocha Tests › cart › is pending',
      'passed Mocha Tests › cart discounts › halves',
      'failed Mocha Tests › cart discounts › throws: no',
      'failed Mocha Tests › hook › "before all" hook for "never": before',
    ]);
  });

  it('reads vitest and playwright', () => {
    assert.deepEqual(readReport(reportText('vitest.junit.xml')).outline.slice(0, 3), [
      'passed cart.test.ts › cart > adds # items',
      'failed cart.test.ts › cart > rejects a negative price: expected 1 to be 2 // Object.is equality',
      'skipped cart.test.ts › cart > is skipped',
    ]);
    assert.deepEqual(
      readReport(reportText('vitest.junit.xml')).tests.flatMap(({ error }) => error?.name ?? []),
      ['AssertionError', 'TypeError', 'AssertionError'],
    );
    const { outline, progress } = readReport(reportText('playwright.junit.xml'));
    assert.deepEqual(outline, [
      'passed cart.spec.ts › cart › adds items',
      'failed cart.spec.ts › cart › rejects a negative price: expect(received).toBe(expected) // Object.is equality',
      'skipped cart.spec.ts › cart › is skipped',
      'skipped cart.spec.ts › cart › is to be fixed',
      'passed cart.spec.ts › cart › is flaky',
      'passed cart.spec.ts › cart › prints',
      'failed cart.spec.ts › root: expect(received).toEqual(expected) // deep equality',
    ]);
    assert.equal(progress.at(-1), '7/7');
  });

  it('reads pytest: errors, places, thousands', () => {
    const { outline, tests } = readReport(reportText('pytest.junit.xml'));
    assert.deepEqual(outline, [
      'passed pytest › tests.test_cart.TestCart › test_add',
      'failed pytest › tests.test_cart.TestCart › test_remove[0-"a"]: assert 1 == 2',
      'skipped pytest › tests.test_cart › test_later',
      'failed pytest › tests.test_cart › test_db: failed on setup with "no database"',
    ]);
    assert.deepEqual(tests[1]?.location, { file: 'tests/test_cart.py', line: 8, column: 1 });
    assert.equal(tests[1]?.durationMs, 1_002_500);
  });

  it('reads surefire: CDATA, and tests that passed when tried again', () => {
    const { tests, outline } = readReport(reportText('surefire.junit.xml'));
    assert.equal(tests[1]?.error?.name, 'org.opentest4j.AssertionFailedError');
    assert.deepEqual(outline, [
      'passed shop.CartTest › adds',
      'failed shop.CartTest › removes: expected: <1> but was: <2>',
      'passed shop.CartTest › retried',
    ]);
  });

  it('says when the XML is cut off or broken', () => {
    assert.deepEqual(readReport('<testsuites>\n<testcase name="a"/>').problems, ['the report is incomplete: the XML ends too early']);
    const broken = readReport('<testsuites>\n<testcase name="a"/>\n</testsuite>\nafter');
    assert.equal(broken.tests.length, 1);
    assert.equal(broken.problems.length, 1);
    assert.match(broken.problems[0] ?? '', /^the report is no XML: /);
  });
});
