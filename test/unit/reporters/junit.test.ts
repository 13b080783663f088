import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { RunEvent, RunEventBody } from '../../../core/contract/events.ts';
import { createReporter } from '../../../core/reporters/junit.ts';
import { createReporter as createStrict } from '../../../core/reporters/junit-strict.ts';
import type { ReporterFactory } from '../../../core/reporters/reporter.ts';
import { fateOf, plans } from '../../support/imagined-plans.ts';
import {
  allOf,
  commonSchema,
  jenkinsSchema,
  lintXml,
  parseXml,
  type Schema,
  toXsd,
  violations,
  type XmlElement,
} from '../../support/junit-schema.ts';
import { groupNode, pipelineNode, stepNode } from '../../support/plans.ts';
import { makeProject, removeProjects } from '../../support/project.ts';
import { report } from '../../support/reported.ts';
import { recordedRun, recordedSource, stamped } from '../../support/recorded-run.ts';
import { imagineRun } from '../../support/run-events.ts';

const dialects: readonly (readonly [name: string, create: ReporterFactory, schema: Schema])[] = [
  ['junit', createReporter, commonSchema],
  ['junit-strict', createStrict, jenkinsSchema],
];

const badText = '\u0000<a href="x">&\u001B[31m\uFFFE\uD800]]>\u{1F600}\r\n\t\u0007';

/** How each case ended, as `class / name: outcome`. */
function outline(root: XmlElement): readonly string[] {
  return allOf(root, 'testcase').map(({ attributes, children }) => {
    const outcomes = children.filter(({ name }) => !name.startsWith('system')).map(({ name }) => name);
    return `${attributes['classname']} / ${attributes['name']}: ${outcomes.length === 0 ? 'passed' : outcomes.join(' ')}`;
  });
}

function ended(id: string, status: 'passed' | 'failed' | 'timed-out' | 'skipped', more: object = {}): RunEventBody {
  return { type: 'step:end', id, status, durationMs: 5, attempts: 1, flaky: false, cached: false, overall: 50, ...more };
}

/** A run that is killed while its second step is running. */
const killed = stamped([
  [
    0,
    { type: 'run:start', pipeline: 'ci', plan: pipelineNode([stepNode('first'), stepNode('second'), stepNode('third')]), cwd: '/project' },
  ],
  [1, { type: 'step:start', id: 'first', attempt: 1, executor: 'inline' }],
  [6, ended('first', 'passed')],
  [7, { type: 'step:start', id: 'second', attempt: 1, executor: 'inline' }],
]);

describe('the junit reporter', () => {
  let cwd: string;
  before(() => {
    cwd = makeProject({ 'src/price.js': recordedSource });
  });
  after(removeProjects);

  const read = async (events: readonly RunEvent[], create = createReporter, repository = cwd): Promise<XmlElement> =>
    parseXml(await report(create, events, { cwd, repository }));

  it('has a case for each step and each test case, and says how it ended', async () => {
    assert.deepEqual(outline(await read(recordedRun)), [
      'ci / install: passed',
      'ci / build: skipped',
      'ci / upload: skipped',
      'ci / report: passed',
      'ci.checks / types: failure',
      'ci.checks / lint: flakyFailure',
      'ci.checks / price: failure',
      // Not critical: it decided nothing.
      'ci.checks / slow: skipped',
      'ci.checks.unit / cart › adds: passed',
      'ci.checks.unit / cart › total › rounds: failure',
      'ci.checks.unit / cart › converts: skipped',
      'ci.mirrors / east: skipped',
      'ci.mirrors / west: passed',
    ]);
  });

  it('counts in each suite and as a whole what is in it, in seconds', async () => {
    const root = await read(recordedRun);
    assert.deepEqual({ ...root.attributes }, { name: 'ci', tests: '13', failures: '3', errors: '0', skipped: '5', time: '2.772' });
    for (const suite of allOf(root, 'testsuite')) {
      const counts = { tests: 'testcase', failures: 'failure', errors: 'error', skipped: 'skipped' };
      for (const [attribute, name] of Object.entries(counts)) {
        assert.equal(suite.attributes[attribute], String(allOf(suite, name).length), `${suite.attributes['name']}: ${attribute}`);
      }
    }
    const install = allOf(root, 'testcase')[0];
    assert.equal(install?.attributes['time'], '0.639');
  });

  it('repeats the message in the body, with the findings, the code and the causes', async () => {
    const failures = allOf(await read(recordedRun), 'failure');
    assert.deepEqual(
      failures.map(({ attributes }) => [attributes['type'], attributes['message']]),
      [
        ['E_COMMAND_FAILED', '`tsc --noEmit` exited with 2'],
        ['TypeError', "Cannot read properties of undefined (reading 'symbol')"],
        ['AssertionError', 'Expected values to be strictly equal:'],
      ],
    );
    for (const { attributes, text } of failures) assert.ok(text.startsWith(attributes['message'] ?? 'none'), text);
    assert.match(failures[0]?.text ?? '', /src\/price\.js:3:28 error Cannot find name 'currencyOf'\. \(TS2304\)/);
    assert.match(failures[1]?.text ?? '', /> 3 │ .*currencyOf\(cart\)\.symbol;[^]*Caused by RangeError: No currency for XX/);
    assert.match(failures[2]?.text ?? '', /Expected: 12\.30\nActual: {3}12\.3\n/);
  });

  it('names files relative to the repository', async () => {
    const repository = join(cwd, '..');
    const inside = cwd.slice(repository.length + 1);
    const files = allOf(await read(recordedRun, createReporter, repository), 'testcase').flatMap(
      ({ attributes }) => attributes['file'] ?? [],
    );
    assert.deepEqual(files, [`${inside}/src/price.js`, `${inside}/test/cart.test.js`]);
  });

  it('calls crashes, timeouts and lost threads errors, and what said no a failure', async () => {
    const codes = [
      'E_STEP_FAILED',
      'E_ASSERTION',
      'E_TIMEOUT',
      'E_WORKER_LOST',
      'E_OUT_OF_MEMORY',
      'E_PROCESS_EXIT',
      'E_UNCAUGHT',
    ] as const;
    const plan = pipelineNode([
      groupNode(
        'all',
        codes.map((code) => stepNode(code)),
      ),
    ]);
    const root = await read(
      stamped([
        [0, { type: 'run:start', pipeline: 'ci', plan, cwd }],
        ...codes.map((code): readonly [number, RunEventBody] => [
          1,
          ended(code, code === 'E_TIMEOUT' ? 'timed-out' : 'failed', { error: { code, name: 'Error', message: 'no' } }),
        ]),
      ]),
    );
    assert.deepEqual(
      outline(root).map((line) => line.replace(/^.* \/ /, '')),
      [
        'E_STEP_FAILED: failure',
        'E_ASSERTION: failure',
        'E_TIMEOUT: error',
        'E_WORKER_LOST: error',
        'E_OUT_OF_MEMORY: error',
        'E_PROCESS_EXIT: error',
        'E_UNCAUGHT: error',
        // The run itself, which never ended.
        'ci: error',
      ],
    );
  });

  it('has an error for a step that never ended, and for the run', async () => {
    const root = await read(killed);
    assert.deepEqual(outline(root), ['ci / first: passed', 'ci / second: error', 'ci / third: skipped', 'ci / ci: error']);
    assert.match(allOf(root, 'error')[0]?.text ?? '', /^It never ended/);
    assert.equal((await read([])).attributes['errors'], '1');
  });

  it('keeps the attempts before a failure as reruns, those that crashed apart', async () => {
    const error = { name: 'Error', message: 'no' };
    const root = await read(
      stamped([
        [0, { type: 'run:start', pipeline: 'ci', plan: pipelineNode([stepNode('a', { retries: 2 })]), cwd }],
        [1, { type: 'step:start', id: 'a', attempt: 1, executor: 'inline' }],
        [2, { type: 'step:retry', id: 'a', attempt: 2, delayMs: 0, error: { ...error, code: 'E_STEP_FAILED' } }],
        [3, { type: 'step:retry', id: 'a', attempt: 3, delayMs: 0, error: { ...error, code: 'E_WORKER_LOST' } }],
        [4, ended('a', 'failed', { attempts: 3, error: { ...error, code: 'E_STEP_FAILED' } })],
      ]),
    );
    assert.equal(outline(root)[0], 'ci / a: failure rerunFailure rerunError');
  });

  it('gives cases of one name numbers', async () => {
    const test = { type: 'step:test', id: 'unit', name: 'same', path: [], status: 'passed', durationMs: 1 } as const;
    const root = await read(
      stamped([
        [0, { type: 'run:start', pipeline: 'ci', plan: pipelineNode([stepNode('unit')]), cwd }],
        [1, test],
        [1, { ...test, name: 'same (2)' }],
        [1, test],
        [1, test],
        [2, ended('unit', 'passed')],
      ]),
    );
    assert.deepEqual(
      allOf(root, 'testcase').map(({ attributes }) => attributes['name']),
      ['same', 'same (2)', 'same (3)', 'same (4)', 'ci'],
    );
  });

  for (const [name, create, schema] of dialects) {
    describe(name, () => {
      const folder = (): string => makeProject({ 'junit.xsd': toXsd(schema) });
      const check = (xml: string, at: string): void => {
        assert.deepEqual(violations(parseXml(xml), schema), []);
        const file = join(at, 'junit.xml');
        writeFileSync(file, xml);
        // Where xmllint is installed, it decides; the check above holds everywhere.
        assert.equal(lintXml(file, join(at, 'junit.xsd')) ?? '', '');
      };

      it('fits its schema, whatever a step writes', async () => {
        const at = folder();
        check(await report(create, recordedRun, { cwd }), at);
        check(await report(create, killed, { cwd }), at);
        check(
          await report(
            create,
            recordedRun.map((event) => withText(event, badText)),
            { cwd },
          ),
          at,
        );
      });

      it('says that something failed if and only if the run did not pass', async () => {
        await fc.assert(
          fc.asyncProperty(plans, fc.nat(), async (plan, seed) => {
            const events = imagineRun(plan, 'run-1', fateOf(seed));
            const root = parseXml(await report(create, events, { cwd }));
            assert.deepEqual(violations(root, schema), []);
            const bad = Number(root.attributes['failures']) + Number(root.attributes['errors']);
            const end = events.at(-1);
            assert.equal(bad > 0, end?.type !== 'run:end' || end.status !== 'passed');
            const names = allOf(root, 'testcase').map(({ attributes }) => `${attributes['classname']}\n${attributes['name']}`);
            assert.equal(new Set(names).size, names.length);
          }),
        );
      });
    });
  }

  it('is refused by the schemas when it is wrong', () => {
    const wrong = '<testsuites><testsuite name="a" tests="1" failures="0"><testcase name="b" file="c"/></testsuite></testsuites>';
    assert.deepEqual(violations(parseXml(wrong), jenkinsSchema), ['<testsuite> lacks errors', '<testcase> has file']);
    const at = makeProject({ 'wrong.xml': wrong, 'junit.xsd': toXsd(jenkinsSchema) });
    const said = lintXml(join(at, 'wrong.xml'), join(at, 'junit.xsd'));
    assert.ok(said === undefined || said.includes('file'), said);
  });
});

/** The event with every text of a step or tool replaced. */
function withText(event: RunEvent, text: string): RunEvent {
  switch (event.type) {
    case 'step:output':
      return { ...event, text };
    case 'step:test':
      return {
        ...event,
        name: text,
        path: [text],
        ...(event.error === undefined ? {} : { error: { message: text, stack: text, expected: text } }),
      };
    case 'step:diagnostic':
      return { ...event, message: text, file: text };
    case 'step:retry':
      return { ...event, error: { ...event.error, message: text, name: text } };
    case 'step:end':
      return { ...event, ...(event.error === undefined ? {} : { error: { ...event.error, message: text, stack: text, hint: text } }) };
    default:
      return event;
  }
}
