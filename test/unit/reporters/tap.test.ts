import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createReporter } from '../../../core/reporters/tap.ts';
import { readReport } from '../../plugins/read-report.ts';
import { fateOf, plans } from '../../support/imagined-plans.ts';
import { pipelineNode, stepNode } from '../../support/plans.ts';
import { makeProject, removeProjects } from '../../support/project.ts';
import { collectingOutput, report } from '../../support/reported.ts';
import { recordedRun, recordedSource, stamped } from '../../support/recorded-run.ts';
import { imagineRun } from '../../support/run-events.ts';

/** The test points of a text, without details. */
const points = (text: string): readonly string[] =>
  text.split('\n').filter((line) => /^\s*(?:not ok|ok|1\.\.\d|# Subtest|TAP|Bail)/.test(line));

describe('the tap reporter', () => {
  let cwd: string;
  before(() => {
    cwd = makeProject({ 'src/price.js': recordedSource });
  });
  after(removeProjects);

  it('has a test point for each step, a subtest for each group, and one plan each', async () => {
    assert.deepEqual(points(await report(createReporter, recordedRun, { cwd })), [
      'TAP version 14',
      '1..5',
      'ok 1 - install # time=639ms',
      '# Subtest: checks',
      '    1..5',
      '    not ok 1 - types # time=559ms',
      '    ok 2 - lint # time=359ms',
      '    # Subtest: unit',
      '        1..3',
      '        ok 1 - cart › adds # time=3ms',
      '        not ok 2 - cart › total › rounds # time=5ms',
      '        ok 3 - cart › converts # SKIP',
      '    not ok 3 - unit # time=659ms',
      '    not ok 4 - price # time=118ms',
      '    not ok 5 - slow # TODO it was not needed',
      'not ok 2 - checks # time=2060ms',
      '# Subtest: mirrors',
      '    1..2',
      '    ok 1 - east # SKIP cancelled',
      '    ok 2 - west # time=48ms',
      'ok 3 - mirrors # time=50ms',
      '# Subtest: sequence(build,upload)',
      '    1..2',
      '    ok 1 - build # SKIP an earlier step failed',
      '    ok 2 - upload # SKIP an earlier step failed',
      'ok 4 - sequence(build,upload) # SKIP',
      'ok 5 - report # time=17ms',
    ]);
  });

  it('is read by readers of TAP, with what failed and why', async () => {
    const { tests, problems } = readReport(await report(createReporter, recordedRun, { cwd }));
    assert.deepEqual(problems, []);
    const failed = tests
      .filter(({ status }) => status === 'failed')
      .map(({ path, name, error }) => [[...path, name].join(' / '), error?.message]);
    assert.deepEqual(failed, [
      ['checks / types', '`tsc --noEmit` exited with 2'],
      ['checks / unit / cart › total › rounds', 'Expected values to be strictly equal:'],
      ['checks / price', "Cannot read properties of undefined (reading 'symbol')"],
    ]);
    const rounds = tests.find(({ name }) => name.endsWith('rounds'));
    assert.deepEqual([rounds?.error?.expected, rounds?.error?.actual, rounds?.location?.line], ['12.30', '12.3', 14]);
  });

  it('writes a part of the plan when it has ended', () => {
    const output = collectingOutput();
    const reporter = createReporter(output, { cwd });
    for (const event of recordedRun.slice(0, 4)) reporter.onEvent(event);
    assert.equal(output.text(), 'TAP version 14\n1..5\nok 1 - install # time=639ms\n');
  });

  it('escapes what would be a directive, and gives each description one line', async () => {
    const name = 'a # SKIP b\\c\nd';
    const text = await report(
      createReporter,
      stamped([
        [0, { type: 'run:start', pipeline: 'ci', plan: pipelineNode([stepNode('unit')]), cwd }],
        [1, { type: 'step:test', id: 'unit', name, path: [], status: 'failed', durationMs: 1, error: { message: '  ---\n...\nok 9' } }],
        [2, { type: 'step:end', id: 'unit', status: 'passed', durationMs: 2, attempts: 1, flaky: false, cached: false, overall: 100 }],
      ]),
      { cwd },
    );
    assert.match(text, /\n {4}not ok 1 - a \\# SKIP b\\\\c d # /);
    assert.match(text, /\n {6}message: " {2}---\\n\.\.\.\\nok 9"\n/);
  });

  it("shows the project's own frames of a test case, and the class of its error", async () => {
    const stack = `TypeError: no\n    at add (${cwd}/src/price.js:1:1)\n    at total (file://${cwd}/src/cart.js:2:2)\n    at runTestCase (file:///treadle/dist/worker.js:7:480)`;
    const location = { file: 'src/price.js', line: 1, column: 1 };
    const text = await report(
      createReporter,
      stamped([
        [0, { type: 'run:start', pipeline: 'ci', plan: pipelineNode([stepNode('unit')]), cwd }],
        [
          1,
          {
            ...{ type: 'step:test', id: 'unit', name: 'adds', path: [], status: 'failed', durationMs: 1, location },
            error: { name: 'TypeError', message: 'no', stack },
          },
        ],
      ]),
      { cwd },
    );
    assert.match(
      text,
      /\n {6}name: "TypeError"\n {6}at: "src\/price\.js:1:1"\n {6}stack: \|-\n {8}at add \(src\/price\.js:1:1\)\n {8}at total \(src\/cart\.js:2:2\)\n {6}\.\.\.\n/,
    );
    assert.deepEqual(readReport(text).tests[0]?.error?.name, 'TypeError');
  });

  it('bails out of a run that was stopped', async () => {
    assert.deepEqual(points(await report(createReporter, recordedRun.slice(0, 6), { cwd })), [
      'TAP version 14',
      '1..5',
      'ok 1 - install # time=639ms',
      '# Subtest: checks',
      '    1..5',
      '    not ok 1 - types',
      '    ok 2 - lint # SKIP the run was stopped before it began',
      '    ok 3 - unit # SKIP the run was stopped before it began',
      '    ok 4 - price # SKIP the run was stopped before it began',
      '    ok 5 - slow # SKIP the run was stopped before it began',
      'not ok 2 - checks',
      '# Subtest: mirrors',
      '    1..2',
      '    ok 1 - east # SKIP the run was stopped before it began',
      '    ok 2 - west # SKIP the run was stopped before it began',
      'ok 3 - mirrors # SKIP the run was stopped before it began',
      '# Subtest: sequence(build,upload)',
      '    1..2',
      '    ok 1 - build # SKIP the run was stopped before it began',
      '    ok 2 - upload # SKIP the run was stopped before it began',
      'ok 4 - sequence(build,upload) # SKIP the run was stopped before it began',
      'ok 5 - report # SKIP the run was stopped before it began',
      'Bail out! The run was stopped before it could end.',
    ]);
    assert.deepEqual(points(await report(createReporter, [], { cwd })), [
      'TAP version 14',
      '1..0',
      'Bail out! The run was stopped before it could end.',
    ]);
  });

  it('fails if and only if the run did not pass, and keeps to its plans', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(), async (plan, seed) => {
        const events = imagineRun(plan, 'run-1', fateOf(seed));
        const text = await report(createReporter, events, { cwd });
        const end = events.at(-1);
        const fails = /^(?:not ok (?!.* # TODO)|Bail out!)/m.test(text);
        assert.equal(fails, end?.type !== 'run:end' || end.status !== 'passed', text);
        const { problems } = readReport(text, 'tap');
        assert.deepEqual(
          problems.filter((problem) => !problem.startsWith('the run was given up: ')),
          [],
          text,
        );
      }),
      { numRuns: 400 },
    );
  });
});
