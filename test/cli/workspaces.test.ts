import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markProcesses } from '../support/processes.ts';
import { withProject, type CliProject, type CliResult } from '../support/cli.ts';

const manifest = (name: string, needs: readonly string[] = []): string =>
  JSON.stringify({ name, dependencies: Object.fromEntries(needs.map((each) => [each, '*'])) });

const passing = `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([[shell('check', 'true'), step('note', (context) => { context.results.at = context.cwd; context.log('noted'); })]]);`;

/** `app` needs `ui`, which has no pipeline and needs `core`; `docs` needs nothing. */
const files = {
  'package.json': JSON.stringify({ name: 'shop', workspaces: ['packages/*', '!packages/old'] }),
  'packages/core/package.json': manifest('@shop/core'),
  'packages/core/treadle.config.ts': passing,
  'packages/ui/package.json': manifest('@shop/ui', ['@shop/core', 'react']),
  'packages/app/package.json': manifest('app', ['@shop/ui']),
  'packages/app/treadle.config.ts': passing,
  'packages/docs/package.json': manifest('docs'),
  'packages/docs/treadle.config.ts': passing,
  'packages/old/package.json': manifest('old'),
  'packages/old/treadle.config.ts': 'throw new Error("never loaded")',
};

const ends = ({ events }: CliResult): Readonly<Record<string, string>> =>
  Object.fromEntries(events.flatMap((event) => (event.type === 'step:end' ? [[event.id, event.status]] : [])));

function at(result: CliResult, type: 'step:start' | 'step:end', id: string): number {
  return result.events.findIndex((event) => event.type === type && event.id === id);
}

function lastOf(result: CliResult) {
  const end = result.events.at(-1);
  assert.ok(end?.type === 'run:end', result.stderr);
  return end;
}

function commit(project: CliProject, ...commands: readonly (readonly string[])[]): void {
  const env = { ...process.env, GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  for (const command of commands) execFileSync('git', command, { cwd: project.root, env });
}

describe('treadle run -r', () => {
  it('runs the packages of a workspace as one run, each after those that it depends on', async () => {
    await withProject(files, async (project) => {
      const result = await project.run(['run', '-r', '--reporter', 'ndjson'], { cwd: 'packages/docs' });
      assert.equal(result.exitCode, 0, result.stderr);
      assert.deepEqual(Object.keys(ends(result)).toSorted(), [
        '@shop/core:check',
        '@shop/core:note',
        'app:check',
        'app:note',
        'docs:check',
        'docs:note',
      ]);
      assert.ok(at(result, 'step:end', '@shop/core:note') < at(result, 'step:start', 'app:check'));
      assert.ok(at(result, 'step:end', '@shop/core:check') < at(result, 'step:start', 'app:note'));
      const { counts, results } = lastOf(result);
      assert.equal(counts.passed, 6);
      assert.deepEqual(results, {
        '@shop/core': { at: project.path('packages/core') },
        app: { at: project.path('packages/app') },
        docs: { at: project.path('packages/docs') },
      });
      assert.deepEqual(new Set(result.events.map(({ runId }) => runId)).size, 1);
      assert.deepEqual(
        result.events.map(({ seq }) => seq),
        result.events.map((_, index) => index),
      );
      const overall = result.events.flatMap((event) => ('overall' in event ? [event.overall] : []));
      assert.deepEqual(
        overall,
        overall.toSorted((a, b) => a - b),
      );
      assert.equal(Math.round(overall.at(-1) ?? 0), 100);
    });
  });

  it('skips what depends on a package that did not pass, with places that lead to its files', async () => {
    const failing = `import { definePipeline, step } from 'treadle';
export default definePipeline([step('fails', () => { throw new Error('broken'); })]);`;
    await withProject({ ...files, 'packages/core/treadle.config.ts': failing }, async (project) => {
      const result = await project.run(['run', '-r', '--no-fail-fast', '--reporter', 'ndjson']);
      assert.equal(result.exitCode, 1);
      assert.deepEqual(ends(result), {
        '@shop/core:fails': 'failed',
        'app:check': 'skipped',
        'app:note': 'skipped',
        'docs:check': 'passed',
        'docs:note': 'passed',
      });
      const skipped = result.events.find((event) => event.type === 'step:end' && event.id === 'app:check');
      assert.ok(skipped?.type === 'step:end');
      assert.equal(skipped.reason, 'the package @shop/core did not pass');
      const [error] = lastOf(result).errors;
      assert.equal(error?.stepId, '@shop/core:fails');
      assert.equal(error.location?.file, 'packages/core/treadle.config.ts');
      const shown = await project.run(['run', '-r', '--reporter', 'line']);
      assert.match(shown.stdout, /packages\/core\/treadle\.config\.ts:2:\d+/);
      assert.match(shown.stdout, /throw new Err/);
      const again = await project.run(['run', '-r', '--failed', '--no-fail-fast', '--reporter', 'ndjson']);
      assert.ok(Object.hasOwn(ends(again), '@shop/core:fails') && !Object.hasOwn(ends(again), 'docs:check'), again.stdout);
    });
  });

  it('runs chosen packages and steps, and shows the plan', async () => {
    await withProject(files, async (project) => {
      const result = await project.run(['run', '-r', '--only', 'docs', 'app:check', '--reporter', 'ndjson']);
      assert.deepEqual(ends(result), { 'docs:check': 'passed', 'docs:note': 'passed', 'app:check': 'passed' });
      const unknown = await project.run(['run', '-r', '--only', 'dosc']);
      assert.equal(unknown.exitCode, 2);
      assert.match(unknown.stderr, /Did you mean "docs"/);
      const { stdout } = await project.run(['run', '-r', '--dry-run']);
      assert.match(stdout, /shop\s+6 steps/);
      assert.match(stdout, /app\s+in order/);
    });
  });

  it('runs what git says is affected, and the packages that depend on it', async () => {
    await withProject({ ...files, 'packages/core/a.txt': '1', 'packages/docs/a.md': '1', '.gitignore': '.treadle\n' }, async (project) => {
      commit(project, ['init', '-q', '-b', 'main'], ['add', '.'], ['commit', '-qm', 'one'], ['checkout', '-qb', 'topic']);
      const none = await project.run(['run', '-r', '--affected', '--since', 'main']);
      assert.equal(none.exitCode, 0);
      assert.match(none.stderr, /No step is affected/);
      await project.write('packages/docs/a.md', '2');
      const docs = await project.run(['run', '-r', '--affected', '--since', 'main', '--reporter', 'ndjson']);
      assert.deepEqual(ends(docs), { 'docs:check': 'passed', 'docs:note': 'passed' });
      commit(project, ['checkout', '-q', '.']);
      await project.write('packages/core/a.txt', '2');
      const core = await project.run(['run', '-r', '--affected', '--since', 'main', '--reporter', 'ndjson']);
      assert.deepEqual(Object.keys(ends(core)).toSorted(), ['@shop/core:check', '@shop/core:note', 'app:check', 'app:note']);
    });
  });

  it('reads the packages of pnpm', async () => {
    const { 'package.json': _, ...packages } = files;
    const pnpm = 'packages:\n  # all of them\n  - "packages/*"\n  - \'!packages/old\'  # but this\ncatalog:\n  - nothing\n';
    await withProject({ ...packages, 'pnpm-workspace.yaml': pnpm }, async (project) => {
      const result = await project.run(['run', '-r', '--reporter', 'ndjson']);
      assert.equal(result.exitCode, 0, result.stderr);
      assert.equal(lastOf(result).counts.passed, 6);
    });
  });

  it('stops all packages within the time for all, and when it is interrupted', async () => {
    const mark = markProcesses();
    const slow = `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([shell('waits', 'sleep 300')]);`;
    const all = { ...files, 'packages/core/treadle.config.ts': slow, 'packages/docs/treadle.config.ts': slow };
    await withProject(all, async (project) => {
      const late = await project.run(['run', '-r', '--timeout', '1s', '--reporter', 'ndjson'], { env: mark.env });
      assert.equal(late.exitCode, 1);
      assert.equal(lastOf(late).status, 'timed-out');
      assert.match(
        lastOf(late)
          .errors.map(({ message }) => message)
          .join(),
        /The run timed out after 1 s/,
      );
      const interrupted = project.start(['run', '-r', '--reporter', 'ndjson'], { env: mark.env });
      await interrupted.event('step:start', ({ id }) => id === 'docs:waits');
      interrupted.signal('SIGINT');
      const result = await interrupted.ended;
      assert.equal(result.exitCode, 130);
      assert.deepEqual(ends(result), {
        '@shop/core:waits': 'cancelled',
        'docs:waits': 'cancelled',
        'app:check': 'skipped',
        'app:note': 'skipped',
      });
      assert.deepEqual(await mark.leftovers(), []);
    });
  });

  it('divides the packages among shards, each with what comes before, and makes one run of them', async () => {
    const config = (steps: string): string => `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([${steps}], { failFast: false });`;
    const note = (key: string): string => `step('${key}', (context) => { context.results.${key} = true; })`;
    const divisible = {
      ...files,
      'packages/core/treadle.config.ts': config(
        `shell('build', 'true'), [shell('lint', 'true'), shell('types', 'true')], shell('tidy', 'true', { when: 'always' })`,
      ),
      'packages/app/treadle.config.ts': config(`[shell('slow', 'true'), ${note('one')}, ${note('two')}]`),
      'packages/docs/treadle.config.ts': config(`shell('spelling', 'test ! -f bad')`),
      'packages/docs/bad': '',
    };
    await withProject(divisible, async (project) => {
      await project.run(['run', '-r', '--no-fail-fast']);
      // As if one step had taken most of the time: how long each really takes is up to what else the machine does.
      const runs = join(project.root, '.treadle/runs');
      for (const file of readdirSync(runs)) {
        const lines = readFileSync(join(runs, file), 'utf8').trimEnd().split('\n');
        const timed = lines.map((line) =>
          line.replace(
            /("type":"step:end","id":"([^"]*)".*?"durationMs":)[\d.]+/,
            (_, head: string, id: string) => `${head}${id === 'app:slow' ? 5000 : 10}`,
          ),
        );
        writeFileSync(join(runs, file), `${timed.join('\n')}\n`);
      }
      const shards = await Promise.all(
        [1, 2, 3].map((index) =>
          project.run([
            'run',
            '-r',
            '--no-fail-fast',
            '--shard',
            `${index}/3`,
            '--reporter',
            'ndjson',
            '--reporter',
            `ndjson=shards/${index}.ndjson`,
          ]),
        ),
      );
      const ids = shards.map((shard) => Object.keys(ends(shard)));
      const where = Map.groupBy(
        ids.flatMap((each, index) => each.map((id) => [id, index] as const)),
        ([id]) => id,
      );
      // Once, all that nothing comes after.
      for (const id of ['@shop/core:lint', '@shop/core:types', 'app:slow', 'app:one', 'app:two', 'docs:spelling']) {
        assert.equal(where.get(id)?.length, 1, id);
      }
      for (const each of ids) {
        // With it, what may be needed of the packages that it needs, and what always runs in those.
        if (each.some((id) => /^(app|@shop)/.test(id))) assert.ok(each.includes('@shop/core:build') && each.includes('@shop/core:tidy'));
      }
      // By how long it took.
      const slow = ids.find((each) => each.includes('app:slow')) ?? [];
      assert.deepEqual(slow.toSorted(), ['@shop/core:build', '@shop/core:tidy', 'app:slow']);
      for (const shard of shards.filter((each) => 'app:one' in ends(each))) {
        assert.ok(at(shard, 'step:end', '@shop/core:tidy') < at(shard, 'step:start', 'app:one'));
      }

      const merged = await project.run(['merge-reports', 'shards', '--reporter', 'json', '--reporter', 'junit=junit.xml']);
      const report: { status: string; counts: { passed: number; failed: number }; results: unknown } = JSON.parse(merged.stdout);
      assert.deepEqual([report.status, report.counts.passed, report.counts.failed], ['failed', 7, 1], merged.stderr);
      assert.deepEqual(report.results, { '@shop/core': {}, app: { one: true, two: true }, docs: {} });
      assert.equal((await project.read('junit.xml')).match(/<testcase /g)?.length, 8);

      const none = await project.run(['run', '-r', '--only', 'docs', '--shard', '2/2']);
      assert.equal(none.exitCode, 0);
      assert.match(none.stderr, /Nothing is left for shard 2\/2/);
    });
  });

  const mistakes: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[], RegExp])[] = [
    ['no workspace', { 'package.json': '{}' }, [], /E_USAGE .* is not in a workspace[\s\S]*"workspaces": \["packages\/\*"\]/],
    ['no pipeline files', { 'package.json': '{"workspaces":["a"]}', 'a/package.json': '{}' }, [], /E_CONFIG_NOT_FOUND The only package/],
    [
      'workspaces that are no list',
      { 'package.json': '{"workspaces":"a"}' },
      [],
      /E_CONFIG_INVALID workspaces in .*package\.json must be a list/,
    ],
    [
      'broken manifests',
      { 'package.json': '{"workspaces":["a"]}', 'a/package.json': '{' },
      [],
      /E_CONFIG_INVALID .*a\/package\.json cannot be read/,
    ],
    [
      'one name twice',
      { 'package.json': '{"workspaces":["a","b"]}', 'a/package.json': manifest('x'), 'b/package.json': manifest('x') },
      [],
      /E_CONFIG_INVALID Two packages have the name "x": a\/package\.json and b\/package\.json/,
    ],
    [
      'a circle',
      {
        'package.json': '{"workspaces":["a","b"]}',
        'a/package.json': manifest('a', ['b']),
        'b/package.json': manifest('b', ['a']),
        'a/treadle.config.ts': passing,
      },
      [],
      /E_CONFIG_INVALID Packages depend on each other in a circle: a → b → a/,
    ],
    ['a pipeline that no package has', files, ['nightly'], /E_PIPELINE_UNKNOWN There is no command or pipeline "nightly"/],
    ['options of one project', files, ['--from', 'x'], /E_USAGE --from cannot be combined with -r/],
    ['watching', files, ['--watch'], /E_USAGE --watch cannot be combined with .* -r/],
    [
      'a broken package',
      { ...files, 'packages/docs/treadle.config.ts': 'export default 3;' },
      [],
      /docs: [\s\S]*packages\/docs\/treadle\.config\.ts/,
    ],
  ];
  for (const [what, broken, args, message] of mistakes) {
    it(`explains ${what}`, async () => {
      await withProject(broken, async (project) => {
        const { exitCode, stderr } = await project.run(['run', '-r', ...args]);
        assert.match(stderr, message);
        assert.equal(exitCode, 2);
      });
    });
  }
});
