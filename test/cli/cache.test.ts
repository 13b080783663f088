import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, cachedFiles, head, pipeline, run, stepsOf } from '../support/cached-steps.ts';
import { withProject, type CliResult } from '../support/cli.ts';

describe('the cache', function () {
  this.timeout(60_000);

  it('gives back all that a step left: results, output, test cases, findings, attachments and files', () =>
    withProject(
      {
        'treadle.config.ts': pipeline(`
          ${build},
          step('report', (context) => {
            context.results.totals = new Map([['eggs', 3n]]);
            context.results.large = 'x'.repeat(100_000);
            console.log('reported');
            context.test({ name: 'adds', path: ['cart'], status: 'passed', durationMs: 3 });
            context.diagnostic({ file: 'src/a', line: 1, column: 2, severity: 'warning', message: 'odd', source: 'lint' });
            context.warn('careful');
            context.attach('note.txt', 'attached');
          }, { inputs: [] }),
          step('after', ({ results }) => { results.eggs = Number(results.totals.get('eggs')) + results.large.length; }, { inputs: [] }),
        `),
        'src/a': 'a',
      },
      async (project) => {
        const said = ({ events }: CliResult): readonly unknown[] =>
          events.flatMap((event): unknown[] => {
            if (event.type === 'step:output') return [[event.id, event.text]];
            if (event.type === 'step:test') return [[event.id, event.path, event.name, event.status]];
            if (event.type === 'step:diagnostic') return [[event.id, event.file, event.message]];
            if (event.type === 'step:warning') return [[event.id, event.message]];
            if (event.type === 'step:attachment') return [[event.id, event.name, readFileSync(project.path(event.file), 'utf8')]];
            return event.type === 'run:end' ? [event.results] : [];
          });
        const first = said(await project.run(['run', '--reporter', 'ndjson']));
        assert.equal(first.length, 7);
        rmSync(project.path('.treadle/attachments'), { recursive: true });
        rmSync(project.path('dist'), { recursive: true });
        const second = await project.run(['run', '--reporter', 'ndjson']);
        assert.deepEqual(stepsOf(second), { build: 'cached', report: 'cached', after: 'cached' });
        assert.equal(await project.read('dist/all.txt'), 'a');
        assert.deepEqual(said(second), first);
      },
    ));

  it('keeps modes and links, and leaves files alone that are as they were', () =>
    withProject(
      {
        'treadle.config.ts': pipeline(
          `shell('build', 'mkdir -p dist && echo x > dist/tool && chmod 755 dist/tool && ln -sf tool dist/alias', { inputs: [], outputs: ['dist/**'] })`,
        ),
      },
      async (project) => {
        await run(project);
        rmSync(project.path('dist'), { recursive: true });
        assert.deepEqual(await run(project), { build: 'cached' });
        assert.equal(statSync(project.path('dist/tool')).mode & 0o777, 0o755);
        assert.equal(await project.read('dist/alias'), 'x\n');
        const { mtimeMs } = statSync(project.path('dist/tool'));
        assert.deepEqual(await run(project), { build: 'cached' });
        assert.equal(statSync(project.path('dist/tool')).mtimeMs, mtimeMs);
      },
    ));

  it('runs a step again when something changes that it depends on, and says what', () =>
    withProject(
      {
        'treadle.config.ts': `${head}import { scale } from './lib/scale.ts';
          export default definePipeline([
            step('scaled', ({ results }) => { results.value = scale; }, { inputs: [] }),
            step('reads', ({ results }) => { results.twice = results.value * 2; }, { inputs: [] }),
            step('apart', () => {}, { inputs: [] }),
            shell('files', 'true', { inputs: ['src/**', '!src/generated'], env: { MODE: 'fast' } }),
          ]);`,
        'lib/scale.ts': 'export const scale = 1;',
        'src/a.ts': '',
        'src/generated/b.ts': '',
        'package-lock.json': '{}',
      },
      async (project) => {
        const all = { scaled: 'cached', reads: 'cached', apart: 'cached', files: 'cached' };
        assert.deepEqual(await run(project), {
          scaled: 'has not passed yet',
          reads: 'has not passed yet',
          apart: 'has not passed yet',
          files: 'has not passed yet',
        });
        assert.deepEqual(await run(project), all);
        await project.write('src/generated/b.ts', '1');
        assert.deepEqual(await run(project), all);
        await project.write('src/a.ts', '1');
        assert.deepEqual(await run(project), { ...all, files: 'src/a.ts changed' });
        await project.write('src/new.ts', '');
        assert.deepEqual(await run(project), { ...all, files: 'src/new.ts is new' });
        rmSync(project.path('src/new.ts'));
        await project.write('src/a.ts', '');
        assert.deepEqual(await run(project), all);
        await project.write('package-lock.json', '{"a":1}');
        const lock = 'package-lock.json changed';
        assert.deepEqual(await run(project), { scaled: lock, reads: lock, apart: lock, files: lock });
        await project.write('lib/scale.ts', 'export const scale = 2;');
        const code = "the step's code changed";
        assert.deepEqual(await run(project), { scaled: code, reads: code, apart: code, files: 'cached' });
        const config = await project.read('treadle.config.ts');
        await project.write('treadle.config.ts', config.replace("MODE: 'fast'", "MODE: 'slow'"));
        assert.equal((await run(project))['files'], 'the environment variable MODE changed');
        await project.write('treadle.config.ts', config.replace("'true'", "'true 1'"));
        assert.equal((await run(project))['files'], 'its options changed, and one thing more');
      },
    ));

  it('looks at the values of the context that a step read, and at no others', () =>
    withProject(
      {
        'treadle.config.ts': pipeline(`
          step('first', ({ results, config }) => { results.a = config.a; results.b = config.b; }),
          shell('setup', 'true'),
          step('reads', { uses: 'double', inputs: [] }),
        `),
        'plugins/double.ts': `import { definePlugin } from 'treadle';
          export default definePlugin({ run: ({ results }) => { results.double = results.a * 2; } });`,
      },
      async (project) => {
        const config = await project.read('treadle.config.ts');
        const withValues = (a: number, b: number): Promise<void> =>
          project.write('treadle.config.ts', config.replace('config.a', String(a)).replace('config.b', String(b)));
        await withValues(1, 1);
        assert.equal((await run(project))['reads'], 'has not passed yet');
        await withValues(1, 2);
        assert.equal((await run(project))['reads'], 'cached');
        await withValues(2, 2);
        assert.equal((await run(project))['reads'], 'results.a changed');
        await withValues(1, 3);
        const result = await project.run(['run', '--reporter', 'ndjson']);
        assert.equal(stepsOf(result)['reads'], 'cached');
        assert.deepEqual(
          result.events.flatMap((event) => (event.type === 'run:end' ? [event.results] : [])),
          [{ a: 1, b: 3, double: 2 }],
        );
      },
    ));

  it('is neither used nor written with --no-cache, and only written with --force', () =>
    withProject({ 'treadle.config.ts': pipeline(build), 'src/a': 'a' }, async (project) => {
      assert.deepEqual(await run(project, '--no-cache'), { build: 'ran' });
      assert.deepEqual(cachedFiles(project, 'records'), []);
      assert.deepEqual(await run(project, '--force'), { build: 'asked for' });
      assert.equal(cachedFiles(project, 'records').length, 1);
      assert.deepEqual(await run(project, '--no-cache'), { build: 'ran' });
      assert.deepEqual(await run(project), { build: 'cached' });
    }));

  it('keeps nothing of a step that fails, passes at its second attempt, or leaves a service', () =>
    withProject(
      {
        'treadle.config.ts': `import { definePipeline, step } from 'treadle';
          import { service, shell } from 'treadle/plugins';
          export default definePipeline([[
            shell('bad', 'exit 1', { inputs: [], critical: false }),
            step('flaky', ({ step: { attempt } }) => { if (attempt === 1) throw new Error('once'); }, { inputs: [], retries: 1 }),
            service('server', { command: ['node', '-e', 'console.log("up"); setInterval(() => {}, 1000)'], ready: { log: 'up' } }, { inputs: [] }),
          ]]);`,
      },
      async (project) => {
        for (let round = 0; round < 2; round += 1) {
          assert.deepEqual(await run(project), { bad: 'failed', flaky: 'ran', server: 'has not passed yet' });
        }
        assert.deepEqual(cachedFiles(project, 'records'), []);
      },
    ));

  it('keeps nothing of a step whose inputs change while it runs', () =>
    withProject(
      { 'treadle.config.ts': pipeline(`shell('slow', 'cat src/a && echo more >> src/a', { inputs: ['src'] })`), 'src/a': 'a' },
      async (project) => {
        assert.deepEqual(await run(project), { slow: 'has not passed yet' });
        assert.deepEqual(cachedFiles(project, 'records'), []);
      },
    ));

  it('keeps nothing of a step that may have seen a change that was undone again, and says so', () =>
    withProject(
      {
        'treadle.config.ts': pipeline(
          `shell('slow', 'echo b > src/a && cat src/a > seen && echo a > src/a && touch -d 2020-01-01 src/a', { inputs: ['src'] })`,
        ),
        'src/a': 'a\n',
      },
      async (project) => {
        utimesSync(project.path('src/a'), new Date(2020, 0, 1), new Date(2020, 0, 1));
        await run(project);
        assert.equal(await project.read('seen'), 'b\n');
        assert.deepEqual(await run(project), { slow: 'src/a changed while it ran the last time' });
        const { stdout } = await project.run(['explain', 'slow']);
        assert.match(stdout, /would run; since it last passed\n +src\/a changed while it ran the last time/);
      },
    ));

  it('sees a change that keeps size and time, who may execute a file, links, and which packages are installed', () =>
    withProject(
      {
        'treadle.config.ts': pipeline(`shell('look', 'true', { inputs: ['src', 'linked'] })`),
        'src/a': '1',
        'elsewhere/b': '1',
        'far/c': '1',
        'node_modules/.package-lock.json': '{}',
      },
      async (project) => {
        const old = new Date(2020, 0, 1);
        utimesSync(project.path('src/a'), old, old);
        symlinkSync('elsewhere', project.path('linked'));
        symlinkSync('../far', project.path('elsewhere/node_modules'));
        await run(project);
        writeFileSync(project.path('src/a'), '2');
        utimesSync(project.path('src/a'), old, old);
        assert.deepEqual(await run(project), { look: 'src/a changed' });
        chmodSync(project.path('src/a'), 0o755);
        assert.deepEqual(await run(project), { look: 'src/a changed' });
        await project.write('elsewhere/b', '2');
        assert.deepEqual(await run(project), { look: 'linked/b changed' });
        await project.write('node_modules/.package-lock.json', '{"lockfileVersion":3}');
        assert.deepEqual(await run(project), { look: 'node_modules/.package-lock.json changed' });
        // Patterns that do not name such a folder do not reach it, be it a link or not.
        await project.write('far/c', '2');
        assert.deepEqual(await run(project), { look: 'cached' });
      },
    ));

  it('takes away what the step left in another run, but neither what other steps wrote nor what was changed since', () =>
    withProject(
      {
        'treadle.config.ts': pipeline(`
          shell('build', 'rm -rf dist/js && mkdir -p dist/js && for f in src/*; do cp $f dist/js/; done', { inputs: ['src'], outputs: ['dist'] }),
          shell('styles', 'mkdir -p dist/css && echo 1 > dist/css/all', { inputs: [], outputs: ['dist/css'] }),
        `),
        'src/a': 'a',
      },
      async (project) => {
        const built = (): readonly string[] => readdirSync(project.path('dist'), { recursive: true }).map(String).toSorted();
        await run(project, '--only', 'build');
        await project.write('src/b', 'b');
        await project.write('src/c', 'c');
        await run(project);
        await run(project, '--force');
        assert.deepEqual(built(), ['css', 'css/all', 'js', 'js/a', 'js/b', 'js/c']);
        rmSync(project.path('src/b'));
        rmSync(project.path('src/c'));
        await project.write('dist/js/c', 'mine');
        assert.deepEqual(await run(project), { build: 'cached', styles: 'cached' });
        assert.deepEqual(built(), ['css', 'css/all', 'js', 'js/a', 'js/c']);
      },
    ));

  it('runs a step when what it left is damaged or gone, and mends it', () =>
    withProject({ 'treadle.config.ts': pipeline(build), 'src/a': 'a' }, async (project) => {
      await run(project);
      for (const kind of ['records', 'blobs'] as const) {
        for (const damage of [
          (file: string) => writeFileSync(file, 'nonsense'),
          (file: string) => writeFileSync(file, ''),
          (file: string) => rmSync(file),
        ]) {
          const [file] = cachedFiles(project, kind);
          assert.ok(file !== undefined);
          damage(file);
          const existedAfter = existsSync(file);
          rmSync(project.path('dist'), { recursive: true });
          const again = await project.run(['run', '--reporter', 'ndjson']);
          assert.deepEqual(stepsOf(again), { build: 'what it left the last time is no longer there' }, `${kind} ${String(damage)}`);
          const warnings = again.events.flatMap((event) => (event.type === 'step:warning' ? [event.message] : []));
          const expected = `The cache was damaged, and what was is removed: ${relative(project.root, file)}. The step runs again.`;
          assert.deepEqual(warnings, existedAfter ? [expected] : []);
          assert.deepEqual(await run(project), { build: 'cached' });
        }
      }
    }));

  it('refuses outputs that lead out of the project, and says so', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'treadle-elsewhere-'));
    try {
      await withProject(
        {
          'treadle.config.ts': pipeline(`
            shell('link', 'mkdir -p out && ln -sfn ${elsewhere} out/away', { inputs: [], outputs: ['out'] }),
            shell('through', 'mkdir -p dist && echo 1 > dist/file', { inputs: [], outputs: ['dist/file'] }),
          `),
        },
        async (project) => {
          const first = await project.run(['run', '--reporter', 'ndjson']);
          assert.equal(first.exitCode, 0);
          assert.deepEqual(
            first.events.flatMap((event) => (event.type === 'step:warning' ? [event.message] : [])),
            ['What the step left is not kept for later runs: out/away is a link out of the project; see its outputs setting.'],
          );
          // A folder that has become a link since must not be written through.
          rmSync(project.path('dist'), { recursive: true });
          symlinkSync(elsewhere, project.path('dist'));
          const second = await project.run(['run', '--reporter', 'ndjson']);
          assert.equal(stepsOf(second)['through'], 'what it left the last time is no longer there');
          assert.match(second.stdout, /dist\/file is reached through a link out of the project/);
          rmSync(join(elsewhere, 'file'));
          symlinkSync(project.path('nowhere'), join(elsewhere, 'more'));
          await run(project, '--only', 'link');
          assert.deepEqual(readdirSync(elsewhere), ['more']);
        },
      );
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it('leaves a folder alone that is where a file should be', () =>
    withProject(
      { 'treadle.config.ts': pipeline(`shell('make', 'test -d out || echo 1 > out', { inputs: [], outputs: ['out'] })`) },
      async (project) => {
        await run(project);
        rmSync(project.path('out'));
        mkdirSync(project.path('out'));
        await project.write('out/mine', 'precious');
        assert.notEqual((await run(project))['make'], 'cached');
        assert.equal(await project.read('out/mine'), 'precious');
      },
    ));

  it('is safe with several processes at once', () =>
    withProject({ 'treadle.config.ts': pipeline(build), 'src/a': 'a' }, async (project) => {
      const atOnce = (): Promise<readonly CliResult[]> =>
        Promise.all(Array.from({ length: 4 }, () => project.run(['run', '--reporter', 'ndjson'])));
      for (let round = 0; round < 3; round += 1) {
        rmSync(project.path('dist'), { recursive: true, force: true });
        assert.deepEqual(
          (await atOnce()).map(({ exitCode }) => exitCode),
          [0, 0, 0, 0],
        );
      }
      await run(project);
      rmSync(project.path('dist'), { recursive: true });
      assert.deepEqual(
        (await atOnce()).map(stepsOf),
        Array.from({ length: 4 }, () => ({ build: 'cached' })),
      );
      assert.equal(await project.read('dist/all.txt'), 'a');
      assert.deepEqual(
        cachedFiles(project, 'records').filter((file) => !file.endsWith('.json')),
        [],
      );
    }));

  it('keeps nothing that two processes wrote at the same time', () =>
    withProject(
      {
        'treadle.config.ts': pipeline(
          `shell('build', 'echo 1 > dist; while [ ! -f go ]; do sleep 0.02; done', { inputs: [], outputs: ['dist'] })`,
        ),
      },
      async (project) => {
        const both = [0, 1].map(() => project.start(['run', '--reporter', 'ndjson']));
        await Promise.all(both.map((each) => each.event('step:start')));
        await project.write('go', '');
        assert.deepEqual(await Promise.all(both.map(async ({ ended }) => (await ended).exitCode)), [0, 0]);
        assert.deepEqual(cachedFiles(project, 'records'), []);
        assert.deepEqual(await run(project), { build: 'has not passed yet' });
        assert.deepEqual(await run(project), { build: 'cached' });
      },
    ));

  for (const setting of ['inputs', 'outputs']) {
    for (const pattern of ['../secret', '/etc/passwd', 'a/../../b', '!../x', 'C:/x', '']) {
      it(`refuses ${setting}: ['${pattern}'], with the place`, () =>
        withProject({ 'treadle.config.ts': pipeline(`\n  step('a', () => {}, { ${setting}: ['${pattern}'] })`) }, async (project) => {
          const { exitCode, stderr } = await project.run(['run']);
          assert.equal(exitCode, 2);
          assert.match(
            stderr,
            new RegExp(`Step "a": ${setting}\\.0 must be a pattern of the project's own files.*\\n\\n  treadle\\.config\\.ts:4:3`),
          );
        }));
    }
  }
});
