import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { withProject, type CliOptions, type CliProject, type CliResult } from '../support/cli.ts';

const files = {
  'treadle.config.ts': `import { atLeast, definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([
  step('prepare', () => {}, { inputs: ['prepare/**'] }),
  [
    shell('lint', 'true', { inputs: ['src/**'] }),
    shell('docs', 'true', { inputs: ['docs/**'] }),
    shell('build', 'true', { inputs: ['src/**', '!src/**/*.test.ts'], outputs: ['dist'] }),
  ],
  shell('unit', 'test ! -f broken', { inputs: ['src/**', 'broken'] }),
  atLeast(1, [shell('near', 'true', { inputs: ['near'] }), shell('far', 'true', { inputs: ['far'] })]),
]);
`,
  'src/cart.ts': '1',
  'src/cart.test.ts': '1',
  'docs/guide.md': '1',
  near: '1',
  'README.md': '1',
  '.gitignore': '.treadle\n',
};

const ran = ({ events }: CliResult): readonly string[] => events.flatMap((event) => (event.type === 'step:start' ? [event.id] : []));

function git(project: CliProject, ...args: readonly string[]): string {
  const own = [
    '-c',
    'user.name=Somebody',
    '-c',
    'user.email=somebody@example.org',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'protocol.file.allow=always',
  ];
  return execFileSync('git', [...own, ...args], { cwd: project.root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function commit(project: CliProject, message: string): void {
  git(project, 'add', '-A');
  git(project, 'commit', '-q', '-m', message);
}

/** A project with one commit on its branch main. */
function withRepository(test: (project: CliProject) => Promise<void>): () => Promise<void> {
  return () =>
    withProject(files, async (project) => {
      git(project, 'init', '-q', '-b', 'main');
      commit(project, 'begin');
      await test(project);
    });
}

const affected = (project: CliProject, args: readonly string[] = [], options?: CliOptions): Promise<CliResult> =>
  project.run(['run', '--affected', '--no-cache', '--reporter', 'ndjson', ...args], options);

describe('treadle run --affected', function () {
  this.timeout(60_000);

  it(
    'runs what depends on files that changed on the branch or are not committed, and what comes before and leaves something',
    withRepository(async (project) => {
      git(project, 'checkout', '-q', '-b', 'feature');
      await project.write('docs/guide.md', '2');
      commit(project, 'docs');
      const docs = await affected(project);
      assert.deepEqual([ran(docs), docs.exitCode], [['prepare', 'docs'], 0]);
      assert.match(
        docs.stderr,
        /1 of 7 steps affected: 1 file changed since main \([0-9a-f]{7}\)\. 1 more runs for what they leave to those\./,
      );
      await project.write('src/new.test.ts', '2');
      assert.deepEqual(ran(await affected(project)).toSorted(), ['build', 'docs', 'lint', 'prepare', 'unit']);
    }),
  );

  it(
    'runs all of a group of which not all must pass, when it runs one',
    withRepository(async (project) => {
      await project.write('near', '2');
      assert.deepEqual(ran(await affected(project)).toSorted(), ['build', 'far', 'near', 'prepare']);
    }),
  );

  it(
    'runs what may see something that an affected step leaves, in the context or in a file',
    withRepository(async (project) => {
      await project.write(
        'treadle.config.ts',
        `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([
  [
    step('count', ({ results }) => { results.count = 1; }, { inputs: ['count'] }),
    step('apart', ({ results }) => { results.apart = results.count === undefined; }, { inputs: [] }),
  ],
  step('sum', ({ results }) => { results.sum = results.count + 1; }, { inputs: [] }),
  shell('build', 'mkdir -p dist && cp src/cart.ts dist/all.js', { inputs: ['src'], outputs: ['dist/**'] }),
  shell('size', 'test -s dist/all.js', { inputs: ['dist/all.js'] }),
  shell('report', 'true', { inputs: ['dist/css'] }),
  shell('styles', 'true', { inputs: ['styles', '!dist'] }),
]);
`,
      );
      commit(project, 'another pipeline');
      await project.write('count', '1');
      const counted = await affected(project, ['--since', 'HEAD']);
      assert.deepEqual(ran(counted).toSorted(), ['apart', 'count', 'sum']);
      assert.match(counted.stderr, /2 of 7 steps affected: .* 1 more runs for what they leave to those/);
      await project.write('src/cart.ts', '3');
      const built = await affected(project, ['--since', 'HEAD']);
      assert.deepEqual(ran(built).toSorted(), ['apart', 'build', 'count', 'report', 'size', 'sum']);
      assert.equal(built.exitCode, 0);
    }),
  );

  it(
    'knows files that were deleted, renamed or never committed, also before the first commit of the branch',
    withRepository(async (project) => {
      rmSync(project.path('docs/guide.md'));
      assert.deepEqual(ran(await affected(project)), ['prepare', 'docs']);
      git(project, 'checkout', '-q', '.');
      git(project, 'checkout', '-q', '-b', 'feature');
      git(project, 'mv', 'docs/guide.md', 'README.txt');
      commit(project, 'move');
      assert.deepEqual(ran(await affected(project)), ['prepare', 'docs']);
      git(project, 'reset', '-q', '--hard', 'main');
      await project.write('docs/new/page.md', '1');
      assert.deepEqual(ran(await affected(project)), ['prepare', 'docs']);
    }),
  );

  it(
    'runs nothing, and passes, when no step depends on what changed',
    withRepository(async (project) => {
      await project.write('README.md', '2');
      const { exitCode, stderr, events } = await affected(project);
      assert.deepEqual([exitCode, events], [0, []]);
      assert.match(stderr, /No step is affected: 1 file changed since main/);
    }),
  );

  it(
    'writes the files of shards that nothing is left for, so that they can be merged',
    withRepository(async (project) => {
      await project.write('README.md', '2');
      for (const index of [1, 2]) {
        const shard = ['--shard', `${index}/2`, '--reporter', `ndjson=shards/${index}.ndjson`, '--reporter', `junit=shards/${index}.xml`];
        const { exitCode, stderr, events } = await affected(project, shard);
        assert.deepEqual([exitCode, events.map(({ type }) => type)], [0, ['run:start', 'run:end']]);
        assert.match(stderr, new RegExp(`No step is affected: [^]*Nothing is left for shard ${index}/2, so it passes\\.\n`));
        assert.match(await project.read(`shards/${index}.xml`), /<testsuites [^>]*tests="0"/);
      }
      const merged = await project.run(['merge-reports', 'shards', '--reporter', 'json']);
      assert.equal(merged.exitCode, 0, merged.stderr);
      assert.equal(JSON.parse(merged.stdout).status, 'passed');
      // Nor does that make the next run forget what failed.
      await project.write('broken', '');
      await project.run(['run', '--no-cache']);
      await affected(project, ['--since', 'HEAD', '--shard', '1/1', '--only', 'docs']);
      assert.deepEqual(ran(await project.run(['run', '--failed', '--no-cache', '--reporter', 'ndjson'])), ['prepare', 'build', 'unit']);
    }),
  );

  for (const file of ['treadle.config.ts', 'package-lock.json']) {
    it(
      `runs everything when ${file} changed`,
      withRepository(async (project) => {
        await project.write(file, `${file === 'treadle.config.ts' ? files['treadle.config.ts'] : '{}'}\n`);
        const result = await affected(project);
        assert.equal(ran(result).length, 7);
        assert.match(result.stderr, new RegExp(`Every step is affected: ${file.replace('.', '\\.')} changed`));
      }),
    );
  }

  it(
    'compares with what --since names',
    withRepository(async (project) => {
      await project.write('src/cart.ts', '2');
      commit(project, 'source');
      await project.write('docs/guide.md', '2');
      commit(project, 'docs');
      assert.deepEqual(ran(await affected(project, ['--since', 'HEAD^'])), ['prepare', 'docs']);
      assert.equal(ran(await affected(project, ['--since', 'HEAD~2'])).length, 5);
      assert.deepEqual(ran(await affected(project, ['--since', 'HEAD~2', '--only', 'lint'])), ['lint']);
      const { exitCode, stderr } = await affected(project, ['--since', 'nowhere']);
      assert.deepEqual([exitCode, stderr.includes('git knows no commit "nowhere"')], [2, true]);
      const option = await affected(project, ['--since', '--output=stolen']);
      assert.equal(option.exitCode, 2);
    }),
  );

  it(
    'knows the target branch from the CI system, and the last commit on the main branch',
    withRepository(async (project) => {
      await project.write('docs/guide.md', '2');
      commit(project, 'docs');
      const onMain = await affected(project, [], { env: { CI: 'true' } });
      assert.deepEqual(ran(onMain), ['prepare', 'docs']);
      git(project, 'update-ref', 'refs/remotes/origin/release', 'HEAD^');
      const request = await affected(project, [], { env: { CI: 'true', GITHUB_BASE_REF: 'release' } });
      assert.match(request.stderr, /changed since origin\/release/);
    }),
  );

  it(
    'runs everything in a clone that is too shallow, and says so',
    withRepository(async (project) => {
      await project.write('docs/guide.md', '2');
      commit(project, 'docs');
      git(project, 'clone', '-q', '--depth', '1', `file://${project.root}`, 'clone');
      const result = await affected(project, [], { cwd: 'clone', env: { CI: 'true' } });
      assert.deepEqual([ran(result).length, result.exitCode], [7, 0]);
      assert.match(result.stderr, /--affected cannot tell what changed, so every step runs: .* this clone is shallow\.\n.*fetch-depth: 0/);
    }),
  );

  it('says that it needs a repository', () =>
    withProject(files, async (project) => {
      const { exitCode, stderr } = await affected(project, [], { env: { GIT_CEILING_DIRECTORIES: project.path('..') } });
      assert.deepEqual([exitCode, /is not in a git repository/.test(stderr)], [2, true]);
    }));
});

describe('treadle run --failed', function () {
  this.timeout(60_000);
  const failed = (project: CliProject): Promise<CliResult> => project.run(['run', '--failed', '--no-cache', '--reporter', 'ndjson']);

  it('runs what failed in earlier processes, until it passes', () =>
    withProject(files, async (project) => {
      const before = await failed(project);
      assert.deepEqual([before.exitCode, /Nothing is known of earlier runs/.test(before.stderr)], [2, true]);
      await project.write('broken', '');
      assert.equal((await project.run(['run'])).exitCode, 1);
      // With what comes before and leaves something.
      assert.deepEqual(ran(await failed(project)), ['prepare', 'build', 'unit']);
      await project.run(['run', '--only', 'lint']);
      await project.write('treadle.config.ts', files['treadle.config.ts'].replace('test ! -f broken', 'true'));
      const mended = await failed(project);
      assert.deepEqual([ran(mended), mended.exitCode], [['prepare', 'build', 'unit'], 0]);
      const after = await failed(project);
      assert.deepEqual([ran(after), after.exitCode, /Nothing has failed/.test(after.stderr)], [[], 0, true]);
    }));

  it('knows steps by their ids, wherever they are, and runs what they need first', () => {
    const steps = {
      base: `step('base', ({ results }) => { results.base = 1; })`,
      lint: `shell('lint', 'true')`,
      unit: `step('unit', ({ results }) => { if (results.base !== 1) throw new Error('no base'); if (failing) throw new Error('broken'); })`,
    };
    const config = (children: string, failing: boolean): string =>
      `import { all, definePipeline, sequence, step } from 'treadle';
import { shell } from 'treadle/plugins';
const failing = ${failing};
export default definePipeline([${children}]);`;
    const before = `${steps.base}, all([${steps.lint}, ${steps.unit}], { id: 'checks' })`;
    return withProject({ 'treadle.config.ts': config(before, true) }, async (project) => {
      assert.equal((await project.run(['run'])).exitCode, 1);
      const after = `all([sequence([${steps.base}, all([${steps.unit}], { id: 'tests' })], { id: 'inner' })], { id: 'renamed' }), ${steps.lint}`;
      await project.write('treadle.config.ts', config(after, false));
      const again = await failed(project);
      assert.deepEqual([ran(again), again.exitCode], [['base', 'unit'], 0]);
      assert.match(again.stderr, /1 failed; 1 more runs for what they leave to those\./);
    });
  });

  it('cannot be combined with watching', () =>
    withProject(files, async (project) => {
      const { exitCode, stderr } = await project.run(['run', '--watch', '--failed']);
      assert.deepEqual([exitCode, /cannot be combined/.test(stderr)], [2, true]);
    }));
});
