import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { mock } from 'node:test';
import { createReporter } from '../../../core/reporters/line.ts';
import { makeProject, removeProjects } from '../../support/project.ts';
import { collectingOutput, readableColours, report } from '../../support/reported.ts';
import { recordedAt, recordedRun, recordedSource, stamped } from '../../support/recorded-run.ts';
import { pipelineNode, stepNode } from '../../support/plans.ts';

const blocks = `ci · run run-1
✔ install 639 ms
│ added 12 packages
↻ lint attempt 2 follows: \`oxlint\` exited with 137
✖ price 118 ms
│ cart of 3 items
✔ lint 359 ms · flaky, attempt 2
✖ types 559 ms
✖ unit 659 ms
⧖ slow 2.1 s · timed out
✔ west 48 ms
⊘ east 49 ms · cancelled
↷ build an earlier step failed
↷ upload an earlier step failed
✔ report 17 ms
│ written to build/report.html
`;

const summary = `
⚠ checks: lint and unit left different values at results.report.total; kept that of unit

✖ checks › types
  E_COMMAND_FAILED \`tsc --noEmit\` exited with 2
  src/price.js
    3:28     error Cannot find name 'currencyOf'. TS2304
    12:1     warning Unreachable code detected.
  src/shop.js
    108:11   error Property 'symbol' does not exist. TS2339

⚠ lint is flaky: it passed at attempt 2

✖ checks › unit
  E_TESTS_FAILED 1 test failed: rounds
  ✖ cart › total › rounds
    Expected values to be strictly equal:
    expected  12.30
    actual    12.3
    test/cart.test.js:14

✖ checks › price
  TypeError Cannot read properties of undefined (reading 'symbol')
  src/price.js:3:48
    1 │ export function price(cart) {
    2 │   const total = cart.items.reduce((sum, item) => sum + item.price,…
  > 3 │  return total.toFixed(2) + currencyOf(cart).symbol;
      │                                                ^
    4 │ }
  caused by RangeError: No currency for XX

⧖ checks › slow
  E_TIMEOUT Step "slow" timed out after 2 s.
  hint Give it more time with timeout, or find out what it waits for.

⚠ report: left 1 timer open

 Pipeline  ci failed
    Steps  4 passed | 3 failed | 1 timed out | 1 cancelled | 2 skipped (11)
    Tests  1 passed | 1 failed | 1 skipped (3)
 Duration  2.8 s
`;

describe('the line reporter', () => {
  let cwd: string;
  before(() => {
    cwd = makeProject({ 'src/price.js': recordedSource });
  });
  after(removeProjects);

  it('prints a block for each step as it ends, then what went wrong', async () => {
    assert.equal(await report(createReporter, recordedRun, { cwd }), blocks + summary);
  });

  it('shows of a long line of code what is around the place, where there is little room', async () => {
    const narrow = await report(createReporter, recordedRun, { cwd, columns: 40 });
    const frame = `
    1 │
    2 │ …sum, item) => sum + item.…
  > 3 │ …Of(cart).symbol;
      │              ^
    4 │
`;
    assert.ok(narrow.includes(frame), narrow);
    assert.equal(narrow.slice(0, blocks.length), blocks);
  });

  it('says the same in colour, and nothing by colour alone', async () => {
    const coloured = await report(createReporter, recordedRun, { cwd, color: true });
    assert.equal(stripVTControlCharacters(coloured), blocks + summary);
    const lines = readableColours(coloured).split('\n');
    for (const line of [
      '{green}✔{/} lint {dim}359 ms · flaky, attempt 2{/}',
      '{red}✖{/} price {dim}118 ms{/}',
      '{dim}│{/} cart of 3 items',
      '{magenta}↻{/} lint {dim}attempt 2 follows: `oxlint` exited with 137{/}',
      '    {dim}12:1    {/} {magenta}warning{/} Unreachable code detected.',
      '  {underline}src/price.js:3:48{/}',
    ])
      assert.ok(lines.includes(line), `${line} is not in\n${lines.join('\n')}`);
  });

  it('lets no text of a step or tool control the terminal', async () => {
    const evil = '\u001B]0;title\u0007\u001B[2J\u009B2Jx\u0090y\u0007';
    const plan = pipelineNode([stepNode('bad')]);
    const text = await report(
      createReporter,
      stamped([
        [0, { type: 'run:start', pipeline: 'ci', plan, cwd }],
        [1, { type: 'step:start', id: 'bad', attempt: 1, executor: 'inline' }],
        [2, { type: 'step:retry', id: 'bad', attempt: 2, delayMs: 0, error: { code: 'E_STEP_FAILED', name: 'Error', message: evil } }],
        [3, { type: 'step:output', id: 'bad', stream: 'stdout', text: `${evil}\n` }],
        [
          4,
          {
            type: 'step:test',
            id: 'bad',
            name: evil,
            path: [evil],
            status: 'failed',
            durationMs: 1,
            error: { message: evil, expected: evil, actual: evil },
            location: { file: evil, line: 1, column: 1 },
          },
        ],
        [
          5,
          {
            type: 'step:diagnostic',
            id: 'bad',
            file: evil,
            line: 1,
            column: 1,
            severity: 'error',
            message: evil,
            source: evil,
            code: evil,
          },
        ],
        [6, { type: 'step:warning', id: 'bad', message: evil }],
        [
          7,
          {
            type: 'step:end',
            id: 'bad',
            status: 'failed',
            durationMs: 7,
            attempts: 2,
            flaky: false,
            cached: false,
            overall: 100,
            error: { code: 'E_STEP_FAILED', name: 'Error', message: evil, hint: evil, location: { file: evil, line: 1, column: 1 } },
          },
        ],
      ]),
      { cwd },
    );
    assert.doesNotMatch(text, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
    assert.match(text, /xy/);
  });

  it('prints a warning that comes after its step at once, as it may explain what fails next', () => {
    const output = collectingOutput();
    const reporter = createReporter(output, { cwd });
    const plan = pipelineNode([stepNode('shop'), stepNode('later')]);
    const ended = { status: 'passed', durationMs: 5, attempts: 1, flaky: false, cached: false, overall: 50 } as const;
    for (const event of stamped([
      [0, { type: 'run:start', pipeline: 'ci', plan, cwd }],
      [1, { type: 'step:start', id: 'shop', attempt: 1, executor: 'inline' }],
      [2, { type: 'step:warning', id: 'shop', message: 'slow' }],
      [6, { type: 'step:end', id: 'shop', ...ended }],
      [7, { type: 'step:warning', id: 'shop', message: '`serve` was ended by SIGKILL:\nlast words\n' }],
    ]))
      reporter.onEvent(event);
    assert.match(output.text(), /^ci .*\n✔ shop 5 ms\n⚠ shop: `serve` was ended by SIGKILL:\n {2}last words\n$/);
    void reporter.close?.();
    assert.match(output.text(), /\n\n⚠ shop: slow\n⚠ shop: `serve` was ended by SIGKILL:\n {2}last words\n\n/);
  });

  it('says what is still running when nothing else was printed for half a minute', () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: recordedAt });
    try {
      const output = collectingOutput();
      const reporter = createReporter(output, { cwd });
      const plan = pipelineNode([stepNode('wait'), stepNode('later')]);
      for (const event of stamped([
        [0, { type: 'run:start', pipeline: 'ci', plan, cwd }],
        [0, { type: 'step:start', id: 'wait', attempt: 1, executor: 'inline' }],
      ]))
        reporter.onEvent(event);
      mock.timers.tick(29_999);
      assert.doesNotMatch(output.text(), /still running/);
      mock.timers.tick(1);
      mock.timers.tick(30_000);
      assert.deepEqual(output.text().match(/… .*/g), ['… still running: wait (30.0 s)', '… still running: wait (1 min 00 s)']);
      void reporter.close?.();
      const length = output.text().length;
      mock.timers.tick(60_000);
      assert.equal(output.text().length, length);
    } finally {
      mock.timers.reset();
    }
  });
});
