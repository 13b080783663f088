import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withProject, type CliResult } from '../support/cli.ts';

const config = `
  import { definePipeline, step } from 'treadle';
  export default definePipeline([step('lint', () => {}), step('types', () => {})]);
`;

const usage = (args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> =>
  withProject({ 'treadle.config.ts': config }, (project) => project.run(args, { env }));

describe('treadle --help', () => {
  it('shows commands, options of run in groups, and examples within 80 columns', async () => {
    const { exitCode, stdout, stderr } = await usage(['--help']);
    assert.equal(exitCode, 0);
    assert.equal(stderr, '');
    for (const expected of [
      'Usage: treadle [run] [PIPELINE]',
      'Commands:',
      '--only ID…',
      '--reporter NAME[=FILE]',
      '--no-fail-fast',
      'Examples:',
    ]) {
      assert.ok(stdout.includes(expected), `no "${expected}" in:\n${stdout}`);
    }
    const tooLong = stdout.split('\n').filter((line) => line.length > 80);
    assert.deepEqual(tooLong, []);
  });

  for (const command of [['run'], ['list'], ['plugins'], ['init'], ['new'], ['new', 'plugin'], ['completion']]) {
    it(`explains ${command.join(' ')}`, async () => {
      const { exitCode, stdout } = await usage([...command, '--help']);
      assert.equal(exitCode, 0);
      assert.ok(stdout.startsWith(`Usage: treadle ${command.join(' ')}`), stdout);
    });
  }

  it('is what help COMMAND shows', async () => {
    assert.equal((await usage(['help', 'run'])).stdout, (await usage(['run', '--help'])).stdout);
  });

  it('is plain in a pipe and coloured on demand', async () => {
    assert.ok(!(await usage(['--help'])).stdout.includes('\u001b['));
    assert.ok((await usage(['--help'], { FORCE_COLOR: '1' })).stdout.includes('\u001b['));
    assert.ok(!(await usage(['--help'], { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout.includes('\u001b['));
    assert.ok((await usage(['--help', '--color'], { NO_COLOR: '1' })).stdout.includes('\u001b['));
    assert.ok(!(await usage(['--help', '--no-color'], { FORCE_COLOR: '1' })).stdout.includes('\u001b['));
    assert.ok((await usage(['--help'], { FORCE_COLOR: '1', NO_COLOR: '' })).stdout.includes('\u001b['), 'empty values do not count');
  });
});

describe('treadle --version', () => {
  for (const flag of ['--version', '-v', '-V']) {
    it(`answers ${flag}`, async () => {
      const { exitCode, stdout } = await usage([flag]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/);
    });
  }
});

describe('usage errors', () => {
  const cases: readonly { readonly args: readonly string[]; readonly says: readonly (string | RegExp)[] }[] = [
    { args: ['--reportr', 'line'], says: ['"--reportr"', '--reporter', 'treadle run --help'] },
    { args: ['run', '--conccurrency', '2'], says: ['"--conccurrency"', '--concurrency', 'treadle run --help'] },
    { args: ['list', '--jsn'], says: ['"--jsn"', '--json', 'treadle list --help'] },
    { args: ['new', 'plugn'], says: ['"plugn"', 'plugin', 'treadle new --help'] },
    { args: ['new', 'plugin'], says: ['"name"', 'treadle new plugin --help'] },
    { args: ['new'], says: ['plugin', 'treadle new --help'] },
    { args: ['run', 'a', 'b'], says: ['Too many arguments', 'treadle run --help'] },
    { args: ['--only'], says: ['--only ID', 'needs a value'] },
    { args: ['--concurrency', '0'], says: ['--concurrency', '"0"', 'whole number'] },
    { args: ['--concurrency', 'two'], says: ['--concurrency', '"two"'] },
    { args: ['--timeout', 'soon'], says: ['--timeout', 'soon', /30s|2m/] },
    { args: ['--executor', 'thread'], says: ['"thread"', '"threads"'] },
    { args: ['help', 'runn'], says: ['"runn"', 'Did you mean run?'] },
    { args: ['--reporter', 'tre'], says: ['"tre"', '"tree"', 'ndjson'] },
    { args: ['--reporter', 'ndjson', '--reporter', 'json'], says: ['ndjson', 'json', 'standard output', 'FILE'] },
    { args: ['--reporter', 'json='], says: ['json=', 'no file'] },
    { args: ['completion', 'tcsh'], says: ['"tcsh"', 'bash, zsh, fish'] },
    { args: ['--cwd', 'nowhere'], says: ['--cwd', '"nowhere"'] },
    { args: ['--config', 'nowhere.ts'], says: ['nowhere.ts'] },
    { args: ['lst'], says: ['"lst"', '"list"'] },
    { args: ['--reporter', 'line', 'list'], says: ['"list" must come first'] },
    { args: ['--param', 'port'], says: ['KEY=VALUE', '"port"'] },
    { args: ['--param', '__proto__.x=1'], says: ['__proto__'] },
    { args: ['--only', 'lnt'], says: ['"lnt"', '"lint"'] },
    { args: ['--from', 'typs'], says: ['"typs"', '"types"'] },
  ];
  for (const { args, says } of cases) {
    it(`treadle ${args.join(' ')}`, async () => {
      const { exitCode, stdout, stderr } = await usage(args);
      assert.equal(exitCode, 2, stderr);
      assert.equal(stdout, '');
      for (const part of says) {
        assert.ok(typeof part === 'string' ? stderr.includes(part) : part.test(stderr), `no ${String(part)} in:\n${stderr}`);
      }
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
    });
  }

  it('says what is missing in an empty folder', async () => {
    await withProject({}, async (project) => {
      const { exitCode, stderr } = await project.run([]);
      assert.equal(exitCode, 2);
      assert.match(stderr, /E_CONFIG_NOT_FOUND/);
      assert.match(stderr, /treadle\.config/);
    });
  });
});
