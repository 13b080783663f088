import assert from 'node:assert/strict';
import { readdir, rename } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProject, type CliProject, type CliResult } from '../support/cli.ts';

const config = `import { existsSync } from 'node:fs';
import { definePipeline, step } from 'treadle';
import { shell, service } from 'treadle/plugins';
export default definePipeline([
  shell('install', 'echo installed'),
  [
    shell('slow', 'sleep 0.3'),
    shell('quick', 'true'),
    shell('broken', 'test ! -f bad', { description: 'fails when there is a file named bad' }),
    shell('other', 'echo other'),
  ],
  step('tidy', (context) => { context.results.tidied = true; }, { when: 'always' }),
], { failFast: false });`;

const ran = ({ events }: CliResult): readonly string[] => events.flatMap((event) => (event.type === 'step:start' ? [event.id] : []));

/** Runs all shards as CI does, each with its history, and leaves their files in \`shards\`. */
async function runShards(project: CliProject, count: number, options: readonly string[] = []): Promise<readonly CliResult[]> {
  const indices = Array.from({ length: count }, (_, index) => index + 1);
  return Promise.all(
    indices.map((index) =>
      project.run([
        'run',
        '--shard',
        `${index}/${count}`,
        '--reporter',
        'ndjson',
        '--reporter',
        `ndjson=shards/${index}.ndjson`,
        ...options,
      ]),
    ),
  );
}

describe('treadle report', () => {
  it('writes what the reporters of the run itself would have written', async () => {
    await withProject({ 'treadle.config.js': config, bad: '' }, async (project) => {
      const reporters = ['json', 'junit', 'tap', 'line'];
      const files = (folder: string): readonly string[] => reporters.flatMap((name) => ['--reporter', `${name}=${folder}/${name}`]);
      assert.equal((await project.run(['run', ...files('live')])).exitCode, 1);
      const result = await project.run(['report', ...files('later')]);
      assert.equal(result.exitCode, 0, result.stderr);
      for (const name of reporters) assert.equal(await project.read(`later/${name}`), await project.read(`live/${name}`), name);
    });
  });

  it('finds the run by its id, how that begins, its file, or as the last one that failed', async () => {
    await withProject({ 'treadle.config.js': config, bad: '' }, async (project) => {
      const failed = await project.run(['run', '--reporter', 'ndjson=failed.ndjson', '--reporter', 'json']);
      const { runId }: { runId: string } = JSON.parse(failed.stdout);
      await rename(project.path('bad'), project.path('good'));
      await project.run(['run']);
      const statusOf = async (...args: readonly string[]): Promise<unknown> => {
        const { stdout, stderr } = await project.run(['report', ...args, '--reporter', 'json']);
        return stdout === '' ? stderr : JSON.parse(stdout).status;
      };
      assert.equal(await statusOf(), 'passed');
      assert.equal(await statusOf('last'), 'passed');
      for (const run of ['last-failed', runId, runId.slice(0, -3), './failed.ndjson', 'failed.ndjson']) {
        assert.equal(await statusOf(run), 'failed', run);
      }
      assert.match(String(await statusOf(runId.slice(0, 1))), /The ids of 2 runs begin with "."/);
      assert.match(String(await statusOf('zzz')), /No kept run has an id that begins with "zzz"/);
      assert.match(String(await statusOf('treadle.config.ndjson')), /treadle.config.ndjson cannot be read: ENOENT/);
      assert.match(String(await statusOf('./treadle.config.js')), /treadle.config.js holds no run/);
    });
  });

  it('tells of a killed run what happened until then', async () => {
    const files = { 'treadle.config.js': config.replace('echo installed', 'echo installed; sleep 60') };
    await withProject(files, async (project) => {
      const running = project.start(['run', '--reporter', 'ndjson']);
      await running.event('step:output');
      running.signal('SIGKILL');
      await running.ended;
      const { stdout, stderr, exitCode } = await project.run(['report', '--reporter', 'junit']);
      assert.equal(exitCode, 0);
      assert.match(stderr, /The run was interrupted/);
      assert.match(stdout, /<error [^]*install|install[^]*<error /);
    });
  });

  it('says when there is no run yet', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      const { exitCode, stderr } = await project.run(['report']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /No run is kept yet/);
    });
  });
});

describe('--shard', () => {
  it('divides a pipeline by how long its steps took, and runs in each shard what all need', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await project.run(['run']);
      const shards = await runShards(project, 2);
      assert.deepEqual(
        shards.map(({ exitCode }) => exitCode),
        [0, 0],
      );
      assert.deepEqual(ran(shards[0]!), ['install', 'slow', 'tidy']);
      assert.deepEqual(ran(shards[1]!), ['install', 'quick', 'broken', 'other', 'tidy']);
    });
  });

  it('divides in the same way when one shard runs after another in the same folder', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      const all: string[] = [];
      for (const index of [1, 2, 3]) all.push(...ran(await project.run(['run', '--shard', `${index}/3`, '--reporter', 'ndjson'])));
      assert.deepEqual(new Set(all), new Set(['install', 'slow', 'quick', 'broken', 'other', 'tidy']));
      assert.equal(all.filter((id) => ['slow', 'quick', 'broken', 'other'].includes(id)).length, 4);
    });
  });

  it('refuses what makes no sense', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      const cases: readonly (readonly [string, RegExp])[] = [
        ['0/3', /--shard 0\/3: shards count from 1/],
        ['4/3', /--shard 4\/3: there are only 3 shards/],
        ['1/0', /--shard 1\/0: there can be 1 to 1000 shards/],
        ['x', /--shard must be two numbers, not "x"[^]*Such as --shard 2\/5/],
        ['1/2/3', /--shard must be two numbers/],
        ['-1/2', /--shard must be two numbers/],
        ['1.5/3', /--shard must be two numbers/],
      ];
      for (const [value, message] of cases) {
        const { exitCode, stderr } = await project.run(['run', `--shard=${value}`]);
        assert.equal(exitCode, 2, value);
        assert.match(stderr, message);
      }
      const { exitCode, stderr } = await project.run(['run', '--shard', '1/2', '--watch']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /cannot be combined/);
      await project.write('treadle.config.js', `import { definePipeline } from 'treadle'; export default definePipeline([]);`);
      assert.match((await project.run(['run', '--shard', '1/2'])).stderr, /E_NO_STEPS/);
    });
  });

  it('passes a shard that nothing is left for, and says so', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      const shards = await runShards(project, 5);
      assert.deepEqual(
        shards.map(({ exitCode }) => exitCode),
        [0, 0, 0, 0, 0],
      );
      assert.deepEqual(ran(shards[4]!), []);
      assert.match(shards[4]!.stderr, /Nothing is left for shard 5\/5, so it passes: what is to run can be divided among 4/);
      const merged = await project.run(['merge-reports', 'shards', '--reporter', 'json']);
      assert.equal(JSON.parse(merged.stdout).status, 'passed', merged.stderr);
      const serial = `import { definePipeline } from 'treadle'; import { shell } from 'treadle/plugins';
export default definePipeline([shell('one', 'true'), shell('two', 'true')]);`;
      await project.write('treadle.config.js', serial);
      const [first, second] = await runShards(project, 2);
      assert.deepEqual([ran(first!), ran(second!)], [['one', 'two'], []]);
      assert.equal(second!.exitCode, 0);
      assert.match(second!.stderr, /Nothing is left for shard 2\/2, so it passes: what is to run cannot be divided\.[^]*in a group/);
    });
  });

  it('divides what --failed chose, and loses none of it', async () => {
    const failing = `import { definePipeline } from 'treadle'; import { shell } from 'treadle/plugins';
export default definePipeline([['a', 'b', 'c', 'd'].map((id) => shell(id, 'test ! -f bad'))], { failFast: false });`;
    await withProject({ 'treadle.config.js': failing, bad: '' }, async (project) => {
      await project.run(['run']);
      const shards = await runShards(project, 2, ['--failed']);
      assert.deepEqual(shards.flatMap(ran).toSorted(), ['a', 'b', 'c', 'd']);
    });
  });
});

describe('treadle merge-reports', () => {
  it('makes one run of the shards', async () => {
    await withProject({ 'treadle.config.js': config, bad: '' }, async (project) => {
      const whole = JSON.parse((await project.run(['run', '--reporter', 'json'])).stdout);
      await runShards(project, 2);
      const { stdout, stderr, exitCode } = await project.run([
        'merge-reports',
        'shards',
        '--reporter',
        'ndjson',
        '--reporter',
        'json=merged.json',
      ]);
      assert.equal(exitCode, 0, stderr);
      const merged = JSON.parse(await project.read('merged.json'));
      const outcome = ({ status, counts, results, nodes }: typeof whole): unknown => ({
        status,
        counts,
        results,
        nodes: nodes.map(({ id, status: how, output, error }: typeof whole) => [id, how, output, error?.code]),
      });
      assert.deepEqual(outcome(merged), outcome(whole));
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index),
      );
      assert.equal(new Set(events.map(({ runId }) => runId)).size, 1);
      assert.equal(events.filter(({ type }) => type === 'group:start').length, 1);
      assert.equal(events.filter(({ type }) => type === 'group:end').length, 1);
      assert.deepEqual(events[0].plan, whole.plan);
    });
  });

  it('takes a step that each shard ran from one in which it failed', async () => {
    await withProject({ 'treadle.config.js': config.replace('echo installed', 'test ! -f uninstallable') }, async (project) => {
      await project.run(['run', '--shard', '1/2', '--reporter', 'ndjson=shards/1.ndjson']);
      await project.write('uninstallable', '');
      await project.run(['run', '--shard', '2/2', '--reporter', 'ndjson=shards/2.ndjson']);
      const { nodes, status } = JSON.parse((await project.run(['merge-reports', 'shards', '--reporter', 'json'])).stdout);
      assert.equal(status, 'failed');
      assert.equal(nodes.find(({ id }: { id: string }) => id === 'install').status, 'failed');
    });
  });

  it('never makes a run pass of which a shard was killed', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await runShards(project, 2);
      const text = await project.read('shards/2.ndjson');
      await project.write('shards/2.ndjson', text.slice(0, text.lastIndexOf('"type":"run:end"')));
      const { status, errors } = JSON.parse((await project.run(['merge-reports', 'shards', '--reporter', 'json'])).stdout);
      assert.equal(status, 'failed');
      assert.match(errors[0].message, /Shard 2\/2 was interrupted: shards\/2.ndjson/);
    });
  });

  it('refuses shards that do not belong together, and says which', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await runShards(project, 3);
      const merge = async (...files: readonly string[]): Promise<string> => {
        const { exitCode, stderr } = await project.run(['merge-reports', ...files, '--reporter', 'json']);
        assert.equal(exitCode, 2);
        return stderr;
      };
      const [one = '', two = '', three = ''] = [1, 2, 3].map((index) => `shards/${index}.ndjson`);
      assert.match(await merge(one, three), /Shard 2\/3 is missing, and with it: quick/);
      assert.match(await merge(one), /Shards 2\/3, 3\/3 are missing/);
      assert.match(await merge(one, two, three, two), /Shard 2\/3 is there twice: shards\/2.ndjson and shards\/2.ndjson/);
      assert.match(await merge('nowhere'), /There is no file or folder nowhere/);
      await project.write('empty/readme', '');
      assert.match(await merge('empty'), /empty holds no file \*\.ndjson/);
    });
  });

  it('refuses shards of another plan or division', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await project.run(['run', '--shard', '1/3', '--reporter', 'ndjson=one.ndjson']);
      const merge = async (file: string): Promise<string> => (await project.run(['merge-reports', 'one.ndjson', file])).stderr;
      await project.run(['run', '--reporter', 'ndjson=whole.ndjson']);
      assert.match(await merge('whole.ndjson'), /whole.ndjson is not a shard/);
      // That run has taught how long steps take.
      await project.run(['run', '--shard', '2/3', '--reporter', 'ndjson=later.ndjson']);
      assert.match(await merge('later.ndjson'), /divided in different ways[^]*the same .treadle\/runs/);
      await project.run(['run', '--shard', '2/2', '--reporter', 'ndjson=half.ndjson']);
      assert.match(await merge('half.ndjson'), /one of 3 shards, and one of 2/);
      await project.write('treadle.config.js', config.replace("'quick'", "'fast'"));
      await project.run(['run', '--shard', '2/3', '--reporter', 'ndjson=new.ndjson']);
      assert.match(await merge('new.ndjson'), /have different plans: where one has "quick", the other has "fast"/);
    });
  });

  it('keeps the whole run in the history, where the next division finds it', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await runShards(project, 2);
      await project.run(['merge-reports', 'shards', '--keep', '--reporter', 'json=merged.json']);
      const { runId } = JSON.parse(await project.read('merged.json'));
      const names = await readdir(project.path('.treadle/runs'));
      const name = names.find((file) => file.includes(runId)) ?? '';
      assert.match(readFileSync(join(project.path('.treadle/runs'), name), 'utf8'), /"type":"run:end"/);
      const shards = await runShards(project, 2);
      assert.deepEqual(ran(shards[0]!), ['install', 'slow', 'tidy']);
    });
  });
});
