import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordEngine, sweepEngines } from '../../../extension/src/engine/sweep.ts';
import { isAlive } from '../../support/processes.ts';
import { makeProject, removeProjects } from '../../support/project.ts';

describe('engines that a crashed window left', function () {
  const started: ChildProcess[] = [];

  before(function () {
    // The system does not tell when a process started.
    if (process.platform === 'win32') this.skip();
  });
  afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')));
  after(removeProjects);

  /** A process that waits for ever, in a group of its own. */
  function startIdle(): ChildProcess & { readonly pid: number } {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
    started.push(child);
    assert.ok(child.pid !== undefined);
    return Object.assign(child, { pid: child.pid });
  }

  /** Changes the only record of a folder. */
  function edit(folder: string, change: (text: string) => string): void {
    const [name = ''] = readdirSync(folder);
    writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));
  }

  it('are ended, when the window is gone and the process is the one that was written down', async () => {
    const folder = join(makeProject({}), 'engines');
    const engine = startIdle();
    await recordEngine(folder, engine.pid);
    assert.equal(await sweepEngines(folder), 0);
    assert.ok(isAlive(engine.pid));
    edit(folder, (text) => text.replace(/"owner":\{"pid":\d+/, '"owner":{"pid":4194303'));
    const exit = once(engine, 'exit');
    assert.equal(await sweepEngines(folder), 1);
    assert.deepEqual(await exit, [null, 'SIGKILL']);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('are left alone when their pid is now that of another process', async () => {
    const folder = join(makeProject({}), 'engines');
    const other = startIdle();
    await recordEngine(folder, other.pid);
    edit(folder, (text) =>
      text.replace(/"owner":\{"pid":\d+/, '"owner":{"pid":4194303').replace(/"started":"[^"]*"/, '"started":"long ago"'),
    );
    assert.equal(await sweepEngines(folder), 0);
    assert.ok(isAlive(other.pid));
    assert.deepEqual(readdirSync(folder), []);
  });

  it('are left alone when they belong to another machine, and nothing is done for what is no record', async () => {
    const folder = join(
      makeProject({ 'engines/a.json': '{"engine":{"pid":-1,"started":""},"owner":{},"place":""}', 'engines/b.txt': '' }),
      'engines',
    );
    const engine = startIdle();
    assert.equal(await sweepEngines(folder), 0);
    assert.deepEqual(readdirSync(folder), ['b.txt']);
    const elsewhere = join(folder, 'elsewhere');
    await recordEngine(elsewhere, engine.pid);
    edit(elsewhere, (text) => text.replace(/"place":"/, '"place":"other-').replace(/"owner":\{"pid":\d+/, '"owner":{"pid":4194303'));
    assert.equal(await sweepEngines(elsewhere), 0);
    assert.ok(isAlive(engine.pid));
    assert.equal(readdirSync(elsewhere).length, 1);
    const longAgo = new Date(Date.now() - 8 * 24 * 3600 * 1000);
    for (const name of readdirSync(elsewhere)) utimesSync(join(elsewhere, name), longAgo, longAgo);
    assert.equal(await sweepEngines(elsewhere), 0);
    assert.ok(isAlive(engine.pid));
    assert.deepEqual(readdirSync(elsewhere), []);
  });

  it('are forgotten once they have ended', async () => {
    const folder = join(makeProject({}), 'engines');
    const forget = await recordEngine(folder, startIdle().pid);
    assert.equal(readdirSync(folder).length, 1);
    await forget();
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(await sweepEngines(join(folder, 'gone')), 0);
  });
});
