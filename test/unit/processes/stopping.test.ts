import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, afterEach, beforeEach, describe, it } from 'mocha';
import { isAlive, markProcesses } from '../../support/processes.ts';
import { removeProjects } from '../../support/project.ts';
import { leaveSession, ListenerError, node, openRig, type Rig } from './start.ts';

const stubborn = `trap '' TERM INT HUP; echo ready; while true; do sleep 0.05; done`;
const graceMs = 150;

describe('stopping', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = openRig({ graceMs });
  });
  afterEach(() => {
    rig.supervisor.killNow();
    rig.mark.kill();
  });
  after(removeProjects);

  const stopAll = (): Promise<void> => rig.supervisor.endStep('step', { passed: false, sweep: true });

  it('ends a command and what it started', async () => {
    const command = rig.exec('sleep 60 & sleep 60 & echo ready; wait');
    await command.says('ready');
    await rig.mark.reaches(3);
    await stopAll();
    assert.deepEqual(rig.mark.living(), []);
    assert.equal((await command.exit).signal, 'SIGTERM');
  });

  it('asks first, so that a command can end in order, and hears its last words', async () => {
    const command = rig.exec(`trap 'echo bye; exit 4' TERM; echo ready; while true; do sleep 0.01; done`);
    await command.says('ready');
    await stopAll();
    const { exitCode, stdout } = await command.exit;
    assert.equal(exitCode, 4);
    assert.equal(stdout, 'ready\nbye\n');
  });

  it('asks once only', async () => {
    const script = `
      let asked = 0;
      process.on('SIGTERM', () => { asked += 1; setTimeout(() => { console.log('asked ' + asked); process.exit(); }, 100); });
      setInterval(() => {}, 1000);
      console.log('ready');
    `;
    const inGroup = rig.exec(node(script));
    await inGroup.says('ready');
    await stopAll();
    assert.equal(inGroup.output(), 'ready\nasked 1\n');
    // The same outside of the group, of which nothing is left at once.
    const strayed = rig.exec(
      node(
        `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(script)}], { detached: true, stdio: 'inherit' });`,
      ),
      { owner: 'stray' },
    );
    await strayed.says('ready');
    await rig.supervisor.endStep('stray', { passed: false, sweep: true });
    assert.equal(strayed.output(), 'ready\nasked 1\n');
  });

  it('kills what does not listen, after the grace', async () => {
    const command = rig.exec(stubborn);
    await command.says('ready');
    const began = performance.now();
    await stopAll();
    assert.ok(performance.now() - began >= graceMs);
    assert.equal((await command.exit).signal, 'SIGKILL');
    assert.deepEqual(rig.mark.living(), []);
  });

  it('kills a child that ignores the signal when its parent does not', async () => {
    const command = rig.exec(`(${stubborn}) & wait`);
    await command.says('ready');
    await stopAll();
    assert.deepEqual(rig.mark.living(), []);
  });

  it('finds a process in a session of its own', async () => {
    const command = rig.exec(
      node(`require('node:child_process').spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }); console.log('ready');`),
    );
    await command.says('ready');
    await rig.mark.reaches(2);
    await stopAll();
    assert.deepEqual(rig.mark.living(), []);
  });

  it('finds a daemon that started twice over, also after its command has ended', async () => {
    for (const then of ['process.exit()', 'setInterval(() => {}, 1000)']) {
      const command = rig.exec(leaveSession(then), { owner: then });
      await command.says('left');
      await rig.mark.reaches(then === 'process.exit()' ? 1 : 2);
      await rig.supervisor.endStep(then, { passed: false, sweep: true });
      assert.deepEqual(rig.mark.living(), []);
    }
  });

  it('finds a daemon that ignores the signal', async () => {
    const command = rig.exec(
      node(
        `require('node:child_process').spawn('/bin/sh', ['-c', ${JSON.stringify(stubborn)}], { detached: true, stdio: 'inherit' }).unref();`,
      ),
    );
    await command.says('ready');
    await command.exit;
    await stopAll();
    assert.deepEqual(rig.mark.living(), []);
  });

  it('finds a process that threw its environment away, while its family is known', async function () {
    if (process.platform !== 'linux') return this.skip();
    const inner = `
      const child = require('node:child_process').spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: {} });
      console.log('pid ' + child.pid + ' .');
      setInterval(() => {}, 1000);
    `;
    const script = `
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { detached: true, stdio: 'inherit', env: {} });
      setInterval(() => {}, 1000);
    `;
    const command = rig.exec(node(script));
    await command.says(' .');
    const pid = Number(command.output().split(' ')[1]);
    assert.ok(isAlive(pid));
    await stopAll();
    assert.equal(isAlive(pid), false);
  });

  it('stops one command of several, with its own strays only', async () => {
    const first = rig.exec(leaveSession('setInterval(() => {}, 1000)'));
    const second = rig.exec(leaveSession('setInterval(() => {}, 1000)'));
    await Promise.all([first.says('left'), second.says('left')]);
    await rig.mark.reaches(4);
    first.stop();
    assert.equal((await first.exit).signal, 'SIGTERM');
    await rig.mark.reaches(2);
    assert.ok(isAlive(await second.pid));
  });

  it('leaves other steps, other runs and strangers alone', async () => {
    const other = openRig({ graceMs, mark: markProcesses() });
    const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    try {
      const mine = rig.exec(leaveSession('process.exit()'));
      const sibling = rig.exec('echo ready; exec sleep 60', { owner: 'sibling' });
      const foreign = other.exec(leaveSession('process.exit()'));
      await Promise.all([mine.says('left'), sibling.says('ready'), foreign.says('left')]);
      await other.mark.reaches(1);
      await stopAll();
      assert.deepEqual(
        rig.mark.living().map(({ command }) => command),
        ['sleep 60'],
      );
      assert.ok(isAlive(await sibling.pid));
      await rig.supervisor.endRun();
      assert.deepEqual(rig.mark.living(), []);
      assert.equal(other.mark.living().length, 1);
      assert.ok(isAlive(stranger.pid ?? 0));
    } finally {
      stranger.kill('SIGKILL');
      await other.supervisor.endRun();
      assert.deepEqual(other.mark.living(), []);
    }
  });

  it('stops what is left in the group of a step that ended by itself', async () => {
    const command = rig.exec('sleep 60 > /dev/null 2>&1 & echo done');
    await command.exit;
    assert.equal(rig.mark.living().length, 1);
    await rig.supervisor.endStep('step');
    assert.deepEqual(rig.mark.living(), []);
  });

  it('stops what left the group of a step that ended by itself a little later, and not what other steps use', async function () {
    if (process.platform !== 'linux') return this.skip();
    rig = openRig({ graceMs, sweepDelayMs: 100 });
    const stray = rig.exec(leaveSession('process.exit()'), { owner: 'a' });
    const busy = rig.exec(leaveSession('setInterval(() => {}, 1000)'), { owner: 'b' });
    const served = rig.exec(leaveSession('process.exit()'), { owner: 'c', lifetime: 'run' });
    await Promise.all([stray.exit, busy.says('left'), served.exit]);
    await rig.mark.reaches(4);
    await Promise.all([rig.supervisor.endStep('a'), rig.supervisor.endStep('c')]);
    assert.equal(rig.mark.living().length, 4);
    await rig.mark.reaches(3);
    assert.ok(isAlive(await busy.pid));
    await rig.supervisor.endRun();
    assert.deepEqual(rig.mark.living(), []);
  });

  it('finds at the latest at the end of the run what a step left, started by its own code too', async () => {
    const command = rig.exec(leaveSession('process.exit()'), { owner: 'a' });
    const env = { ...process.env, ...rig.mark.env, ...rig.supervisor.environment('b') };
    spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env });
    await command.exit;
    await rig.mark.reaches(2);
    await Promise.all([rig.supervisor.endStep('a'), rig.supervisor.endStep('b')]);
    await rig.supervisor.endRun();
    assert.deepEqual(rig.mark.living(), []);
  });

  it('keeps what serves the run until its end', async () => {
    const service = rig.exec('echo ready; exec sleep 60', { lifetime: 'run' });
    const step = rig.exec(leaveSession('process.exit()'));
    await Promise.all([service.says('ready'), step.exit]);
    await rig.supervisor.endStep('step', { passed: true, sweep: true });
    assert.deepEqual(
      rig.mark.living().map(({ pid }) => pid),
      [await service.pid],
    );
    await rig.supervisor.endRun();
    assert.deepEqual(rig.mark.living(), []);
    assert.equal((await service.exit).signal, 'SIGTERM');
  });

  it('stops what was to serve the run when its step fails', async () => {
    const service = rig.exec('echo ready; exec sleep 60', { lifetime: 'run' });
    await service.says('ready');
    await rig.supervisor.endStep('step', { passed: false, sweep: false });
    assert.deepEqual(rig.mark.living(), []);
    assert.equal((await service.exit).signal, 'SIGTERM');
  });

  it('kills a service that does not end with the run', async () => {
    const service = rig.exec(stubborn, { lifetime: 'run' });
    await service.says('ready');
    await rig.supervisor.endRun();
    assert.deepEqual(rig.mark.living(), []);
    assert.equal((await service.exit).signal, 'SIGKILL');
  });

  it('takes no commands of a step or run that has ended, until the step is tried again', async () => {
    const refused = async (owner: string): Promise<void> => {
      await assert.rejects(
        rig.exec('true', { owner }).exit,
        (thrown) => thrown instanceof ListenerError && thrown.error.code === 'E_CANCELLED',
      );
    };
    await rig.exec('true', { owner: 'a' }).exit;
    await rig.supervisor.endStep('a');
    await refused('a');
    rig.supervisor.environment('a');
    assert.equal((await rig.exec('true', { owner: 'a' }).exit).exitCode, 0);
    await rig.supervisor.endRun();
    await refused('b');
    assert.deepEqual(rig.mark.living(), []);
  });

  it('kills everything synchronously', async () => {
    const commands = [
      rig.exec(stubborn),
      rig.exec(stubborn, { owner: 'b', lifetime: 'run' }),
      rig.exec(leaveSession('setInterval(() => {}, 1000)')),
      rig.exec(leaveSession('process.exit()')),
    ];
    await Promise.all([
      ...commands.slice(0, 2).map((command) => command.says('ready')),
      ...commands.slice(2).map((command) => command.says('left')),
    ]);
    await commands[3]?.exit;
    rig.supervisor.killNow();
    // Nothing was awaited since: what is listed now has been signalled and only needs to be scheduled once more.
    assert.deepEqual(await rig.mark.leftovers(500), []);
  });

  it('ends many steps at once', async () => {
    const commands = Array.from({ length: 50 }, (_, index) => rig.exec(`sleep 60 & echo ready; wait`, { owner: `step-${index}` }));
    await Promise.all(commands.map((command) => command.says('ready')));
    await Promise.all(commands.map((_, index) => rig.supervisor.endStep(`step-${index}`, { passed: false, sweep: true })));
    assert.deepEqual(rig.mark.living(), []);
  });

  it('does not wait for zombies', async function () {
    if (process.platform !== 'linux') return this.skip();
    rig = openRig({ graceMs: 5000 });
    // `true` ends in the command's group, but its parent leaves the group and never collects it.
    const command = rig.exec(`sh -c '/bin/true & exec setsid sh -c "echo left; exec sleep 60"' & echo ready`);
    const group = await command.pid;
    await Promise.all([command.exit, command.says('left')]);
    assert.doesNotThrow(() => process.kill(-group, 0), 'something is left in the group');
    const began = performance.now();
    await rig.supervisor.endStep('step');
    assert.ok(performance.now() - began < 2500, 'the zombie counts as gone');
    assert.doesNotThrow(() => process.kill(-group, 0), 'it was a zombie, which is still there');
  });
});
