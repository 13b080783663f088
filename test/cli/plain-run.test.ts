import assert from 'node:assert/strict';
import type { Command } from 'commander';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { openConsole } from '../../core/cli/console.ts';
import { commandNames } from '../../core/cli/flags.ts';
import { readPlainRun, type PlainRun } from '../../core/cli/plain-run.ts';
import { createProgram } from '../../core/cli/program.ts';
import { commonRunOptions, globalOptions, ownRunOptions, type RunOption } from '../../core/cli/run-options.ts';
import { throwUsageErrors } from '../../core/cli/usage.ts';
import { withProject } from '../support/cli.ts';

const console = openConsole([], {});

/** What commander makes of the arguments of a run; it throws where they are something else. */
function readByCommander(args: readonly string[]): PlainRun | undefined {
  const program = createProgram(console, () => {});
  throwUsageErrors(program);
  let read: PlainRun | undefined;
  for (const command of program.commands) {
    command.action((pipeline: string | undefined, _flags: unknown, used: Command) => {
      assert.equal(used.name(), 'run');
      read = { pipeline, flags: used.optsWithGlobals() };
    });
  }
  program.parse(args, { from: 'user' });
  return read;
}

const options = [globalOptions, ...commonRunOptions, ownRunOptions].flatMap((group) => group.options);

/** Values that an option takes, by its name. */
const values: Readonly<Record<string, readonly string[]>> = {
  '--concurrency': ['1', '08', '1e2'],
  '--max-failures': ['3', ' 4'],
  '--package-workers': ['2'],
  '--executor': ['inline', 'threads'],
  '--shard': ['1/1', '2/5'],
  '--param': ['key=value', 'a=-1', '='],
};
const anyText: readonly string[] = ['lint', '', 'run', 'list', 'out/report.json', 'a=b', '__proto__', 'constructor'];

/** The words of an option as people write it. */
function written(option: RunOption): fc.Arbitrary<readonly string[]> {
  const { name, short, value } = option;
  if (value === undefined) return fc.constantFrom(...[name, short].flatMap((each) => (each === undefined ? [] : [[each]])));
  const one = fc.constantFrom(...(values[name] ?? anyText));
  const apart = one.map((text) => [name, text]);
  const joined = one.map((text) => [`${name}=${text}`]);
  if (!value.endsWith('...>')) return fc.oneof(apart, joined);
  return fc.oneof(
    apart,
    joined,
    fc.array(one, { minLength: 1, maxLength: 3 }).map((texts) => [name, ...texts]),
  );
}

const plainOption = fc.oneof(...options.map(written));

const plainArgs = fc
  .record({
    everywhere: fc.array(fc.oneof(...globalOptions.options.map(written)), { maxLength: 2 }),
    run: fc.boolean(),
    pipeline: fc.option(fc.constantFrom('nightly', '', 'runs', 'toString')),
    options: fc.array(plainOption, { maxLength: 6 }),
  })
  // At the front, where no option takes the pipeline for another of its values.
  .map(({ everywhere, run, pipeline, options }) => [
    ...everywhere.flat(),
    ...(run ? ['run'] : []),
    ...(pipeline === null ? [] : [pipeline]),
    ...options.flat(),
  ]);

const anyWord = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('nightly', ...commandNames) },
  { weight: 3, arbitrary: fc.constantFrom(...options.map(({ name }) => name)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '-', '--', '-1', '-r1', '-rv', '-vr', '-r=1', '-h', '-x', '--=', '--no-only', '--reporte', '__complete'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('--help', '--version', '-v', '--cache', '--no-cache=1', '--only=', '--cwd=-x', '--shard=1', '9/3'),
  },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.string().map((text) => `--${text}`) },
);

const anyArgs = fc
  .array(fc.oneof({ weight: 3, arbitrary: plainOption }, { weight: 2, arbitrary: anyWord.map((word) => [word]) }), { maxLength: 8 })
  .map((parts) => parts.flat());

describe('the arguments of an ordinary run', () => {
  it('are all read without commander, as commander reads them', () => {
    fc.assert(
      fc.property(plainArgs, (args) => {
        const plain = readPlainRun(args);
        assert.ok(plain !== undefined);
        assert.deepEqual(plain, readByCommander(args));
      }),
      { numRuns: 1000 },
    );
  });

  it('are not confused with any others', () => {
    fc.assert(
      fc.property(anyArgs, (args) => {
        const plain = readPlainRun(args);
        if (plain !== undefined) assert.deepEqual(plain, readByCommander(args));
      }),
      { numRuns: 5000 },
    );
  });

  const beyond: readonly (readonly string[])[] = [
    ['--help'],
    ['run', '-h'],
    ['--version'],
    ['-rh'],
    ['help'],
    ['list'],
    ['run', 'list'],
    ['nightly', 'run'],
    ['--from', 'lint', 'run'],
    ['one', 'two'],
    ['--only'],
    ['--only', '--force'],
    ['--from', '-x'],
    ['--cwd'],
    ['--cwd', '--color'],
    ['--'],
    ['-'],
    ['--forc'],
    ['--force=true'],
    ['--no-force'],
    ['--concurrency', '0'],
    ['--executor', 'thread'],
    ['--shard=3/2'],
    ['__proto__=1', '--__proto__'],
  ];
  for (const args of beyond) {
    it(`are not what these are: ${args.join(' ')}`, () => assert.equal(readPlainRun(args), undefined));
  }

  it('lead to the project whose files an error names, wherever --cwd stands', async () => {
    const broken = "import { definePipeline, step } from 'treadle';\nexport default definePipeline([step('a', 1)]);\n";
    await withProject({ 'inner/treadle.config.mjs': broken }, async (project) => {
      const plain = await project.run(['--force', '--cwd', 'inner']);
      const byCommander = await project.run(['--force', '--cwd', 'inner', '--']);
      assert.equal(plain.exitCode, 2);
      assert.match(plain.stderr, / treadle\.config\.mjs:2:/);
      assert.equal(plain.stderr, byCommander.stderr);
    });
  });
});
