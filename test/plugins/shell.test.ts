import assert from 'node:assert/strict';
import { after, describe, it } from 'mocha';
import { removeProjects } from '../support/project.ts';
import { livingInGroup, runProject, runSteps } from './run-steps.ts';

describe('shell', () => {
  after(removeProjects);

  it('runs a line of the shell, or a program with arguments', async () => {
    const run = await runSteps([
      { id: 'line', uses: 'shell', with: 'echo "$HOME" > /dev/null && echo one' },
      { id: 'argv', uses: 'shell', with: ['node', '-p', '"a b"'] },
      { id: 'object', uses: 'shell', with: { command: 'echo three' } },
    ]);
    assert.equal(run.result.status, 'passed');
    assert.deepEqual([run.output('line'), run.output('argv'), run.output('object')], ['one\n', 'a b\n', 'three\n']);
    assert.deepEqual(
      run.events('step:start').map(({ executor }) => executor),
      ['inline', 'inline', 'inline'],
    );
  });

  it('runs in a folder, with variables added and removed', async () => {
    const run = await runSteps(
      [
        {
          id: 'a',
          uses: 'shell',
          env: { GONE: 'x' },
          with: { command: 'pwd; echo "[$ADDED][$GONE]"', cwd: 'sub', env: { ADDED: 'y', GONE: null } },
        },
      ],
      {
        files: { 'sub/keep': '' },
      },
    );
    assert.equal(run.output('a'), `${run.root}/sub\n[y][]\n`);
  });

  it('does not leave the project', async () => {
    const run = await runSteps([{ id: 'a', uses: 'shell', with: { command: 'pwd', cwd: '..' } }]);
    assert.equal(run.error('a').code, 'E_PATH_OUTSIDE');
    assert.match(run.error('a').message, /cwd: "\.\." lies outside the project/);
    assert.equal(run.output('a'), '');
  });

  it('fails with the exit code and the last lines of stderr', async () => {
    const run = await runSteps([{ id: 'a', uses: 'shell', with: 'echo out; for i in 1 2 3 4 5 6 7; do echo "line $i" >&2; done; exit 3' }]);
    assert.equal(run.result.status, 'failed');
    const { code, message, props } = run.error('a');
    assert.equal(code, 'E_COMMAND_FAILED');
    assert.match(message, /` exited with 3:\n {2}line 3\n {2}line 4\n {2}line 5\n {2}line 6\n {2}line 7$/);
    assert.equal(props?.['exitCode'], 3);
  });

  it('says when there is no such program', async () => {
    const run = await runSteps(
      [
        { id: 'line', uses: 'shell', with: 'no-such-program --flag' },
        { id: 'argv', uses: 'shell', with: ['no-such-program'] },
      ],
      { failFast: false },
    );
    assert.equal(run.error('line').code, 'E_COMMAND_NOT_FOUND');
    assert.equal(run.error('argv').code, 'E_COMMAND_NOT_FOUND');
    assert.match(run.error('argv').message, /no-such-program/);
  });

  it('accepts the exit codes that it is told to', async () => {
    const run = await runSteps([{ id: 'a', uses: 'shell', with: { command: 'exit 3', allowExitCodes: [3] } }]);
    assert.equal(run.result.status, 'passed');
  });

  it('reports problems as they are printed and counts them in its error', async () => {
    const script = 'printf "a.ts(1,2): error TS1: x\\na.ts(3,4): warning TS2: y\\n"; exit 2';
    const run = await runSteps([{ id: 'a', uses: 'shell', with: { command: script, problemMatcher: '$tsc' } }]);
    assert.deepEqual(
      run.events('step:diagnostic', 'a').map(({ file, line, severity, message }) => ({ file, line, severity, message })),
      [
        { file: 'a.ts', line: 1, severity: 'error', message: 'x' },
        { file: 'a.ts', line: 3, severity: 'warning', message: 'y' },
      ],
    );
    assert.match(run.error('a').message, /exited with 2: 2 problems in a\.ts$/);
  });

  it('reads progress from the output', async () => {
    const run = await runSteps([
      { id: 'percent', uses: 'shell', with: { command: 'echo "at 40%"', progress: '(\\d+)%' } },
      { id: 'count', uses: 'shell', with: { command: 'echo "[3/4]"', progress: '\\[(\\d+)/(\\d+)\\]' } },
    ]);
    assert.ok(run.events('step:progress', 'percent').some(({ percent }) => percent === 40));
    assert.ok(run.events('step:progress', 'count').some(({ percent }) => percent === 75));
  });

  it('reads progress from a bar that is drawn with carriage returns, while it is drawn', async () => {
    const bar = `process.stdout.write('\\r 1/4\\r 2/4\\r 3/4\\r 4/4'); setInterval(() => {}, 1000);`;
    const run = await runSteps(
      [{ id: 'bar', uses: 'shell', timeout: '10s', with: { command: ['node', '-e', bar], progress: '(\\d+)/(\\d+)' } }],
      {
        onEvent: (event, cancel) => {
          if (event.type === 'step:progress' && event.percent === 75) cancel('seen');
        },
      },
    );
    assert.equal(run.end('bar').status, 'cancelled');
  });

  it('is stopped with its whole tree when its time is up', async () => {
    const run = await runSteps([{ id: 'a', uses: 'shell', timeout: '300ms', with: 'echo $$; sleep 60 & sleep 60; echo never' }]);
    assert.equal(run.end('a').status, 'timed-out');
    assert.deepEqual(livingInGroup(Number(run.output('a').trim())), []);
  });

  it('takes a regular expression in a TypeScript file', async () => {
    const run = await runProject({
      'treadle.config.ts': `import { definePipeline } from 'treadle';
        import { shell } from 'treadle/plugins';
        export default definePipeline([shell('a', { command: ['node', '-p', '"at 30%"'], progress: /(\\d+)%/ }), shell('b', 'echo b')]);`,
    });
    assert.equal(run.result.status, 'passed');
    assert.ok(run.events('step:progress', 'a').some(({ percent }) => percent === 30));
  });

  it('names what is wrong with its options', async () => {
    await assert.rejects(runSteps([{ id: 'a', uses: 'shell', with: { comand: 'x' } }]), (error: Error) => /comand/.test(String(error)));
    await assert.rejects(runSteps([{ id: 'a', uses: 'shell', with: { command: 'x', problemMatcher: '$tcs' } }]), (error: Error) =>
      /options\.problemMatcher: there is no problem matcher "\$tcs"/.test(String(error)),
    );
  });
});
