import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'mocha';
import { removeProjects } from '../support/project.ts';
import { freePort, runProject, runSteps } from './run-steps.ts';

describe('wait-for', () => {
  after(removeProjects);

  it('waits until port, URL and file are all there', async () => {
    const [port, webPort] = [await freePort(), await freePort()];
    const server = createServer((socket) => socket.end());
    let status = 503;
    const web = createHttpServer((_, response) => response.writeHead(status).end());
    const seen: string[] = [];
    let root = '';
    // Each thing appears once the step has said that it waits for it.
    const onMessage = (message: string): void => {
      seen.push(message);
      if (message.includes(`port 127.0.0.1:${port}`) && !server.listening) server.listen(port, '127.0.0.1');
      else if (message.includes('http') && message.includes('refused') && !web.listening) web.listen(webPort, '127.0.0.1');
      else if (message.includes('it answers with 503')) status = 204;
      else if (message.includes('file out/ready')) writeFileSync(join(root, 'out/ready'), '');
    };
    try {
      const wait = { port: `127.0.0.1:${port}`, url: `http://127.0.0.1:${webPort}/`, file: 'out/ready', interval: 5 };
      const run = await runProject(
        { 'treadle.config.json': JSON.stringify({ steps: [{ id: 'a', uses: 'wait-for', with: wait }] }), 'out/keep': '' },
        {
          onEvent: (event) => {
            if (event.type === 'run:start') root = event.cwd;
            if (event.type === 'step:progress' && event.message !== undefined) onMessage(event.message);
          },
        },
      );
      assert.equal(run.end('a').status, 'passed');
      assert.ok(seen.some((message) => /waiting for port 127\.0\.0\.1:\d+: connection refused/.test(message)));
    } finally {
      server.close();
      web.close();
    }
  });

  it('names what was wrong last when time is up', async () => {
    const port = await freePort();
    const run = await runSteps([{ id: 'a', uses: 'wait-for', with: { port, file: 'never', timeout: 200 } }]);
    const { code, message } = run.error('a');
    assert.equal(code, 'E_TIMEOUT');
    assert.match(
      message,
      /^Not ready after 200 ms: port localhost:\d+: connection refused \(ECONNREFUSED\); file never: it does not exist$/,
    );
  });

  it('stops waiting when the step is stopped', async () => {
    const run = await runSteps([{ id: 'a', uses: 'wait-for', timeout: 100, with: { file: 'never', timeout: '1h' } }]);
    assert.equal(run.end('a').status, 'timed-out');
    assert.ok(run.end('a').durationMs < 5000);
  });

  it('needs something to wait for, and a port that can be one', async () => {
    await assert.rejects(runSteps([{ id: 'a', uses: 'wait-for', with: {} }]), /name a port, a url or a file to wait for/);
    await assert.rejects(runSteps([{ id: 'a', uses: 'wait-for', with: { port: 'localhost:99999' } }]), /"localhost:99999" is no port/);
    await assert.rejects(runSteps([{ id: 'a', uses: 'wait-for', with: { url: 'ftp://x' } }]), /"ftp:\/\/x" is no http or https URL/);
  });

  it('does not look outside the project', async () => {
    const run = await runSteps([{ id: 'a', uses: 'wait-for', with: { file: '/etc/passwd' } }]);
    assert.equal(run.error('a').code, 'E_PATH_OUTSIDE');
  });
});
