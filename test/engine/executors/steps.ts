import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { definePipeline, step } from '../../../core/index.ts';

// Steps for the conformance suite: each does one thing that an executor has to cope with.

class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly statusCode = 503;
}

const forever = new Promise<never>(() => undefined);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export default definePipeline([
  step('adds', ({ results }) => {
    results['sum'] = Number(results['sum'] ?? 0) + 1;
  }),
  step('mutates', ({ results }) => {
    const { list, bytes } = results;
    if (Array.isArray(list)) list.push('mine');
    if (bytes instanceof Uint8Array) bytes[0] = 99;
  }),
  step('reads', ({ results }) => results['list']),
  step('describes', (context) => {
    context.results['seen'] = {
      step: context.step,
      cwd: context.cwd,
      own: context.env['OWN'],
      base: context.env['BASE'],
      config: context.config,
      errors: context.errors.map(({ code }) => code),
    };
  }),
  step('rewrites-errors', (context) => {
    context.results['before'] = context.errors.map(({ code }) => code);
    for (const error of context.errors) Object.assign(error, { code: 'E_INTERNAL' });
  }),
  step('writes-config', ({ config }) => {
    Object.assign(config, { hacked: true });
  }),
  step('prints', (context) => {
    console.log('from console');
    process.stdout.write('from stdout\n');
    process.stderr.write('from stderr\n');
    context.log('from', { log: 1 });
  }),
  step('prints-then-hangs', () => {
    console.log('before the loop');
    for (;;);
  }),
  step('writes-descriptor', () => {
    writeSync(1, 'by descriptor\n');
  }),
  step('spawns', async () => {
    await once(spawn('echo', ['asynchronous'], { stdio: 'inherit' }), 'close');
    spawnSync('echo', ['synchronous'], { stdio: ['ignore', 'inherit', 'inherit'] });
    execFileSync('sh', ['-c', 'echo file >&2'], { stdio: 'inherit' });
  }),
  step('progresses', (context) => {
    for (let done = 0; done <= 50; done += 1) context.updateStepProgress(done, `${done} done`);
  }),
  step('says-what-it-waits-for', async (context) => {
    context.updateStepProgress(1, 'connecting');
    context.updateStepProgress(2, 'connected');
    context.updateStepProgress(3, 'waiting for the answer');
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
  }),
  step('fails', () => {
    throw new HttpError('the server is down');
  }),
  step('fails-null', () => {
    throw null;
  }),
  step('fails-circular', () => {
    const error: Error & { self?: unknown } = new Error('round and round');
    error.self = error;
    throw error;
  }),
  step('leaves-function', ({ results }) => {
    results['server'] = { port: 1, close: () => undefined };
  }),
  step('exits', async () => {
    await turn();
    process.exit(7);
  }),
  step('throws-later', async () => {
    setTimeout(() => {
      throw new Error('from a timer');
    }, 1);
    await forever;
  }),
  step('rejects-unseen', () => {
    void Promise.reject(new Error('nobody waits for me'));
  }),
  step('waits', async (context) => {
    const timer = setInterval(() => undefined, 1000);
    context.log('waiting');
    await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
    clearInterval(timer);
    context.log('asked to stop:', context.signal.reason instanceof Error ? context.signal.reason.message : 'no reason');
    throw context.signal.reason;
  }),
  step('ignores-signal', () => forever),
  step('spins', () => {
    for (;;);
  }),
  step('leaves-timer', () => {
    setInterval(() => undefined, 1000);
  }),
  step('leaves-server', async () => {
    await new Promise<void>((resolve) => createServer().listen(0, '127.0.0.1', resolve));
  }),
  step('fills-memory', () => {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(10_000).fill({}));
  }),
  step('execs', async (context) => {
    const lines: string[] = [];
    const { exitCode, stdout } = await context.exec('say hello', { check: false, onLine: (line) => lines.push(line) });
    context.results['exec'] = { exitCode, stdout, lines };
  }),
  step('exec-fails', async (context) => {
    await context.exec(['false']);
  }),
  step('tests', async (context) => {
    await context.test('good', () => undefined);
    await context.test('bad', () => {
      throw Object.assign(new Error('1 is not 2'), { expected: 2, actual: 1 });
    });
    context.test({ name: 'elsewhere', path: ['suite'], status: 'skipped', durationMs: 1 });
  }),
  step('tests-beside', async (context) => {
    const [ended, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = context.test('slow', () => ended.promise);
    await context.test('suite', () =>
      Promise.all([
        context.test('one', () => end.promise),
        context.test('two', async () => {
          await turn();
          await context.test('deep', () => end.resolve());
        }),
      ]),
    );
    ended.resolve();
    await slow;
  }),
  step('tests-unawaited', (context) => {
    void context.test('late', async () => {
      await turn();
      void context.test('later', async () => {
        await turn();
        throw new Error('too late');
      });
    });
  }),
]);
