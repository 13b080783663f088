import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import type { SerializedError } from '../../core/contract/errors.ts';
import { outputFileName, outputPerBatch } from '../../core/contract/rpc.ts';
import { withProject, type CliProject } from '../support/cli.ts';
import { editorSide, introduction, startServer, type ServerProcess } from '../support/editor.ts';
import { markProcesses, type ProcessMark } from '../support/processes.ts';

const head = `import { spawn } from 'node:child_process';\nimport { definePipeline, step } from 'treadle';\nimport { shell } from 'treadle/plugins';\n`;
const forever = `new Promise(() => setInterval(() => {}, 1000))`;

const files = {
  'treadle.config.ts': `${head}
export default {
  default: definePipeline([
    [step('good', ({ results }) => { results.good = 1; console.log('from the step'); }), shell('bad', { command: 'test -e fixed' })],
  ], { failFast: false }),
  long: definePipeline([step('waits', () => ${forever}), step('never', () => {})]),
  spins: definePipeline([step('loop', () => { spawn('sleep', ['300'], { stdio: 'ignore' }); for (;;); }, { executor: 'inline' })]),
  children: definePipeline([shell('sleeper', { command: 'sleep 300 & sleep 300' })]),
  loud: definePipeline([step('printer', async () => {
    const line = 'x'.repeat(1023) + '\\n';
    for (let chunk = 0; chunk < 200; chunk += 1) {
      process.stdout.write(line.repeat(256));
      await new Promise((resolve) => setImmediate(resolve));
    }
  })]),
  many: definePipeline([Array.from({ length: 10_000 }, (_, at) => step('s' + at, () => {}, { executor: 'inline' }))]),
  late: definePipeline([step('late', () => ${forever}, { timeout: '50ms', retries: 3 }), step('next', () => {})], { timeout: '100ms' }),
};
`,
};

describe('treadle serve', function () {
  this.timeout(60_000);
  let mark: ProcessMark;
  let server: ServerProcess;
  beforeEach(() => {
    mark = markProcesses();
    server = startServer(mark.env);
  });
  afterEach(async () => {
    server.child.kill('SIGKILL');
    await server.exit;
    mark.kill();
  });

  const withServer = (test: (project: CliProject) => Promise<void>, own: Readonly<Record<string, string>> = files): Promise<void> =>
    withProject(own, async (project) => {
      await server.request('initialize', introduction(project.root));
      await test(project);
    });
  const refusal = async (answer: Promise<unknown>): Promise<SerializedError> => {
    try {
      await answer;
    } catch (thrown) {
      // What a JSON-RPC error carries.
      return (thrown as { readonly data: SerializedError }).data;
    }
    return assert.fail('It was not refused.');
  };

  it('agrees on a version, and says who it is', async () => {
    const answer = await server.request('initialize', { ...introduction('/'), protocols: [1, 2, 99] });
    assert.equal(answer.protocol, 1);
    assert.equal(answer.pid, server.child.pid);
    assert.match(answer.coreVersion, /^\d+\.\d+\.\d+/);
    assert.equal(answer.nodeVersion, process.versions.node);
  });

  it('refuses editors that it does not understand, naming both sides', async () => {
    const newer = await refusal(server.request('initialize', { ...introduction('/'), protocols: [7, 8] }));
    assert.match(newer.message, /speaks version 1 of the protocol, a test 1\.0\.0 speaks 7, 8/);
    assert.match(newer.hint ?? '', /Update treadle/);
  });

  it('refuses what comes too early, what is malformed, and what does not exist', async () => {
    assert.match((await refusal(server.request('list', {}))).message, /first request must be "initialize"/);
    await server.request('initialize', introduction('/'));
    assert.match((await refusal(server.say('run', { only: 'good' }))).message, /^run, only: /);
    await assert.rejects(server.say('dance', {}), /Unhandled method dance/);
  });

  it('lists pipelines and plugins; what the project prints does not get among the messages', () =>
    withServer(
      async (project) => {
        const state = await server.request('list', {});
        assert.ok(state.kind === 'loaded');
        assert.deepEqual(
          state.pipelines.map(({ name, isDefault }) => [name, isDefault]),
          ['default', 'long', 'spins', 'children', 'loud', 'many', 'late'].map((name) => [name, name === 'default']),
        );
        assert.equal(state.root, project.root);
        assert.deepEqual(state.files, [join(project.root, 'treadle.config.ts')]);
        assert.match(server.stderr(), /printed while loading/);
      },
      { 'treadle.config.ts': `${files['treadle.config.ts']}console.log('printed while loading');` },
    ));

  it('tells what is wrong with a project, and follows when it is mended', () =>
    withServer(
      async (project) => {
        const broken = await server.request('list', {});
        assert.ok(broken.kind === 'broken');
        assert.deepEqual(broken.problems[0]?.location, { file: 'treadle.config.ts', line: 4, column: 32 });
        assert.deepEqual(broken.files, [join(project.root, 'treadle.config.ts')]);
        assert.equal((await refusal(server.request('run', {}))).code, broken.problems[0]?.code);
        await project.write('treadle.config.ts', files['treadle.config.ts']);
        assert.equal((await server.request('list', {})).kind, 'loaded');
        await server.told('project/changed', (state) => state.kind === 'loaded');
      },
      { 'treadle.config.ts': `${head}export default definePipeline([unknownName]);` },
    ));

  it('tells of earlier runs, and how long steps took in them', () =>
    withServer(async (project) => {
      await project.run(['run']);
      const [kept, ...others] = await server.request('history', {});
      assert.equal(others.length, 0);
      assert.deepEqual([kept?.pipeline, kept?.status, kept?.counts.failed], ['default', 'failed', 1]);
      assert.ok(kept?.steps.some(({ id, status, durationMs }) => id === 'good' && status === 'passed' && durationMs > 0));
      await server.request('run', {});
      await server.told('run/end');
      const start = server.events[0];
      assert.ok(start?.type === 'run:start');
      assert.ok((start.expected?.['good'] ?? 0) > 0);
      const both = await server.request('history', { pipeline: 'default', limit: 5 });
      assert.deepEqual([both.length, both[0]?.runId], [2, start.runId]);
      assert.deepEqual(await server.request('history', { pipeline: 'nothing' }), []);
    }));

  it('runs, sends every event in order, and runs again what failed', () =>
    withServer(async (project) => {
      const started = await server.request('run', {});
      assert.equal(started.pipeline, 'default');
      const end = await server.told('run/end');
      assert.deepEqual([end.runId, end.status, end.counts.failed], [started.runId, 'failed', 1]);
      assert.deepEqual(
        server.events.map(({ seq }) => seq),
        server.events.map((_, at) => at),
      );
      assert.equal(server.events[0]?.type, 'run:start');
      assert.equal(server.events.at(-1)?.type, 'run:end');
      assert.equal(readFileSync(join(started.outputFolder, outputFileName('good')), 'utf8'), 'from the step\n');

      await project.write('fixed', '');
      const again = await server.request('runFailed', {});
      assert.ok(again !== null);
      assert.deepEqual(
        again.plan.children.map((node) => (node.kind === 'step' ? node.id : node.children.map(({ id }) => id))),
        [['bad']],
      );
      assert.equal((await server.told('run/end', ({ runId }) => runId === again.runId)).status, 'passed');
      assert.equal(await server.request('runFailed', {}), null);
    }));

  it('cancels a run, a step of one, and all', () =>
    withServer(async () => {
      const first = await server.request('run', { pipeline: 'long' });
      const second = await server.request('run', { pipeline: 'long' });
      await server.event('step:start', ({ runId }) => runId === first.runId);
      await server.event('step:start', ({ runId }) => runId === second.runId);
      await server.request('cancel', { runId: first.runId, nodeId: 'waits' });
      const stopped = await server.event('step:end', ({ runId, id }) => runId === first.runId && id === 'waits');
      assert.equal(stopped.status, 'cancelled');
      assert.ok(!server.events.some((event) => event.runId === second.runId && event.type === 'step:end'));
      await server.request('cancel', {});
      assert.equal((await server.told('run/end', ({ runId }) => runId === second.runId)).status, 'cancelled');
    }));

  it('lets steps that always run clean up after the first stop, and kills them by force only', () =>
    withServer(
      async () => {
        const { runId } = await server.request('run', {});
        await server.request('cancel', { runId });
        await server.event('step:output', ({ text }) => text.includes('cleaning'));
        await server.request('cancel', { runId });
        await server.request('cancel', {});
        await server.request('ping', null);
        assert.ok(!server.notifications.some(({ method }) => method === 'run/end'));
        await server.request('cancel', { runId, force: true });
        assert.equal((await server.told('run/end')).status, 'cancelled');
      },
      {
        'treadle.config.ts': `${head}
export default definePipeline([
  step('waits', () => ${forever}),
  step('tidy', () => { console.log('cleaning'); return ${forever}; }, { when: 'always' }),
]);`,
      },
    ));

  it('cancels at once after the start, and by force', () =>
    withServer(async () => {
      const { runId } = await server.request('run', { pipeline: 'children' });
      await server.request('cancel', { runId, force: true });
      assert.equal((await server.told('run/end')).status, 'cancelled');
      await server.request('shutdown', null);
      assert.deepEqual(await server.exit, { code: 0, signal: null });
      assert.deepEqual(await mark.leftovers(), []);
    }));

  it('has neither time limits nor retries for a person who steps through', () =>
    withServer(async () => {
      const { runId, plan } = await server.request('run', { pipeline: 'late', only: ['late'], debug: true });
      assert.equal(plan.timeoutMs, undefined);
      const [step] = plan.children;
      assert.ok(step?.kind === 'step' && step.timeoutMs === undefined && step.retries === 0 && step.executor === 'inline');
      await server.event('step:start');
      await server.request('cancel', { runId });
      assert.equal((await server.told('run/end')).status, 'cancelled');
    }));

  it('sends ten thousand steps in few batches', () =>
    withServer(async () => {
      await server.request('run', { pipeline: 'many' });
      const { counts } = await server.told('run/end');
      assert.equal(counts.passed, 10_000);
      assert.equal(server.events.filter(({ type }) => type === 'step:end').length, 10_000);
      assert.deepEqual(
        server.events.map(({ seq }) => seq),
        server.events.map((_, at) => at),
      );
      assert.ok(server.batches.length < server.events.length / 100, `${server.batches.length} batches`);
    }));

  it('bounds the output in a batch, says how much is missing, and keeps all of it in a file', () =>
    withServer(async () => {
      const { outputFolder } = await server.request('run', { pipeline: 'loud' });
      await server.told('run/end');
      let sent = 0;
      let omitted = 0;
      for (const batch of server.batches) {
        const text = batch.events.map((event) => (event.type === 'step:output' ? event.text : '')).join('');
        assert.ok(Buffer.byteLength(text) <= outputPerBatch);
        sent += Buffer.byteLength(text);
        omitted += batch.omitted?.['printer'] ?? 0;
      }
      const all = 200 * 256 * 1024;
      assert.equal(sent + omitted, all);
      assert.equal(readFileSync(join(outputFolder, outputFileName('printer'))).length, all);
      const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
      const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
      assert.ok(peak < 600_000, `${peak} kB`);
    }));

  it('keeps the output of the last runs only', () =>
    withServer(async (project) => {
      for (let run = 0; run < 23; run += 1) {
        const { runId } = await server.request('run', { only: ['good'] });
        await server.told('run/end', (end) => end.runId === runId);
      }
      assert.equal(readdirSync(project.path('.treadle/output')).length, 20);
    }));

  for (const way of ['closes the connection', 'SIGTERM'] as const) {
    it(`ends with all that it started when the editor ${way === 'SIGTERM' ? 'ends it' : way}`, () =>
      withServer(async () => {
        await server.request('run', { pipeline: 'children' });
        await mark.finds(({ command }) => command.includes('sleep 300'));
        if (way === 'SIGTERM') server.child.kill('SIGTERM');
        else server.child.stdin?.end();
        assert.deepEqual(await server.exit, { code: way === 'SIGTERM' ? 143 : 0, signal: null });
        assert.deepEqual(await mark.leftovers(), []);
      }));
  }

  for (const pipeline of ['children', 'spins']) {
    it(`leaves nothing when the editor is killed while "${pipeline}" runs`, () =>
      withProject(files, async (project) => {
        const own = markProcesses();
        const editor = spawn(process.execPath, [join(import.meta.dirname, '../support/doomed-editor.ts'), project.root, pipeline], {
          env: { ...process.env, ...own.env },
          stdio: 'ignore',
        });
        await own.finds(({ command }) => command.includes('sleep 300'), 20_000);
        editor.kill('SIGKILL');
        assert.deepEqual(await own.leftovers(20_000), []);
        own.kill();
      }));
  }

  it('connects to the pipe of an editor', () =>
    withProject(files, async (project) => {
      const listener = createServer();
      const path = project.path('editor.sock');
      listener.listen(path);
      await once(listener, 'listening');
      const serving = project.start(['serve', '--connect', path]);
      const [socket]: Socket[] = await once(listener, 'connection');
      assert.ok(socket !== undefined);
      const editor = editorSide(socket, socket);
      await editor.request('initialize', introduction(project.root));
      assert.equal((await editor.request('list', {})).kind, 'loaded');
      socket.end();
      assert.equal((await serving.ended).exitCode, 0);
      listener.close();
      assert.ok(!existsSync(path));
    }));

  it('says what it needs when a person starts it', () =>
    withProject({}, async (project) => {
      const { exitCode, stderr } = await project.run(['serve']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /needs --stdio or --connect PATH/);
      const nobody = await project.run(['serve', '--connect', 'nobody.sock']);
      assert.equal(nobody.exitCode, 2);
      assert.match(nobody.stderr, /nobody listens at nobody\.sock/);
    }));
});
