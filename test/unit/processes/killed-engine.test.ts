import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { forgetRun, recordRun, sweepLeftovers } from '../../../core/executors/processes/leftovers.ts';
import { isAlive, markProcesses, type ProcessMark } from '../../support/processes.ts';
import { makeProject, removeProjects } from '../../support/project.ts';
import { openRig } from './start.ts';

const program = fileURLToPath(new URL('engine-program.ts', import.meta.url));

describe('an engine that is gone', function () {
  let root: string;
  let mark: ProcessMark;
  before(function () {
    // Elsewhere there is nothing that tells the start time of a process, or its environment, for sure.
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(() => {
    root = makeProject({});
    mark = markProcesses();
  });
  afterEach(() => mark.kill());
  after(removeProjects);

  const records = (): readonly string[] =>
    existsSync(join(root, '.treadle/processes')) ? readdirSync(join(root, '.treadle/processes')) : [];
  const startEngine = (how = ''): ChildProcess =>
    spawn(process.execPath, [program, root, how], { env: { ...process.env, ...mark.env }, stdio: ['ignore', 'pipe', 'ignore'] });
  const ready = async ({ stdout }: ChildProcess): Promise<void> => {
    assert.ok(stdout !== null);
    await once(stdout, 'data');
  };
  const guard = async (): Promise<number> => (await mark.finds(({ command }) => command.includes('treadle-guard'))).pid;

  for (const how of ['exits', 'throws']) {
    it(`leaves nothing when it ${how}`, async () => {
      const engine = startEngine(how);
      await once(engine, 'exit');
      assert.deepEqual(await mark.leftovers(), []);
      assert.deepEqual(records(), []);
    });
  }

  it('leaves nothing when it is killed: its guard stops the processes', async () => {
    const engine = startEngine();
    await ready(engine);
    await guard();
    await mark.reaches(4);
    engine.kill('SIGKILL');
    assert.deepEqual(await mark.leftovers(10_000), []);
    assert.equal(records().length, 1);
    assert.equal(sweepLeftovers(root), 0);
    assert.deepEqual(records(), []);
  });

  it('leaves a record for the next run, when the guard was killed as well', async () => {
    const engine = startEngine();
    await ready(engine);
    process.kill(await guard(), 'SIGKILL');
    assert.equal(sweepLeftovers(root), 0, 'the engine lives');
    engine.kill('SIGKILL');
    await once(engine, 'exit');
    await mark.reaches(2);
    const next = openRig({ root, mark: markProcesses() });
    assert.equal((await next.exec('true').exit).exitCode, 0);
    assert.deepEqual(await mark.leftovers(500), []);
    assert.deepEqual(records(), []);
    await next.supervisor.endRun();
  });

  it('never kills for a pid alone', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    mkdirSync(join(root, '.treadle/processes'), { recursive: true });
    const file = join(root, '.treadle/processes/other.json');
    recordRun(root, 'other');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid: bystander.pid, started: '1' }));
    assert.equal(sweepLeftovers(root), 0);
    assert.ok(isAlive(bystander.pid ?? 0));
    assert.deepEqual(records(), []);
    bystander.kill('SIGKILL');
  });

  it('leaves records of runs that go on, of other machines, and what is no record, alone', () => {
    recordRun(root, 'mine');
    recordRun(root, 'elsewhere');
    const elsewhere = join(root, '.treadle/processes/elsewhere.json');
    writeFileSync(elsewhere, JSON.stringify({ ...JSON.parse(readFileSync(elsewhere, 'utf8')), place: 'another machine', pid: 1 }));
    writeFileSync(join(root, '.treadle/processes/broken.json'), '{');
    assert.equal(sweepLeftovers(root), 0);
    assert.deepEqual([...records()].sort(), ['broken.json', 'elsewhere.json', 'mine.json']);
    utimesSync(elsewhere, 0, 0);
    sweepLeftovers(root);
    assert.deepEqual([...records()].sort(), ['broken.json', 'mine.json']);
    forgetRun(root, 'mine');
    assert.deepEqual(records(), ['broken.json']);
  });

  it('has neither guard nor record after a run that ended, and none in a short one', async () => {
    const listenersBefore = process.listenerCount('exit');
    const long = openRig({ root, mark });
    const command = long.exec('sleep 60');
    // The guard carries the mark of this process's environment, which has none.
    await command.pid;
    while (records().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await long.supervisor.endRun();
    assert.deepEqual(records(), []);
    assert.equal(process.listenerCount('exit'), listenersBefore);
    const short = openRig({ root, mark });
    await short.exec('true').exit;
    await short.supervisor.endRun();
    assert.deepEqual(records(), []);
  });
});
