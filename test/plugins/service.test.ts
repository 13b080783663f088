import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, describe, it } from 'mocha';
import { removeProjects } from '../support/project.ts';
import { freePort, livingInGroup, runSteps } from './run-steps.ts';

/** A server that starts a child, so that there is a tree to stop. */
const server = `
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
spawn('sleep', ['60']);
createServer((request, response) => response.end('{"ok":true}')).listen(Number(process.argv[2]), '127.0.0.1', () => {
  writeFileSync('ready', '');
  console.log('listening on http://127.0.0.1:' + process.argv[2]);
});
process.on('SIGTERM', () => process.exit(0));
`;
const files = { 'server.mjs': server };

function pidOf(results: Readonly<Record<string, unknown>>): number {
  const saved = results['shop'];
  assert.ok(typeof saved === 'object' && saved !== null && 'pid' in saved && typeof saved.pid === 'number');
  return saved.pid;
}

describe('service', () => {
  after(removeProjects);

  for (const [name, readyWith] of Object.entries({
    port: (port: number) => ({ port: `127.0.0.1:${port}` }),
    url: (port: number) => ({ url: `http://127.0.0.1:${port}/` }),
    'its output': () => ({ log: 'listening on' }),
    'a file': () => ({ file: 'ready' }),
  })) {
    it(`is ready when ${name} says so, serves the steps that follow, and is stopped with its tree`, async () => {
      const port = await freePort();
      const run = await runSteps(
        [
          { id: 'shop', uses: 'service', with: { command: ['node', 'server.mjs', String(port)], ready: readyWith(port), saveAs: 'shop' } },
          { id: 'use', uses: 'http', with: { url: `http://127.0.0.1:${port}/`, expect: { json: { ok: true } } } },
        ],
        { files },
      );
      assert.equal(run.result.status, 'passed', JSON.stringify(run.result.errors));
      assert.match(run.output('shop'), /^listening on/);
      assert.deepEqual(livingInGroup(pidOf(run.result.results)), []);
    });
  }

  it('keeps where it is, and what its output says of that', async () => {
    const port = await freePort();
    const ready = { log: 'on (?<address>http\\S+)', url: `http://127.0.0.1:${port}/` };
    const run = await runSteps([{ id: 'shop', uses: 'service', with: { command: `node server.mjs ${port}`, ready, saveAs: 'shop' } }], {
      files,
    });
    const { pid, ...rest } = run.result.results['shop'] as Record<string, unknown>;
    assert.equal(typeof pid, 'number');
    assert.deepEqual(rest, { url: `http://127.0.0.1:${port}/`, port, address: `http://127.0.0.1:${port}` });
  });

  it('fails with its last output when it exits before it is ready', async () => {
    const port = await freePort();
    const command = 'echo starting; echo "no database" >&2; exit 4';
    const run = await runSteps([{ id: 'shop', uses: 'service', with: { command, ready: { port } } }]);
    const { code, message } = run.error('shop');
    assert.equal(code, 'E_COMMAND_FAILED');
    assert.match(message, /` exited with 4 before it was ready:\n {2}no database$/);
    assert.ok(run.end('shop').durationMs < 10_000);
  });

  it('fails when its port is taken, without starting', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const run = await runSteps(
        [
          { id: 'port', uses: 'service', with: { command: 'echo started', ready: { port: `127.0.0.1:${port}` } } },
          { id: 'url', uses: 'service', with: { command: 'echo started', ready: { url: `http://127.0.0.1:${port}/health` } } },
        ],
        { failFast: false },
      );
      for (const id of ['port', 'url']) {
        assert.match(run.error(id).message, /^Port 127\.0\.0\.1:\d+ is already taken by another process\.$/);
        assert.equal(run.output(id), '');
      }
    } finally {
      other.close();
    }
  });

  it('is stopped when it does not become ready in time', async () => {
    const run = await runSteps([
      { id: 'shop', uses: 'service', with: { command: 'echo $$; sleep 60', ready: { log: 'ready' }, readyTimeout: 300 } },
    ]);
    assert.equal(run.error('shop').code, 'E_TIMEOUT');
    assert.match(run.error('shop').message, /^Not ready after 300 ms: a line of output that matches \/ready\/: there was none yet$/);
    assert.deepEqual(livingInGroup(Number(run.output('shop').trim())), []);
  });

  it('can be tried again on the same port', async () => {
    const port = await freePort();
    // The first attempt listens, but never says that it is ready.
    const script = `
      import { existsSync, writeFileSync } from 'node:fs';
      import { createServer } from 'node:http';
      const again = existsSync('tried');
      writeFileSync('tried', '');
      createServer().listen(${port}, '127.0.0.1', () => again && console.log('ready'));`;
    const run = await runSteps(
      [{ id: 'shop', uses: 'service', retries: 1, with: { command: 'node twice.mjs', ready: { log: '^ready$' }, readyTimeout: '2s' } }],
      {
        files: { 'twice.mjs': script },
      },
    );
    assert.equal(run.end('shop').status, 'passed', JSON.stringify(run.result.errors));
    assert.equal(run.end('shop').flaky, true);
  });

  it('does not take a file from an earlier run for its own', async () => {
    const run = await runSteps(
      [{ id: 'shop', uses: 'service', with: { command: 'sleep 60', ready: { file: 'ready' }, readyTimeout: 200 } }],
      {
        files: { ready: '' },
      },
    );
    assert.match(run.error('shop').message, /file ready: it has not been written anew/);
  });

  /** Warnings of a run that a warning ends. */
  async function warnings(steps: readonly unknown[], files: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const run = await runSteps([...steps, { id: 'later', uses: 'shell', with: 'sleep 60', timeout: '15s' }], {
      files,
      onEvent: (event, cancel) => {
        if (event.type === 'step:warning') cancel('it warned');
      },
    });
    return run.events('step:warning').map(({ id, message }) => [id, message]);
  }

  it('warns when it ends while later steps run, of how and of what it said last', async () => {
    const port = await freePort();
    const script = `
      import { createServer } from 'node:http';
      createServer((request, response) => {
        response.end();
        if (request.url !== '/work') return;
        console.error('disk full');
        process.exit(3);
      }).listen(${port}, '127.0.0.1');`;
    const steps = [
      { id: 'shop', uses: 'service', with: { command: ['node', 'server.mjs'], ready: { port } } },
      { id: 'work', uses: 'http', with: `http://127.0.0.1:${port}/work`, critical: false },
    ];
    assert.deepEqual(await warnings(steps, { 'server.mjs': script }), [
      ['shop', '`node server.mjs` was to serve the steps that follow, but exited with 3:\ndisk full'],
    ]);
  });

  it('warns when it was killed, and when it ended before anybody looked', async () => {
    assert.deepEqual(await warnings([{ id: 'killed', uses: 'service', with: { command: 'kill -9 $$' } }]), [
      ['killed', '`kill -9 $$` was to serve the steps that follow, but was ended by SIGKILL.'],
    ]);
  });

  it('does not warn of a service that the run stops', async () => {
    const run = await runSteps([{ id: 'shop', uses: 'service', with: { command: 'echo ready; exec sleep 60', ready: { log: 'ready' } } }]);
    assert.equal(run.result.status, 'passed');
    assert.deepEqual(run.events('step:warning'), []);
  });

  it('does not warn of the one that an earlier attempt started', async () => {
    const command = '[ -e tried ] && echo ready && exec sleep 60; touch tried; exit 1';
    const run = await runSteps([{ id: 'shop', uses: 'service', retries: 1, with: { command, ready: { log: 'ready' } } }]);
    assert.equal(run.end('shop').flaky, true);
    assert.deepEqual(run.events('step:warning'), []);
  });

  it('says when there is no such program', async () => {
    const run = await runSteps([{ id: 'shop', uses: 'service', with: { command: ['no-such-program'], ready: { log: 'x' } } }]);
    assert.equal(run.error('shop').code, 'E_COMMAND_NOT_FOUND');
  });
});
