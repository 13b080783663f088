import assert from 'node:assert/strict';
import { withProject, type CliProject } from '../support/cli.ts';
import { introduction, startServer, type ServerProcess } from '../support/editor.ts';
import { markProcesses, type LiveProcess, type ProcessMark } from '../support/processes.ts';

const head = `import { definePipeline, step } from 'treadle';\nimport { shell } from 'treadle/plugins';\n`;

describe('treadle serve, watching', function () {
  this.timeout(60_000);
  let mark: ProcessMark;
  let server: ServerProcess;
  beforeEach(() => {
    mark = markProcesses();
    server = startServer(mark.env);
  });
  const endServer = async (): Promise<void> => {
    server.child.kill('SIGKILL');
    await server.exit;
    mark.kill();
  };
  afterEach(endServer);

  const withServer = (test: (project: CliProject) => Promise<void>, own: Readonly<Record<string, string>>): Promise<void> =>
    withProject(own, async (project) => {
      try {
        await server.request('initialize', introduction(project.root));
        await test(project);
      } finally {
        // Before the project goes: a run may be under way that writes into it.
        await endServer();
      }
    });
  const inputs = `${head}
export default {
  default: definePipeline([
    step('count', ({ results }) => { results.count = 1; }, { inputs: ['count/**'] }),
    step('sum', ({ results }) => { results.sum = results.count + 1; }, { inputs: [] }),
    shell('text', 'cat text/a.txt', { inputs: ['text'] }),
  ]),
};`;
  /** What became of each step of a run: `ran`, or why it did not. */
  const roundOf = async (runId: string): Promise<Readonly<Record<string, string>>> => {
    await server.told('run/end', (end) => end.runId === runId);
    return Object.fromEntries(
      server.events.flatMap((event) =>
        event.type === 'step:end' && event.runId === runId ? [[event.id, event.cached ? 'cached' : 'ran'] as const] : [],
      ),
    );
  };

  const runsOf = (pipeline: string): readonly string[] =>
    server.notifications.flatMap((told) => (told.method === 'watch/run' && told.params.pipeline === pipeline ? [told.params.runId] : []));

  it('runs watched pipelines again when a file changes, however that comes about: the steps that it affects', () =>
    withServer(
      async (project) => {
        const asked = await server.request('run', { force: true });
        assert.deepEqual(await roundOf(asked.runId), { count: 'ran', sum: 'ran', text: 'ran' });
        await server.request('setWatch', { pipeline: 'default', enabled: true });
        await project.write('node_modules/y/z.js', '');
        await project.write('text/a.txt', 'second');
        const first = await server.told('watch/run');
        assert.deepEqual([first.pipeline, first.files, first.affected], ['default', ['text/a.txt'], ['text']]);
        assert.deepEqual(await roundOf(first.runId), { count: 'cached', sum: 'cached', text: 'ran' });
        assert.deepEqual(
          (await server.request('history', {})).map(({ trigger }) => trigger),
          [{ kind: 'save', files: ['text/a.txt'] }, { kind: 'editor' }],
        );
        const again = await server.request('run', { force: true });
        assert.deepEqual(await roundOf(again.runId), { count: 'ran', sum: 'ran', text: 'ran' });
        await project.write('count/a.txt', '1');
        const second = await server.told('watch/run', ({ runId }) => runId !== first.runId);
        assert.deepEqual(second.affected, ['count']);
        assert.deepEqual(await roundOf(second.runId), { count: 'ran', sum: 'cached', text: 'cached' });
      },
      { 'treadle.config.ts': inputs, 'text/a.txt': 'first' },
    ));

  it('stops a run for a change, and makes one run of many changes', () =>
    withServer(
      async (project) => {
        await server.request('setWatch', { pipeline: 'long', enabled: true });
        await project.write('one.ts', '');
        const running = await server.told('watch/run');
        await server.event('step:start', ({ runId }) => runId === running.runId);
        await Promise.all(Array.from({ length: 10 }, (_, at) => project.write(`save${at}.ts`, '1')));
        assert.equal((await server.told('run/end', ({ runId }) => runId === running.runId)).status, 'cancelled');
        const rerun = await server.told('watch/run', ({ runId }) => runId !== running.runId);
        await server.event('step:start', ({ runId }) => runId === rerun.runId);
        await server.request('setWatch', { enabled: false });
        await server.request('cancel', {});
        await server.told('run/end', ({ runId }) => runId === rerun.runId);
        const runs = server.notifications.filter(({ method }) => method === 'watch/run').length;
        assert.ok(runs <= 3, `${runs} runs`);
      },
      {
        'treadle.config.ts': `${head}export default { long: definePipeline([step('waits', () => new Promise(() => setInterval(() => {}, 1000)))]) };`,
      },
    ));

  it('tells of a run that is stopped for a change before its steps have cleaned up', () =>
    withServer(
      async (project) => {
        await server.request('setWatch', { enabled: true });
        await project.write('src/a', '1');
        const { runId } = await server.told('watch/run');
        await server.event('step:output', ({ id }) => id === 'slow');
        await project.write('src/a', '2');
        assert.deepEqual(await server.told('watch/stop'), { runId });
        await server.event('step:start', (event) => event.runId === runId && event.id === 'clean');
        assert.ok(!server.notifications.some(({ method }) => method === 'run/end'));
        await project.write('go', '');
        await server.told('run/end', (end) => end.runId === runId);
        await server.told('watch/run', (run) => run.runId !== runId);
      },
      {
        'treadle.config.ts': `${head}export default definePipeline([
          shell('slow', 'cat src/a && sleep 300', { inputs: ['src'] }),
          shell('clean', 'while [ ! -e go ]; do sleep 0.02; done', { when: 'always', inputs: [] }),
        ]);`,
        '.gitignore': 'go\n',
      },
    ));

  const begunBy = {
    'a save has begun': ['restart', (project: CliProject) => project.write('src/a', '1')],
    'a person has begun': ['restart', () => server.request('run', { pipeline: 'main' })],
    'goes on all the same': ['latest', () => server.request('run', { pipeline: 'main' })],
  } as const;
  const stoppedBy = {
    'stops it': (runId: string) => server.request('cancel', { runId }),
    'stops everything': () => server.request('cancel', {}),
    'kills it': (runId: string) => server.request('cancel', { runId, force: true }),
    'ends the watch': () => server.request('setWatch', { pipeline: 'main', enabled: false }),
  } as const;
  for (const [kind, what] of [
    ['a save has begun', 'stops it'],
    ['a save has begun', 'ends the watch'],
    ['a person has begun', 'stops it'],
    ['a person has begun', 'stops everything'],
    ['a person has begun', 'kills it'],
    ['a person has begun', 'ends the watch'],
    ['goes on all the same', 'stops it'],
  ] as const) {
    const [whenBusy, begin] = begunBy[kind];
    const stop = stoppedBy[what];
    it(`begins no run for a change during one that ${kind} when a person ${what} then`, () =>
      withServer(
        async (project) => {
          await server.request('setWatch', { pipeline: 'main', enabled: true, whenBusy });
          await server.request('setWatch', { pipeline: 'witness', enabled: true });
          await begin(project);
          const { runId } = await server.event('step:output', ({ id }) => id === 'slow');
          await project.write('src/a', '2');
          // By then the change is known.
          const seen = await server.told('watch/run', (run) => run.pipeline === 'witness' && run.files.includes('src/a'));
          await server.told('run/end', (end) => end.runId === seen.runId);
          if (whenBusy === 'restart') await server.event('step:start', (event) => event.runId === runId && event.id === 'clean');
          await stop(runId);
          await project.write('go', '');
          await server.told('run/end', (end) => end.runId === runId);
          await project.write('other/b', '1');
          await server.told('watch/run', (run) => run.files.includes('other/b'));
          assert.deepEqual(
            runsOf('main').filter((id) => id !== runId),
            [],
          );
          if (what === 'ends the watch') return;
          await project.write('src/a', '3');
          assert.deepEqual((await server.told('watch/run', (run) => run.pipeline === 'main' && run.runId !== runId)).files, ['src/a']);
        },
        {
          'treadle.config.ts': `${head}export default {
              main: definePipeline([
                shell('slow', 'cat src/a && sleep 300', { inputs: ['src'] }),
                shell('clean', 'while [ ! -e go ]; do sleep 0.02; done', { when: 'always', inputs: [] }),
              ]),
              witness: definePipeline([shell('look', 'true', { inputs: ['src', 'other'] })]),
            };`,
          'src/a': '0',
          'other/b': '0',
          '.gitignore': 'go\n',
        },
      ));
  }

  it('lets a run finish first, or forgets the change, when it is told to', () =>
    withServer(
      async (project) => {
        const step = `definePipeline([shell('slow', 'while [ ! -e go ]; do sleep 0.02; done', { inputs: ['src'] })])`;
        await project.write('treadle.config.ts', `${head}export default { a: ${step}, b: ${step}, c: ${step} };`);
        for (const [pipeline, whenBusy] of [
          ['a', 'latest'],
          ['b', 'ignore'],
          ['c', 'restart'],
        ] as const) {
          await server.request('setWatch', { pipeline, enabled: true, whenBusy });
        }
        await project.write('src/x', '1');
        const runOf = (pipeline: string, except?: string): Promise<{ readonly runId: string }> =>
          server.told('watch/run', (run) => run.pipeline === pipeline && run.runId !== except);
        const [a, b, c] = await Promise.all([runOf('a'), runOf('b'), runOf('c')]);
        await Promise.all([a, b, c].map((run) => server.event('step:start', ({ runId }) => runId === run.runId)));
        await project.write('src/x', '2');
        // By then all of them know of the change.
        await runOf('c', c.runId);
        await project.write('go', '');
        const again = await runOf('a', a.runId);
        const ends = await Promise.all([a, b, c, again].map((run) => server.told('run/end', ({ runId }) => runId === run.runId)));
        assert.deepEqual(
          ends.map(({ status }) => status),
          ['passed', 'passed', 'cancelled', 'passed'],
        );
        assert.equal(server.notifications.filter(({ method }) => method === 'watch/run').length, 5);
      },
      { 'treadle.config.ts': inputs },
    ));

  it('keeps the services of a watched pipeline up between its runs, until they are in the way or everything is stopped', () =>
    withServer(
      async (project) => {
        const serving = (): Promise<LiveProcess> => mark.finds(({ command }) => command === 'sleep 300');
        const runOver = async (runId: string): Promise<void> => void (await server.told('run/end', (end) => end.runId === runId));
        await server.request('setWatch', { pipeline: 'a', enabled: true });
        await runOver((await server.request('run', { pipeline: 'a' })).runId);
        const { pid } = await serving();
        await project.write('page', '1');
        const rerun = await server.told('watch/run');
        assert.deepEqual(await roundOf(rerun.runId), { server: 'cached', asks: 'ran' });
        assert.equal((await serving()).pid, pid);
        // It may need the same port.
        await runOver((await server.request('run', { pipeline: 'b' })).runId);
        assert.equal(
          mark.living().some((each) => each.pid === pid),
          false,
        );
        await project.write('page', '2');
        const second = await server.told('watch/run', ({ runId }) => runId !== rerun.runId);
        assert.deepEqual(await roundOf(second.runId), { server: 'ran', asks: 'ran' });
        await serving();
        await server.request('cancel', {});
        const gone = (found: readonly LiveProcess[]): boolean => !found.some(({ command }) => command === 'sleep 300');
        await mark.becomes(gone);
        await project.write('page', '3');
        const third = await server.told('watch/run', ({ runId }) => runId !== rerun.runId && runId !== second.runId);
        await runOver(third.runId);
        await serving();
        await server.request('setWatch', { pipeline: 'a', enabled: false });
        await mark.becomes(gone);
      },
      {
        'treadle.config.ts': `import { definePipeline } from 'treadle';
import { service, shell } from 'treadle/plugins';
const server = service('server', { command: ['sleep', '300'] }, { inputs: [] });
export default { a: definePipeline([server, shell('asks', 'cat page', { inputs: ['page'] })]), b: definePipeline([shell('other', 'true')]) };`,
        page: '0',
      },
    ));

  it('stops services that nobody has needed for a while, and starts them again with the next run', () =>
    withServer(
      async (project) => {
        await server.request('setWatch', { pipeline: 'default', enabled: true, idleMs: 1, debounceMs: 5 });
        await project.write('page', '1');
        await server.told('run/end');
        await mark.becomes((found) => !found.some(({ command }) => command === 'sleep 300'));
        const first = await server.told('watch/run');
        await project.write('page', '2');
        const second = await server.told('watch/run', ({ runId }) => runId !== first.runId);
        assert.deepEqual(await roundOf(second.runId), { server: 'ran', asks: 'ran' });
      },
      {
        'treadle.config.ts': `import { definePipeline } from 'treadle';
import { service, shell } from 'treadle/plugins';
export default definePipeline([service('server', { command: ['sleep', '300'] }, { inputs: [] }), shell('asks', 'cat page', { inputs: ['page'] })]);`,
        page: '0',
      },
    ));

  it('uses no results of a run in another environment', () =>
    withServer(
      async () => {
        const ask = async (mode: string): Promise<readonly (string | undefined)[]> => {
          const { runId } = await server.request('run', { env: { MODE: mode } });
          const round = await roundOf(runId);
          const printed = server.events.flatMap((event) =>
            event.type === 'step:output' && event.runId === runId ? [event.text.trim()] : [],
          );
          return [round['says'], ...printed];
        };
        assert.deepEqual(await ask('fast'), ['ran', 'fast']);
        assert.deepEqual(await ask('slow'), ['ran', 'slow']);
        assert.deepEqual(await ask('fast'), ['cached', 'fast']);
      },
      { 'treadle.config.ts': `${head}export default definePipeline([shell('says', 'echo $MODE', { inputs: [] })]);` },
    ));

  it('tells of a loop, with file and step', () =>
    withServer(
      async (project) => {
        await server.request('setWatch', { pipeline: 'default', enabled: true, whenBusy: 'latest' });
        await project.write('src/a', '1');
        const { pipeline, file, stepIds } = await server.told('watch/loop');
        assert.deepEqual([pipeline, file, stepIds], ['default', 'log.txt', ['writer']]);
      },
      {
        'treadle.config.ts': `${head}export default definePipeline([shell('writer', 'date +%N >> log.txt; sleep 0.3')]);`,
      },
    ));

  it('runs what the file says when it is the pipeline file that changes, also once it is mended', () =>
    withServer(
      async (project) => {
        await server.request('setWatch', { pipeline: 'default', enabled: true });
        await project.write('treadle.config.ts', 'export default [');
        await server.told('project/changed', ({ kind }) => kind === 'broken');
        await project.write('treadle.config.ts', `${head}export default definePipeline([step('other', () => {})]);`);
        const { plan, files: changed } = await server.told('watch/run');
        assert.deepEqual([plan.children.map(({ id }) => id), changed], [['other'], ['treadle.config.ts']]);
        await server.told('run/end');
      },
      { 'treadle.config.ts': inputs },
    ));
});
