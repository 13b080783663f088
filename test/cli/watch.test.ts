import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { withProject, type CliProcess, type CliProject } from '../support/cli.ts';
import { markProcesses } from '../support/processes.ts';

const head = `import { definePipeline, step } from 'treadle';\nimport { shell } from 'treadle/plugins';\n`;
const files = {
  'treadle.config.ts': `${head}
import { scale } from './lib/scale.ts';
export default definePipeline([
  [
    step('count', ({ results }) => { results.count = 2 * scale; }, { inputs: ['count/**'] }),
    shell('text', { command: 'cat text/a.txt' }, { inputs: ['text'] }),
  ],
  step('sum', ({ results }) => { results.sum = results.count + 1; }, { inputs: [] }),
  step('rest', () => {}),
]);`,
  'lib/scale.ts': 'export const scale = 1;',
  'text/a.txt': 'first\n',
  'README.md': '',
};

/** A pipeline whose step takes a while, and says which one it is. */
const slowConfig = (said: string): string =>
  `${head}export default definePipeline([shell('slow', 'echo ${said}; sleep 0.5', { inputs: ['src'] })]);`;

/** Which steps ran and which were remembered, in each run so far. */
async function roundsOf(
  watching: CliProcess,
  count: number,
  ids: readonly string[] = ['count', 'text', 'sum', 'rest'],
): Promise<Readonly<Record<string, 'ran' | 'cached'>>[]> {
  const seen: string[] = [];
  for (let round = 0; round < count; round += 1) {
    const { runId } = await watching.event('run:end', (end) => !seen.includes(end.runId));
    seen.push(runId);
  }
  const rounds = [];
  for (const runId of seen) {
    const round: Record<string, 'ran' | 'cached'> = {};
    for (const id of ids) {
      const end = await watching.event('step:end', (event) => event.runId === runId && event.id === id);
      round[id] = end.cached ? 'cached' : 'ran';
    }
    rounds.push(round);
  }
  return rounds;
}

async function watch(project: CliProject, test: (watching: CliProcess) => Promise<void>, ...args: string[]): Promise<void> {
  const watching = project.start(['watch', '--reporter', 'ndjson', ...args]);
  await watching.output('watch:idle');
  await test(watching);
  watching.signal('SIGINT');
  const { exitCode, stderr } = await watching.ended;
  assert.deepEqual([exitCode, stderr], [130, '']);
}

describe('treadle watch', function () {
  this.timeout(60_000);

  it('runs again what a change affects, and nothing else', () =>
    withProject(files, (project) =>
      watch(project, async (watching) => {
        await project.write('text/a.txt', 'second\n');
        assert.deepEqual((await roundsOf(watching, 2))[1], { count: 'cached', text: 'ran', sum: 'cached', rest: 'ran' });
        await project.write('README.md', 'hello');
        assert.deepEqual((await roundsOf(watching, 3))[2], { count: 'cached', text: 'cached', sum: 'cached', rest: 'ran' });
      }),
    ));

  it('runs again what reads a value that has changed, and loads the pipeline file again when it or what it imports changes', () =>
    withProject(files, (project) =>
      watch(project, async (watching) => {
        await project.write('lib/scale.ts', 'export const scale = 5;');
        const rounds = await roundsOf(watching, 2);
        assert.deepEqual(rounds[1], { count: 'ran', text: 'cached', sum: 'ran', rest: 'ran' });
        const { results } = await watching.event('run:end', ({ results: { sum } }) => sum === 11);
        assert.equal(results['count'], 10);
      }),
    ));

  it('says so when no step depends on a change', () =>
    withProject({ ...files, 'treadle.config.ts': files['treadle.config.ts'].replace("  step('rest', () => {}),\n", '') }, (project) =>
      watch(project, async (watching) => {
        await project.write('README.md', 'hello');
        await watching.output('"watch:change","files":["README.md"],"affected":[]');
      }),
    ));

  it('stops a run for a newer one, and leaves nothing', async () => {
    const mark = markProcesses();
    const config = `${head}export default definePipeline([shell('slow', { command: 'cat value && sleep 300' })]);`;
    await withProject({ 'treadle.config.ts': config, value: '1' }, async (project) => {
      const watching = project.start(['watch', '--reporter', 'ndjson'], { env: mark.env });
      await watching.event('step:output', ({ text }) => text === '1');
      await project.write('value', '2');
      assert.equal((await watching.event('run:end')).status, 'cancelled');
      await watching.event('step:output', ({ text }) => text === '2');
      watching.signal('SIGINT');
      assert.equal((await watching.ended).exitCode, 130);
      assert.deepEqual(await mark.leftovers(), []);
    });
  });

  it('keeps services up between runs until a change affects them, or they end', async () => {
    const mark = markProcesses();
    const config = `import { definePipeline, step } from 'treadle';
import { service, shell } from 'treadle/plugins';
export default definePipeline([
  service('server', { command: ['node', 'server.js'], ready: { log: 'up' }, saveAs: 'server' }, { inputs: ['server.js'] }),
  shell('asks', 'cat page', { inputs: ['page'] }),
]);`;
    const server = `console.log('up'); setInterval(() => {}, 1000); process.on('SIGUSR2', () => { console.log('heard'); });`;
    await withProject({ 'treadle.config.ts': config, 'server.js': server, page: '1' }, async (project) => {
      const watching = project.start(['watch', '--reporter', 'ndjson'], { env: mark.env });
      const ended: string[] = [];
      /** Whether the server's step was used again, and the server's pid, in the next run that ends. */
      const next = async (): Promise<readonly [boolean, number]> => {
        const { runId, results } = await watching.event('run:end', (end) => !ended.includes(end.runId));
        ended.push(runId);
        const { cached } = await watching.event('step:end', (event) => event.runId === runId && event.id === 'server');
        const { pid } = Object(results['server']);
        return [cached, pid];
      };
      const [, first] = await next();
      await project.write('page', '2');
      assert.deepEqual(await next(), [true, first]);
      // What it prints belongs to the run that is under way, and to none in between.
      process.kill(first, 'SIGUSR2');
      await project.write('server.js', `${server}// changed`);
      const [cached, second] = await next();
      assert.equal(cached, false);
      assert.notEqual(second, first);
      assert.equal(
        mark.living().some(({ pid }) => pid === first),
        false,
      );
      process.kill(second, 'SIGKILL');
      await watching.output(
        '"type":"watch:warning","id":"server","message":"`node server.js` was to serve the steps that follow, but was ended by SIGKILL',
      );
      await project.write('page', '3');
      const [again, third] = await next();
      assert.equal(again, false);
      assert.equal(
        mark.living().some(({ pid }) => pid === third),
        true,
      );
      // A pipeline that has no such step any more has no use for its service.
      await project.write('treadle.config.ts', config.replace(/ {2}service.*/, ''));
      await watching.event('run:end', (end) => !ended.includes(end.runId));
      assert.equal(
        mark.living().some(({ pid }) => pid === third),
        false,
      );
      await project.write('treadle.config.ts', config);
      await watching.event('run:end', (end) => !ended.includes(end.runId) && end.counts.steps === 2);
      watching.signal('SIGINT');
      const { events } = await watching.ended;
      assert.deepEqual(await mark.leftovers(), []);
      for (const [at, event] of events.entries()) {
        if (event.type === 'run:end') assert.notEqual(events[at + 1]?.runId, event.runId);
      }
    });
  });

  it('leaves no service when it is killed', async () => {
    const mark = markProcesses();
    const config = `import { definePipeline } from 'treadle';
import { service } from 'treadle/plugins';
export default definePipeline([service('server', { command: 'sleep 300 & sleep 300' })]);`;
    await withProject({ 'treadle.config.ts': config }, async (project) => {
      const watching = project.start(['watch', '--reporter', 'ndjson'], { env: mark.env });
      await watching.output('watch:idle');
      await mark.finds(({ command }) => command.includes('treadle-guard'));
      watching.signal('SIGKILL');
      await watching.ended;
      assert.deepEqual(await mark.leftovers(10_000), []);
    });
  });

  for (const args of [[], ['--no-cache']]) {
    it(`runs again what reads a file that an earlier step writes, or that git ignores ${args.join()}`, () =>
      withProject(
        {
          'treadle.config.ts': `${head}export default definePipeline([
            shell('build', 'mkdir -p dist && cp src/a dist/a', { inputs: ['src'], outputs: ['dist'] }),
            shell('size', 'cat dist/a', { inputs: ['dist/a'] }),
            shell('local', 'cat .env.local', { inputs: ['.env.local'] }),
          ]);`,
          'src/a': '1',
          '.env.local': '1',
          '.gitignore': 'dist\n.env.local\n',
        },
        (project) =>
          watch(
            project,
            async (watching) => {
              const ids = ['build', 'size', 'local'];
              await project.write('src/a', '2');
              assert.deepEqual((await roundsOf(watching, 2, ids))[1], { build: 'ran', size: 'ran', local: 'cached' });
              await project.write('.env.local', '2');
              assert.deepEqual((await roundsOf(watching, 3, ids))[2], { build: 'cached', size: 'cached', local: 'ran' });
              // What a step wrote is put back, or written anew.
              rmSync(project.path('dist'), { recursive: true });
              await project.write('.env.local', '3');
              const { size } = (await roundsOf(watching, 4, ids))[3] ?? {};
              assert.equal(size, 'cached');
              assert.equal(await project.read('dist/a'), '2');
            },
            ...args,
          ),
      ));
  }

  it('runs again what may read anything, when a step before it ran', () =>
    withProject(
      {
        'treadle.config.ts': `${head}export default definePipeline([
          shell('first', 'cat .env.first', { inputs: ['.env.first'] }),
          step('anything', () => {}),
          shell('last', 'cat .env.last', { inputs: ['.env.last'] }),
        ]);`,
        '.env.first': '1',
        '.env.last': '1',
        '.gitignore': '.env.*\n',
      },
      (project) =>
        watch(project, async (watching) => {
          const ids = ['first', 'anything', 'last'];
          await project.write('.env.last', '2');
          assert.deepEqual((await roundsOf(watching, 2, ids))[1], { first: 'cached', anything: 'cached', last: 'ran' });
          await project.write('.env.first', '2');
          assert.deepEqual((await roundsOf(watching, 3, ids))[2], { first: 'ran', anything: 'ran', last: 'cached' });
        }),
    ));

  it('takes a duration for --debounce, and nothing else', () =>
    withProject(files, async (project) => {
      const { exitCode, stderr } = await project.run(['watch', '--debounce', 'soon']);
      assert.deepEqual([exitCode, /--debounce: "soon" is no duration/.test(stderr)], [2, true]);
      await watch(
        project,
        async (watching) => {
          await project.write('text/a.txt', 'second\n');
          assert.equal((await roundsOf(watching, 2))[1]?.['text'], 'ran');
        },
        '--debounce',
        '1h',
      );
    }));

  it('makes one run of a branch switch that touches hundreds of files', () =>
    withProject(
      {
        'treadle.config.ts': `${head}export default definePipeline([shell('all', 'cat src/*/*', { inputs: ['src'] })]);`,
        '.gitignore': '.treadle\n',
        ...Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`src/d${at % 20}/f${at}`, 'old\n'])),
      },
      async (project) => {
        const git = (...args: readonly string[]): void =>
          void execFileSync('git', ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.org', ...args], { cwd: project.root });
        git('init', '-q', '-b', 'main');
        git('add', '.');
        git('commit', '-q', '-m', 'old');
        git('checkout', '-q', '-b', 'feature');
        for (let at = 0; at < 300; at += 2) await project.write(`src/d${at % 20}/f${at}`, 'new\n');
        rmSync(project.path('src/d1'), { recursive: true });
        await project.write('src/e/f', 'more\n');
        git('add', '.');
        git('commit', '-q', '-m', 'new');
        await watch(project, async (watching) => {
          git('checkout', '-q', 'main');
          await roundsOf(watching, 2, ['all']);
          await project.write('src/e/f', 'again\n');
          // Its change comes after all of the others.
          await watching.watchEvent('watch:change', 1, ({ files: changed }) => changed.join() === 'src/e/f');
          await roundsOf(watching, 3, ['all']);
          assert.equal(watching.events.filter(({ type }) => type === 'run:start').length, 3);
        });
      },
    ));

  it('has seen what changed while the pipeline file was broken', () =>
    withProject(files, async (project) => {
      const watching = project.start(['watch', '--reporter', 'ndjson', '--no-cache']);
      await watching.watchEvent('watch:idle');
      await project.write('treadle.config.ts', 'export default nonsense;');
      await watching.watchEvent('watch:idle', 2);
      await project.write('text/a.txt', 'second\n');
      await watching.watchEvent('watch:idle', 3);
      await project.write('treadle.config.ts', files['treadle.config.ts']);
      assert.deepEqual((await roundsOf(watching, 2))[1], { count: 'cached', text: 'ran', sum: 'cached', rest: 'ran' });
    }));

  it('runs what the pipeline file says now, though it was saved while a run went on that was not to be disturbed', () =>
    withProject({ 'treadle.config.ts': slowConfig('old'), 'src/a': '1' }, (project) =>
      watch(
        project,
        async (watching) => {
          await project.write('src/a', '2');
          await watching.event('step:start', ({ runId }) => runId !== watching.events[0]?.runId);
          await project.write('treadle.config.ts', slowConfig('new'));
          // Both are seen by then.
          await project.write('src/b', '2');
          await watching.watchEvent('watch:idle', 2);
          await project.write('src/a', '3');
          await watching.event('step:output', ({ text }) => text.includes('new'));
        },
        '--when-busy',
        'ignore',
      ),
    ));

  it('keeps watching while the pipeline file is broken', () =>
    withProject(files, async (project) => {
      const watching = project.start(['watch', '--reporter', 'ndjson']);
      await watching.output('watch:idle');
      await project.write('treadle.config.ts', 'export default nonsense;');
      await watching.output('nonsense is not defined');
      await watching.output('"verdict":"broken"');
      await project.write('treadle.config.ts', files['treadle.config.ts']);
      const [, second] = await roundsOf(watching, 2);
      assert.deepEqual(second, { count: 'cached', text: 'cached', sum: 'cached', rest: 'ran' });
      watching.signal('SIGTERM');
      assert.equal((await watching.ended).exitCode, 143);
    }));

  it('does not run for what a step writes, and breaks a loop that it cannot know of', () =>
    withProject(
      {
        'treadle.config.ts': `${head}import { appendFileSync } from 'node:fs';
export default definePipeline([
  step('build', () => { appendFileSync('out/declared.txt', 'x'); }, { outputs: ['out/**'] }),
  step('report', async () => {
    appendFileSync('report.txt', 'x');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }),
]);`,
        'out/declared.txt': '',
      },
      async (project) => {
        const watching = project.start(['watch', '--reporter', 'ndjson']);
        await watching.output('"watch:loop","file":"report.txt","stepIds":["report"]');
        await watching.output('watch:idle');
        watching.signal('SIGINT');
        const { events } = await watching.ended;
        assert.ok(events.filter(({ type }) => type === 'run:start').length <= 6);
      },
    ));

  it('tells people what it does', () =>
    withProject(files, async (project) => {
      const watching = project.start(['run', '--watch']);
      await watching.output('PASS  Waiting for changes…');
      await project.write('text/a.txt', 'second\n');
      await watching.output('RERUN  text/a.txt changed · text and rest depend on it');
      await watching.output('✔ count cached');
      await watching.output('4 passed, 2 of them cached');
      watching.signal('SIGINT');
      assert.equal((await watching.ended).exitCode, 130);
    }));

  it('refuses what it cannot do', () =>
    withProject(files, async (project) => {
      const { exitCode, stderr } = await project.run(['watch', '--when-busy', 'panic']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /--when-busy cannot be "panic"[\s\S]*restart, latest, ignore/);
      const none = await project.run(['watch', '--cwd', 'text', '--config', 'none.ts']);
      assert.equal(none.exitCode, 2);
    }));
});
