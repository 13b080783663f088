import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { after, before, describe, it } from 'mocha';
import { removeProjects } from '../support/project.ts';
import { freePort, runSteps } from './run-steps.ts';

function answer(request: IncomingMessage, response: ServerResponse): void {
  const json = (value: unknown): void => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
  switch (request.url) {
    case '/health':
      return json({ ok: true, items: [{ id: 1, price: 5 }], version: '1.2.3' });
    case '/echo': {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => json({ method: request.method, headers: request.headers, body }));
      return;
    }
    case '/moved':
      response.writeHead(302, { location: '/health' }).end();
      return;
    case '/silent':
      return;
    case '/cut':
      request.socket.destroy();
      return;
    default:
      response.writeHead(404).end('no such page');
  }
}

describe('http', () => {
  let server: Server;
  let base: string;

  before(async () => {
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });

  after(() => {
    server.closeAllConnections();
    server.close();
    removeProjects();
  });

  it('passes for a status of 2xx, and fails for another', async () => {
    const run = await runSteps(
      [
        { id: 'good', uses: 'http', with: `${base}/health` },
        { id: 'bad', uses: 'http', with: { url: `${base}/nothing` } },
      ],
      { failFast: false },
    );
    assert.equal(run.end('good').status, 'passed');
    assert.match(run.output('good'), /^GET http:\/\/127\.0\.0\.1:\d+\/health: 200 in \d+ ms\n$/);
    const { code, message } = run.error('bad');
    assert.equal(code, 'E_ASSERTION');
    assert.match(
      message,
      /^GET http.*\/nothing: 1 expectation not met\n {2}status: expected 2xx, got 404 Not Found\n {2}The body: "no such page"$/,
    );
  });

  it('lists everything that is not as expected', async () => {
    const expect = {
      status: [201, '3xx'],
      headers: { 'content-type': 'text/html', 'x-none': true, date: { matches: '^never' }, connection: false },
      json: { ok: true, items: [{ price: 6 }], more: null },
      body: { contains: 'nothing of it', matches: '^\\[' },
      latencyMs: 0,
    };
    const run = await runSteps([{ id: 'a', uses: 'http', with: { url: `${base}/health`, expect } }]);
    const lines = run.error('a').message.split('\n');
    assert.match(lines[0] ?? '', /: 10 expectations not met$/);
    assert.deepEqual(
      lines.slice(1).map((line) => line.trim().replace(/, got .*/, '')),
      [
        'status: expected 201 or 3xx',
        'headers.content-type: expected "text/html"',
        'headers.x-none: expected a value',
        'headers.date: expected a match of /^never/',
        'headers.connection: expected nothing',
        'body: expected a text with "nothing of it"',
        'body: expected a match of /^\\[/',
        'json.items[0].price: expected 6',
        'json.more: expected null',
        'latency: expected at most 0 ms',
        lines
          .at(-1)
          ?.trim()
          .replace(/, got .*/, ''),
      ],
    );
    assert.match(run.error('a').message, /json\.items\[0\]\.price: expected 6, got 5\n/);
  });

  it('passes when all expectations are met', async () => {
    const expect = {
      status: 200,
      headers: { 'content-type': 'application/json', 'x-none': false },
      json: { ok: true, items: [{ id: 1 }] },
      body: '"version"',
      latencyMs: 60_000,
    };
    const run = await runSteps([{ id: 'a', uses: 'http', with: { url: `${base}/health`, expect } }]);
    assert.equal(run.result.status, 'passed');
  });

  it('sends method, headers, credentials and JSON, and keeps the response', async () => {
    const url = `${base.replace('//', '//user:p%40ss@')}/echo`;
    const run = await runSteps([{ id: 'a', uses: 'http', with: { url, headers: { 'x-a': 'b' }, json: { n: 1 }, saveAs: 'echo' } }]);
    const echo = run.result.results['echo'];
    assert.ok(typeof echo === 'object' && echo !== null && 'json' in echo && 'status' in echo);
    assert.equal(echo.status, 200);
    const { method, headers, body } = echo.json as { method: string; headers: Record<string, string>; body: string };
    assert.deepEqual([method, body, headers['x-a'], headers['content-type']], ['POST', '{"n":1}', 'b', 'application/json']);
    assert.equal(headers['authorization'], `Basic ${btoa('user:p@ss')}`);
    assert.doesNotMatch(run.output('a'), /p%40ss|p@ss/);
  });

  it('follows redirects unless it is told not to', async () => {
    const run = await runSteps([
      { id: 'follow', uses: 'http', with: { url: `${base}/moved`, expect: { json: { ok: true } } } },
      {
        id: 'manual',
        uses: 'http',
        with: { url: `${base}/moved`, redirect: 'manual', expect: { status: 302, headers: { location: '/health' } } },
      },
    ]);
    assert.equal(run.result.status, 'passed');
  });

  it('takes paths below config.baseUrl', async () => {
    const run = await runSteps([{ id: 'a', uses: 'http', with: '/health' }], { config: { baseUrl: base } });
    assert.equal(run.result.status, 'passed');
    const without = await runSteps([{ id: 'a', uses: 'http', with: '/health' }]);
    assert.match(without.error('a').message, /"\/health" is no http or https URL/);
  });

  it('says why there is no response', async () => {
    const port = await freePort();
    const run = await runSteps(
      [
        { id: 'refused', uses: 'http', with: `http://127.0.0.1:${port}` },
        { id: 'name', uses: 'http', with: 'http://no-such-host.invalid' },
        { id: 'tls', uses: 'http', with: base.replace('http:', 'https:') },
        { id: 'cut', uses: 'http', with: `${base}/cut` },
        { id: 'slow', uses: 'http', with: { url: `${base}/silent`, timeout: 100 } },
      ],
      { failFast: false },
    );
    assert.match(run.error('refused').message, /^GET http:\/\/127\.0\.0\.1:\d+\/: connection refused \(ECONNREFUSED\)$/);
    assert.match(run.error('name').message, /the host name cannot be resolved/);
    assert.match(run.error('tls').message, /does not speak TLS/);
    assert.match(run.error('cut').message, /the server closed the connection|the connection was reset/);
    assert.equal(run.error('slow').code, 'E_TIMEOUT');
    assert.match(run.error('slow').message, /no answer after 100 ms/);
  });

  it('stops at once when the run is cancelled', async () => {
    const run = await runSteps([{ id: 'a', uses: 'http', with: `${base}/silent` }], {
      onEvent: (event, cancel) => {
        if (event.type === 'step:start') cancel('test');
      },
    });
    assert.equal(run.result.status, 'cancelled');
    assert.ok(run.result.durationMs < 5000);
  });
});
