import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readTapLine } from '../../plugins/tests/tap-line.ts';
import { readYaml } from '../../plugins/tests/tap-yaml.ts';
import { readReport, reportText } from './read-report.ts';

const nodeDiff =
  'Expected values to be strictly deep-equal: / + actual - expected /  /   { /     a: 1, /     b: [ /       1, / +     2 / -     3 /     ] /   }';

describe('TAP', () => {
  it('reads node:test: nested suites, durations, places and comparisons', () => {
    const { tests, outline, problems } = readReport(reportText('node.tap'));
    assert.deepEqual(outline, [
      '| hello from test',
      'passed cart › adds items',
      'failed cart › rejects a negative price: Expected values to be strictly equal: /  / 1 !== 2',
      'skipped cart › is skipped # really',
      'todo cart › is to do',
      'passed cart › discounts › halves',
      'failed cart › discounts › throws: no / lines',
      `failed deep: ${nodeDiff}`,
      'passed with subtests › one',
      'passed with subtests › two',
    ]);
    assert.deepEqual(problems, []);
    const failed = tests[1];
    assert.deepEqual(failed?.location, { file: '/project/a.test.mjs', line: 5, column: 3 });
    assert.equal(failed?.error?.expected, '2');
    assert.equal(failed?.error?.actual, '1');
    assert.match(failed?.error?.stack ?? '', /^TestContext\.<anonymous> \(file:\/\/\/project\/a\.test\.mjs:5:49\)\n/);
    assert.ok(tests.every(({ durationMs }) => durationMs > 0));
    assert.equal(tests[6]?.error?.expected, 'a: 1\nb:\n  0: 1\n  1: 3');
  });

  for (const version of [12, 13]) {
    it(`reads mocha's TAP ${version}, its messages and its stacks`, () => {
      const { tests, outline } = readReport(reportText(`mocha-${version}.tap`));
      assert.deepEqual(outline, [
        '| printed',
        'passed root',
        'passed cart adds items',
        'failed cart rejects a negative price: 1 == 2',
        'skipped cart is skipped',
        'skipped cart is pending',
        'passed cart discounts halves',
        'failed cart discounts throws: no / lines',
        'failed hook "before all" hook for "never": before',
      ]);
      assert.match(
        tests[2]?.error?.stack ?? '',
        /^AssertionError \[ERR_ASSERTION\]: 1 == 2\n +at Context\.<anonymous> \(b\.spec\.cjs:4:49\)/,
      );
    });
  }

  it("reads vitest's nested TAP, with subtests in braces and texts that span lines", () => {
    const { tests, outline } = readReport(reportText('vitest.tap'));
    assert.deepEqual(outline, [
      'passed cart.test.ts › cart › adds # items',
      'failed cart.test.ts › cart › rejects a negative price: expected 1 to be 2 // Object.is equality',
      'skipped cart.test.ts › cart › is skipped',
      'todo cart.test.ts › cart › is to do',
      'passed cart.test.ts › cart › discounts › halves',
      'failed cart.test.ts › cart › discounts › throws: no / lines',
      'failed cart.test.ts › root: expected { a: 1, b: [ 1 ] } to deeply equal { a: 1, b: [ 2 ] }',
    ]);
    assert.equal(tests[6]?.error?.actual, '{\n  "a": 1,\n  "b": [\n    1,\n  ],\n}');
    assert.equal(tests[1]?.durationMs, 6.85);
    assert.deepEqual([tests[1]?.error?.name, tests[5]?.error?.name], ['AssertionError', 'TypeError']);
  });

  it("reads vitest's flat TAP and tells the progress from its plan", () => {
    const { tests, progress } = readReport(reportText('vitest-flat.tap'));
    assert.equal(tests.length, 7);
    assert.deepEqual(progress, ['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7']);
  });

  it('reads tape, whose comments name the tests', () => {
    const { tests, outline } = readReport(reportText('tape.tap'));
    assert.deepEqual(outline, [
      'passed adding an item › has one item',
      'failed adding an item › total is the price: equal does not hold',
      'passed removing an item › is empty',
    ]);
    assert.deepEqual(tests[1]?.location, { file: '/project/cart.test.js', line: 7, column: 5 });
    assert.equal(tests[1]?.error?.expected, '10');
    assert.equal(tests[1]?.error?.actual, '9');
  });

  it('reads node-tap: TAP 14 with nested subtests and places as maps', () => {
    const { tests, outline } = readReport(reportText('node-tap.tap'));
    assert.deepEqual(outline, [
      'passed test/cart.ts › adds › one item',
      'todo test/cart.ts › adds › price',
      'failed test/cart.ts › removes › should be equal: === does not hold',
      'skipped test/old.ts',
    ]);
    assert.deepEqual(tests[2]?.location, { file: 'test/cart.ts', line: 12, column: 5 });
  });

  it("reads Perl's subtests, which are announced on the inside", () => {
    const { outline } = readReport(reportText('perl.tap'));
    assert.deepEqual(
      outline.filter((line) => !line.startsWith('|')),
      ['passed cart › adds', 'failed cart › removes', 'passed root'],
    );
  });

  it('reports a suite that fails though none of its tests did', () => {
    const { outline } = readReport(
      'TAP version 13\n# Subtest: db\n    ok 1 - reads\n    1..1\nnot ok 1 - db\n  ---\n  error: after hook\n  ...\n1..1\n',
    );
    assert.deepEqual(outline, ['passed db › reads', 'failed db: after hook']);
  });

  it('calls a report incomplete that ends before its plan, or has none', () => {
    assert.deepEqual(readReport('1..3\nok 1 - a\nok 2 - b\n').problems, ['the report is incomplete: 3 tests planned, 2 reported']);
    assert.deepEqual(readReport('TAP version 13\nok 1 - a\n').problems, ['the report is incomplete: 1 tests and no plan']);
  });

  it('takes "Bail out!" for a problem', () => {
    assert.deepEqual(readReport('TAP version 13\n1..1\nBail out! no database\nok 1 - a').problems, ['the run was given up: no database']);
  });

  it('ends a YAML block that nobody closed where the next test begins', () => {
    const { outline } = readReport('TAP version 13\nnot ok 1 - a\n  ---\n  error: broken\nok 2 - b\n1..2\n');
    assert.deepEqual(outline, ['failed a: broken', 'passed b']);
  });

  it('accepts an empty plan', () => {
    assert.deepEqual(readReport('TAP version 13\n1..0 # SKIP nothing to do\n'), {
      tests: [],
      problems: [],
      output: [],
      progress: [],
      outline: [],
    });
  });

  it('keeps what tests print, in order, and does not take it for test points', () => {
    const { outline } = readReport('TAP version 13\nok then\nnot okay\nok 1 - a\n{"a":1}\n}\n---\nok 2 - b\n1..2\n');
    assert.deepEqual(outline, ['| ok then', '| not okay', 'passed a', '| {"a":1}', '| }', '| ---', 'passed b']);
  });
});

describe('a TAP test point', () => {
  const pointOf = (line: string): unknown => {
    const read = readTapLine(line);
    return read.kind === 'point' ? read.point : read.kind;
  };
  const point = { ok: true, directive: undefined, durationMs: undefined, opens: false };

  it('may lack number, dash and name', () => {
    assert.deepEqual(pointOf('ok'), { ...point, name: '' });
    assert.deepEqual(pointOf('not ok 3'), { ...point, ok: false, name: '' });
    assert.deepEqual(pointOf('ok - a'), { ...point, name: 'a' });
    assert.deepEqual(pointOf('ok 12 a'), { ...point, name: 'a' });
  });

  it('keeps a # that begins no directive', () => {
    assert.deepEqual(pointOf('ok 1 - issue #12 # is fixed'), { ...point, name: 'issue #12 # is fixed' });
    assert.deepEqual(pointOf('ok 1 - a \\# skip # TODO later'), { ...point, name: 'a # skip', directive: 'todo' });
  });

  it('may have several directives', () => {
    assert.deepEqual(pointOf('ok 1 - a # time=1.5s # SKIP why not'), { ...point, name: 'a', directive: 'skip', durationMs: 1500 });
  });

  it('knows no words that only begin like ok', () => {
    assert.equal(pointOf('okay 1'), 'other');
    assert.equal(pointOf('ok, go'), 'other');
  });
});

describe('the YAML of TAP', () => {
  const texts = (yaml: string): Record<string, string> =>
    Object.fromEntries([...readYaml(yaml.split('\n'))].map(([key, { text }]) => [key, text]));

  it('reads plain, quoted and block texts', () => {
    assert.deepEqual(texts("  a: 1\n  b: 'it''s'\n  c: \"x\\ny\"\n  d: |-\n    one\n      two\n\n    three\n  e: >\n    folded"), {
      a: '1',
      b: "it's",
      c: 'x\ny',
      d: 'one\n  two\n\nthree',
      e: 'folded',
    });
  });

  it('takes a quote that is never closed as it is', () => {
    assert.deepEqual(texts("a: 'open\nb: 2"), { a: "'open", b: '2' });
  });
});
