import assert from 'node:assert/strict';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, describe, it } from 'mocha';
import { removeProjects } from '../support/project.ts';
import { runSteps, type StepsRun } from './run-steps.ts';

const programs = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));
const env = { PATH: [programs, process.env['PATH'] ?? ''].join(delimiter) };

const mochaFile = `
const assert = require('node:assert');
describe('cart', () => {
  it('adds', () => { console.log('printed by a test'); });
  it('removes', () => { assert.deepEqual({ n: 1 }, { n: 2 }); });
  it.skip('sorts', () => {});
});
`;
const nodeFile = `
import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
describe('cart', () => {
  it('adds', () => { console.log('printed by a test'); });
  it('removes', () => { assert.equal(1, 2); });
});
`;

function outline(run: StepsRun, id = 'a'): readonly string[] {
  return run.events('step:test', id).map(({ path, name, status }) => `${status} ${[...path, name].join(' › ')}`);
}

async function runTests(options: unknown, files: Readonly<Record<string, string>> = {}): Promise<StepsRun> {
  return runSteps([{ id: 'a', uses: 'tests', env, with: options }], { files });
}

/** A command that prints a text. */
function printing(text: string, exitCode = 0): string {
  return `cat <<'END'\n${text}\nEND\nexit ${exitCode}`;
}

describe('tests', () => {
  after(removeProjects);

  for (const [how, options] of Object.entries({
    'its own command': 'mocha',
    'a list of arguments': ['mocha', 'test.spec.cjs'],
    'a script of package.json': 'npm test --silent',
    'a script by name': 'npm run -s unit',
    'the runner that is named': { command: 'sh run.sh', runner: 'mocha' },
  })) {
    it(`makes mocha report, started by ${how}`, async () => {
      const run = await runTests(options, {
        'package.json': '{"type":"commonjs","scripts":{"test":"mocha test.spec.cjs","unit":"true && mocha test.spec.cjs"}}',
        '.mocharc.json': '{"spec":"test.spec.cjs"}',
        'test.spec.cjs': mochaFile,
        'run.sh': 'exec mocha "$@" test.spec.cjs',
      });
      assert.deepEqual(outline(run), ['passed cart › adds', 'failed cart › removes', 'skipped cart › sorts'], run.output('a'));
      const { code, message } = run.error('a');
      assert.equal(code, 'E_TESTS_FAILED');
      assert.equal(message, '1 test failed: cart › removes');
      assert.equal(run.output('a'), 'printed by a test\n');
      const failed = run.events('step:test', 'a')[1];
      assert.deepEqual(failed?.location, { file: 'test.spec.cjs', line: 5, column: 32 });
      assert.equal(failed?.error?.actual, '{ n: 1 }');
      assert.equal(failed?.error?.name, 'AssertionError');
      assert.ok(run.events('step:progress', 'a').some(({ message: said }) => said === '3 of 3'));
    });
  }

  it('makes node:test report', async () => {
    const run = await runTests('node --test cart.test.mjs', { 'cart.test.mjs': nodeFile });
    assert.deepEqual(outline(run), ['passed cart › adds', 'failed cart › removes'], run.output('a'));
    assert.match(run.output('a'), /printed by a test/);
    const failed = run.events('step:test', 'a')[1];
    assert.deepEqual(failed?.location, { file: 'cart.test.mjs', line: 6, column: 3 });
    assert.deepEqual([failed?.error?.expected, failed?.error?.actual, failed?.error?.name], ['2', '1', 'AssertionError']);
  });

  it('tells of node:test why a hook failed, and why a file could not be run or did not go on', async () => {
    const run = await runTests('node --test hook.test.mjs import.test.mjs leaves.test.mjs syntax.test.mjs', {
      'hook.test.mjs': `
        import { before, describe, it, test } from 'node:test';
        describe('cart', () => {
          before(() => { throw new RangeError('no database'); });
          it('adds', () => {});
        });
        test('checkout', async (t) => {
          await t.test('pays', () => { throw new Error('no money'); });
          throw new Error('not delivered');
        });
        test('login', async (t) => { await t.test('greets', () => { throw new Error('no name'); }); });
      `,
      'import.test.mjs': "import './absent.mjs';",
      'leaves.test.mjs': "import { test } from 'node:test'; test('leaves', () => { console.log('giving # up'); process.exit(7); });",
      'syntax.test.mjs': 'syntax error',
    });
    const errors = run.events('step:test', 'a').map(({ path, name, error }) => `${[...path, name].join(' › ')}: ${error?.message}`);
    assert.deepEqual(errors.slice(0, 5), [
      'cart › adds: test did not finish before its parent and was cancelled',
      'cart: no database',
      'checkout › pays: no money',
      'checkout: not delivered',
      'login › greets: no name',
    ]);
    assert.match(
      errors[5] ?? '',
      /^import\.test\.mjs: the file exited with 1:\n(?:.*\n)*.*Cannot find module '.*absent\.mjs' imported from/,
    );
    assert.equal(errors[6], 'leaves.test.mjs: the file exited with 7:\ngiving # up');
    assert.match(errors[7] ?? '', /^syntax\.test\.mjs: the file exited with 1:\n.*\nsyntax error\n {7}\^+\nSyntaxError: .*'error'$/);
    assert.equal(errors.length, 8);
  });

  it('reports each test case as soon as it has run', async () => {
    // The second test case is run only after the first one was reported.
    const script = `
      import { existsSync, watch } from 'node:fs';
      console.log('1..2\\nok 1 - first\\n# heading');
      const done = () => { console.log('ok 2 - second'); process.exit(); };
      if (existsSync('go')) done(); else watch('.', () => existsSync('go') && done());`;
    let reported = 0;
    let root = '';
    const { writeFileSync } = await import('node:fs');
    const run = await runSteps([{ id: 'a', uses: 'tests', timeout: '15s', with: ['node', 'slow.mjs'] }], {
      files: { 'slow.mjs': script },
      onEvent: (event) => {
        if (event.type === 'run:start') root = event.cwd;
        if (event.type === 'step:test' && (reported += 1) === 1) writeFileSync(join(root, 'go'), '');
      },
    });
    assert.equal(run.end('a').status, 'passed');
    assert.equal(reported, 2);
  });

  it('reads JUnit files that the command writes, and shows its output', async () => {
    const xml = (name: string): string => `<testsuite name="s"><testcase name="${name}" classname="s" time="0.5"/></testsuite>`;
    const command = `mkdir -p out/b && echo '${xml('one')}' > out/a.xml && echo '${xml('two')}' > out/b/c.xml && echo done`;
    const run = await runTests({ command, file: 'out/**/*.xml' });
    assert.deepEqual(outline(run), ['passed s › one', 'passed s › two']);
    assert.equal(run.events('step:test', 'a')[0]?.durationMs, 500);
    assert.equal(run.output('a'), 'done\n');
  });

  it('does not take an old report for a new one', async () => {
    const stale = await runTests({ command: 'true', file: 'out.xml' }, { 'out.xml': '<testsuite><testcase name="a"/></testsuite>' });
    assert.equal(stale.error('a').message, 'The report out.xml is from an earlier run: the command did not write it.');
    const none = await runTests({ command: 'true', file: 'out.xml' });
    assert.equal(none.error('a').message, 'The command wrote no report out.xml.');
    const outside = await runTests({ command: 'true', file: '../out.xml' });
    assert.equal(outside.error('a').code, 'E_PATH_OUTSIDE');
  });

  it('fails when the command fails though no test did', async () => {
    const run = await runTests(printing('1..1\nok 1 - a', 1));
    const { code, message } = run.error('a');
    assert.equal(code, 'E_COMMAND_FAILED');
    assert.match(message, /exited with 1 but no test failed$/);
  });

  it('says what the command said last when it fails though no test did, and nothing of the report', async () => {
    const spec = (last: string): string => `it('a', () => {}); process.on('exit', () => { ${last} process.exit(3); });`;
    const silent = await runTests('mocha test.spec.cjs', { 'test.spec.cjs': spec('') });
    assert.equal(silent.error('a').message, '`mocha test.spec.cjs` exited with 3 but no test failed');
    const telling = await runTests('mocha test.spec.cjs', { 'test.spec.cjs': spec("console.log('too little coverage');") });
    assert.equal(telling.error('a').message, '`mocha test.spec.cjs` exited with 3 but no test failed:\n  too little coverage');
  });

  it('fails when no test is reported, unless that is allowed', async () => {
    const run = await runTests('echo nothing to see');
    assert.equal(run.error('a').code, 'E_TESTS_FAILED');
    assert.match(run.error('a').message, /reported no tests\.$/);
    assert.equal(run.output('a'), 'nothing to see\n');
    assert.equal((await runTests({ command: 'true', allowEmpty: true })).result.status, 'passed');
    const crashed = await runTests('echo "no config" >&2; exit 2');
    assert.match(crashed.error('a').message, /exited with 2 and reported no tests:\n {2}no config$/);
  });

  it('fails when tests failed though the command did not', async () => {
    const run = await runTests(printing('1..2\nok 1 - a\nnot ok 2 - b'));
    assert.equal(run.error('a').message, '1 test failed: b');
  });

  it('fails when the report is incomplete', async () => {
    const run = await runTests(printing('1..3\nok 1 - a'));
    assert.equal(run.error('a').code, 'E_TESTS_FAILED');
    assert.match(run.error('a').message, /the report is incomplete: 3 tests planned, 1 reported$/);
  });

  it('leaves a command alone that chooses its report itself, or is told to be left alone', async () => {
    const files = { 'test.spec.cjs': mochaFile };
    const tap = await runTests('mocha test.spec.cjs --reporter tap', files);
    assert.deepEqual(outline(tap), ['passed cart adds', 'failed cart removes', 'skipped cart sorts']);
    const none = await runTests({ command: 'mocha test.spec.cjs', runner: 'none' }, files);
    assert.match(none.error('a').message, /exited with 1 and reported no tests/);
  });

  it('keeps NODE_OPTIONS of the environment', async () => {
    const files = {
      'cart.test.mjs':
        "import { it } from 'node:test'; it('has ' + process.env.NODE_OPTIONS.replace('--test-reporter=tap', '').trim(), () => {});",
    };
    const run = await runTests({ command: 'node --test cart.test.mjs', env: { NODE_OPTIONS: '--no-deprecation' } }, files);
    assert.deepEqual(outline(run), ['passed has --no-deprecation']);
  });
});
