import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { after, afterEach, beforeEach, describe, it } from 'mocha';
import { commandPath, environmentIn } from '../../../core/executors/processes/command-path.ts';
import { EndOfText } from '../../../core/contract/end-of-text.ts';
import { LineSplitter, lineLimit, tailLimit } from '../../../core/executors/processes/output.ts';
import { isAlive } from '../../support/processes.ts';
import { removeProjects } from '../../support/project.ts';
import { leaveSession, ListenerError, node, openRig, type Rig } from './start.ts';

setFlagsFromString('--expose-gc');
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const collectGarbage: () => void = runInNewContext('gc');

describe('commands', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = openRig();
  });
  afterEach(() => rig.supervisor.killNow());
  after(removeProjects);

  it('runs a string in the shell and a list without one', async () => {
    const [shell, list] = await Promise.all([rig.exec('echo "$((1 + 1))"; exit 3').exit, rig.exec(['echo', '$((1 + 1))']).exit]);
    assert.equal(shell.stdout, '2\n');
    assert.equal(shell.exitCode, 3);
    assert.equal(list.stdout, '$((1 + 1))\n');
    assert.equal(list.exitCode, 0);
    assert.ok(list.durationMs > 0);
  });

  it('keeps the streams apart, and names the signal that ended a command', async () => {
    const result = await rig.exec('echo out; echo err >&2; kill -9 $$').exit;
    assert.deepEqual([result.stdout, result.stderr, result.exitCode, result.signal], ['out\n', 'err\n', null, 'SIGKILL']);
  });

  it('writes input, also to a command that does not read it', async () => {
    const input = 'x'.repeat(1_000_000);
    const [read, ignored, none] = await Promise.all([
      rig.exec(['wc', '-c'], { input }).exit,
      rig.exec(['true'], { input }).exit,
      rig.exec(['wc', '-c']).exit,
    ]);
    assert.equal(read.stdout.trim(), '1000000');
    assert.equal(ignored.exitCode, 0);
    assert.equal(none.stdout.trim(), '0');
  });

  it('decodes characters that arrive in pieces', async () => {
    const text = 'ä€😀';
    const script = `
      const bytes = [...Buffer.from('${text}\\n')];
      const next = () => { if (bytes.length > 0) process.stdout.write(Buffer.from([bytes.shift()]), () => setTimeout(next, 2)); };
      next();
    `;
    const command = rig.exec(node(script), { lines: true });
    assert.equal((await command.exit).stdout, `${text}\n`);
    assert.equal(command.output(), `${text}\n`);
    assert.deepEqual(command.lines, [text]);
  });

  it('gives lines without their ends, and the last one without an end', async () => {
    const command = rig.exec(`printf 'one\\r\\ntwo\\n\\nlast\\r'`, { lines: true });
    assert.equal((await command.exit).stdout, 'one\r\ntwo\n\nlast\r');
    assert.deepEqual(command.lines, ['one', 'two', '', 'last']);
  });

  it('gives what a progress bar draws over as lines, while it draws', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (const text of ['\r 10%', '\r 20%', '\r 3', '0%\r', '\r\n', 'done\r', '\n']) splitter.add(text);
    assert.deepEqual(lines, [' 10%', ' 20%', ' 30%', 'done']);
    splitter.add('next\r 5%');
    splitter.end();
    assert.deepEqual(lines.slice(4), ['next', ' 5%']);
  });

  it('keeps the end of a long output, in bounded memory', async function () {
    this.timeout(30_000);
    const held = (): number => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const before = held();
    let most = 0;
    // A look takes its time on a busy machine.
    let looks = 0;
    const watch = setInterval(() => {
      most = Math.max(most, held() - before);
      if ((looks += 1) === 5) clearInterval(watch);
    }, 50);
    const { stdout, exitCode } = await rig.exec(`yes 'some words' | head -c ${50 * 1024 * 1024}; echo; echo the end`).exit;
    clearInterval(watch);
    assert.equal(exitCode, 0);
    assert.equal(stdout.length, tailLimit);
    assert.match(stdout.slice(-30), /words\n.*\nthe end\n$/);
    assert.ok(looks > 0);
    assert.ok(most < 24 * 1024 * 1024, `${most} bytes more than before`);
  });

  it('tells a missing program from a missing folder', async () => {
    const errorOf = async (command: string | readonly string[], cwd = rig.root): Promise<ListenerError['error']> => {
      const thrown: unknown = await rig.exec(command, { cwd }).exit.then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(thrown instanceof ListenerError);
      return thrown.error;
    };
    const missing = await errorOf(['no-such-program']);
    assert.equal(missing.code, 'E_COMMAND_NOT_FOUND');
    assert.match(missing.message, /no-such-program/);
    assert.match(missing.hint ?? '', /PATH/);
    assert.match((await errorOf(['npm test'])).hint ?? '', /string 'npm test'/);
    const folder = await errorOf(['true'], join(rig.root, 'nowhere'));
    assert.equal(folder.code, 'E_COMMAND_FAILED');
    assert.match(folder.message, /nowhere does not exist/);
    assert.match((await errorOf('true', join(rig.root, 'nowhere'))).message, /nowhere does not exist/);
    writeFileSync(join(rig.root, 'file'), 'no program');
    assert.match((await errorOf('true', join(rig.root, 'file'))).message, /is not a folder/);
    chmodSync(join(rig.root, 'file'), 0o644);
    assert.match((await errorOf(['./file'])).hint ?? '', /chmod \+x/);
    assert.match((await errorOf([])).message, /empty/);
    assert.match((await errorOf(['echo', 'a\0b'])).message, /could not be started/);
  });

  it('does not wait for a process that holds the output of a command that has ended', async () => {
    const command = rig.exec(leaveSession('process.exit(5)', 'inherit'));
    const began = performance.now();
    const { exitCode, stdout, durationMs } = await command.exit;
    assert.equal(exitCode, 5);
    assert.equal(stdout, 'left\n');
    assert.ok(performance.now() - began < 5000 && durationMs < 5000, `${durationMs} ms`);
  });

  it('shows what is written after the end of a command by what it left, while the step lasts', async () => {
    const command = rig.exec('(sleep 0.3; echo later; sleep 60) & echo now');
    assert.ok((await command.exit).stdout.startsWith('now\n'));
    await command.says('later');
    await rig.supervisor.endStep('step');
    assert.deepEqual(rig.mark.living(), []);
  });

  it('reads what is in the pipe before it gives up, however busy the event loop is', async () => {
    const written = join(rig.root, 'written');
    const command = rig.exec(`(sleep 0.05; echo late; touch ${written}; sleep 60) & exit 0`);
    const pid = await command.pid;
    while (isAlive(pid)) await nextTurn();
    await nextTurn();
    // From now on the loop stands still, and the time to wait is over before it can read.
    const until = performance.now() + 200;
    while (!existsSync(written) || performance.now() < until);
    assert.equal((await command.exit).stdout, 'late\n');
  });

  it('runs many at once', async () => {
    const commands = Array.from({ length: 50 }, (_, index) => rig.exec(`echo ${index}`, { owner: `step-${index}` }));
    const results = await Promise.all(commands.map(({ exit }) => exit));
    assert.deepEqual(
      results.map(({ stdout }) => stdout),
      results.map((_, index) => `${index}\n`),
    );
    await Promise.all(commands.map((_, index) => rig.supervisor.endStep(`step-${index}`)));
    assert.deepEqual(rig.mark.living(), []);
  });

  it('finds the programs of the folder that it runs in', async () => {
    const bin = join(rig.root, 'packages', 'a', 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'own-tool'), '#!/bin/sh\necho own\n', { mode: 0o755 });
    assert.equal((await rig.exec(['own-tool'], { cwd: join(rig.root, 'packages', 'a') }).exit).stdout, 'own\n');
    assert.equal((await rig.exec('own-tool').exit).exitCode, 127);
  });
});

describe('the PATH of commands', () => {
  it('begins with the programs of the project and of all folders above', () => {
    const { Path = '' } = commandPath('/a/b', { Path: '/bin' });
    assert.deepEqual(Path.split(delimiter), ['/a/b/node_modules/.bin', '/a/node_modules/.bin', '/node_modules/.bin', '/bin']);
  });

  it('adds those of a folder inside the project, and leaves others alone', () => {
    const env = { PATH: '/bin' };
    assert.equal(environmentIn('/a', '/a', env), env);
    assert.equal(environmentIn('/elsewhere', '/a', env), env);
    assert.equal(environmentIn('/a/b/c', '/a', env)['PATH'], '/a/b/c/node_modules/.bin:/a/b/node_modules/.bin:/bin');
  });
});

describe('kept output', () => {
  it('never begins in the middle of a character', () => {
    const tail = new EndOfText(tailLimit);
    tail.add(`a${'😀'.repeat(tailLimit)}b`);
    assert.equal(String(tail).length, tailLimit - 1);
    assert.equal(String(tail).codePointAt(0), '😀'.codePointAt(0));
  });

  it('is the end of all that came, in whatever pieces', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom('a', 'b'), fc.nat(40_000)).map(([letter, count]) => letter.repeat(count)),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.integer({ min: 1, max: 50_000 }), (pieces, limit) => {
        const end = new EndOfText(limit);
        let text = '';
        for (const added of pieces) {
          end.add(added);
          text += added;
          assert.equal(String(end), text.slice(-limit).replace(/^[\uDC00-\uDFFF]/, ''));
          assert.equal(end.length, text.length);
        }
      }),
    );
  });

  it('cuts a line that never ends', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (let round = 0; round < 100; round += 1) splitter.add('z'.repeat(10_000));
    splitter.add('\nnext\n');
    assert.deepEqual(
      lines.map(({ length }) => length),
      [lineLimit, 4],
    );
  });
});
