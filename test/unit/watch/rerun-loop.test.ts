import assert from 'node:assert/strict';
import { RerunLoop, type RunCause, type WhenBusy } from '../../../core/watch/rerun-loop.ts';

/** A loop whose runs end when the test says so. */
function looped(whenBusy: WhenBusy, changedAt?: (file: string) => number, now?: () => number) {
  const runs: { readonly cause: RunCause; stopped: boolean; isWaiting: boolean; taken: string[]; end(): Promise<void> }[] = [];
  const loops: [string, readonly string[]][] = [];
  const restless: string[] = [];
  let idle = 0;
  const loop = new RerunLoop({
    whenBusy,
    start: (cause) => {
      const over = Promise.withResolvers<void>();
      const run = {
        cause,
        stopped: false,
        isWaiting: false,
        taken: [] as string[],
        end: async () => {
          over.resolve();
          // What follows happens in the turn after.
          await new Promise((resolve) => setImmediate(resolve));
        },
      };
      runs.push(run);
      return {
        over: over.promise,
        stop: () => (run.stopped = true),
        takes: (files) => run.isWaiting && run.taken.push(...files) > 0,
        running: () => ['build'],
      };
    },
    onIdle: () => (idle += 1),
    onLoop: (file, stepIds) => loops.push([file, stepIds]),
    onRestless: (files) => restless.push(...files),
    ...(now === undefined ? {} : { now }),
    ...(changedAt === undefined ? {} : { changedAt }),
  });
  const last = () => runs.at(-1) ?? assert.fail('nothing ran');
  return { loop, runs, last, loops, restless, idle: () => idle };
}

const filesOf = (cause: RunCause): readonly string[] => (cause.kind === 'files' ? cause.files : []);

describe('the rerun loop', () => {
  it('runs once at the start, and once for a change', async () => {
    const { loop, runs, last, idle } = looped('restart');
    loop.begin();
    await last().end();
    assert.equal(idle(), 1);
    loop.filesChanged(['a']);
    assert.deepEqual(
      runs.map(({ cause }) => cause),
      [{ kind: 'first' }, { kind: 'files', files: ['a'] }],
    );
    assert.equal(loop.isBusy, true);
    await last().end();
    assert.deepEqual([loop.isBusy, idle()], [false, 2]);
  });

  it('makes one run of ten changes during a run, after the one that they stop', async () => {
    const { loop, runs, last } = looped('restart');
    loop.begin();
    for (let at = 0; at < 10; at += 1) loop.filesChanged([`f${at}`]);
    assert.equal(runs.length, 1);
    assert.equal(last().stopped, true);
    await last().end();
    assert.equal(runs.length, 2);
    assert.equal(filesOf(last().cause).length, 10);
  });

  it('lets the run finish with "latest", and forgets the change with "ignore"', async () => {
    const latest = looped('latest');
    latest.loop.begin();
    latest.loop.filesChanged(['a']);
    assert.equal(latest.last().stopped, false);
    await latest.last().end();
    assert.equal(latest.runs.length, 2);

    const ignoring = looped('ignore');
    ignoring.loop.begin();
    ignoring.loop.filesChanged(['a']);
    await ignoring.last().end();
    assert.equal(ignoring.runs.length, 1);
    ignoring.loop.filesChanged(['a']);
    assert.equal(ignoring.runs.length, 2);
  });

  it('runs what a person asks for, whatever else has come', async () => {
    const { loop, runs, last } = looped('latest');
    loop.begin();
    loop.filesChanged(['a']);
    loop.request();
    loop.filesChanged(['b']);
    assert.equal(last().stopped, true);
    await last().end();
    assert.deepEqual(last().cause, { kind: 'person' });
    await last().end();
    assert.equal(runs.length, 2);
  });

  it('breaks a loop that a step keeps up, and names file and step', async () => {
    const { loop, runs, last, loops } = looped('restart');
    loop.begin();
    for (let round = 0; round < 10 && loops.length === 0; round += 1) {
      loop.filesChanged(['report.html']);
      await last().end();
    }
    assert.deepEqual(loops, [['report.html', ['build']]]);
    const count = runs.length;
    loop.begin();
    loop.filesChanged(['report.html']);
    assert.equal(last().stopped, false);
    loop.filesChanged(['src/b.ts']);
    assert.equal(last().stopped, true);
    assert.ok(count <= 6, `${count} runs`);
    // Once it changes while nothing runs, it is a person's.
    await last().end();
    await last().end();
    loop.filesChanged(['report.html']);
    loop.filesChanged(['report.html']);
    assert.equal(last().stopped, true);
  });

  it('breaks a loop also when the last change is told of after the run', async () => {
    const { loop, runs, last, loops } = looped('restart', () => 0);
    loop.begin();
    for (let round = 0; round < 10; round += 1) {
      await last().end();
      loop.filesChanged(['report.html']);
    }
    assert.deepEqual(loops, [['report.html', ['build']]]);
    assert.ok(runs.length <= 6, `${runs.length} runs`);
  });

  it('takes nobody for a loop who saves a file again and again', async () => {
    const { loop, last, loops } = looped('restart');
    loop.begin();
    await last().end();
    loop.filesChanged(['src/a.ts']);
    for (let save = 0; save < 6; save += 1) {
      loop.filesChanged(['src/a.ts']);
      assert.equal(last().stopped, true);
      await last().end();
    }
    assert.deepEqual(loops, []);
  });

  it('hears of an editor that it was a person who saved, also when that is told late', async () => {
    const { loop, last, loops } = looped('restart');
    const saveInRun = async (): Promise<void> => {
      loop.filesChanged(['mine']);
      await last().end();
    };
    loop.begin();
    for (let at = 0; at < 20; at += 1) {
      loop.savedByPerson(['mine']);
      await saveInRun();
    }
    assert.deepEqual(loops, []);
    for (let at = 0; at < 20 && loops.length === 0; at += 1) await saveInRun();
    assert.deepEqual(loops, [['mine', ['build']]]);
    if (!loop.isBusy) loop.filesChanged(['other']);
    loop.filesChanged(['mine']);
    assert.equal(last().stopped, false);
    loop.savedByPerson(['mine']);
    assert.equal(last().stopped, true);
    await last().end();
    assert.deepEqual(filesOf(last().cause), ['mine']);
  });

  /** Saves again and again, at the times that are given in seconds; runs take a tenth of one. */
  const saveAt = async (
    times: readonly number[],
    files: (save: number) => readonly string[] = () => ['data.db'],
  ): Promise<readonly string[]> => {
    let now = 0;
    const { loop, runs, last, restless } = looped('restart', undefined, () => now);
    loop.begin();
    await last().end();
    for (const [save, seconds] of times.entries()) {
      now = seconds * 1000;
      loop.filesChanged(files(save));
      assert.equal(runs.length, save + 2, 'every change counts');
      now += 100;
      await last().end();
    }
    return restless;
  };
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

  it('tells once of a file that starts run after run while nothing runs: without a pause, or like a timer', async () => {
    assert.deepEqual(await saveAt(upTo(40).map((save) => 1 + save * 0.3 + (save % 3) * 0.1)), ['data.db']);
    assert.deepEqual(await saveAt(upTo(12).map((save) => 1 + save * 30 + (save % 3))), ['data.db']);
    assert.deepEqual(await saveAt(upTo(9).map((save) => 1 + save * 0.3 + (save % 3) * 0.1)), []);
  });

  it('takes nobody for a program who saves a file again and again, or several at a time', async () => {
    const person = upTo(40).map((save) => 1 + save * 9 + ((save * 7) % 5));
    assert.deepEqual(await saveAt(person), []);
    assert.deepEqual(
      await saveAt(
        upTo(40).map((save) => 1 + save * 0.3 + (save % 3) * 0.1),
        (save) => [`file ${save % 8}`],
      ),
      [],
    );
    // All that is open is saved at once: the second file comes with the run for the first.
    const together = person.flatMap((at) => [at, at + 0.2]);
    assert.deepEqual(await saveAt(together, (save) => [save % 2 === 0 ? 'a.ts' : 'b.ts']), []);
  });

  it('tells of a file that something writes all the time, also during runs', async () => {
    let now = 0;
    const { loop, last, loops, restless } = looped('restart', undefined, () => now);
    loop.begin();
    await last().end();
    for (let tick = 0; tick < 60; tick += 1) {
      now += 200;
      loop.filesChanged(['data.db']);
      if (last().stopped || tick % 3 === 2) await last().end();
    }
    assert.deepEqual(restless, ['data.db']);
    assert.equal(loops.length, 1);
  });

  it('hands more changes to a run that has not begun', async () => {
    const { loop, runs, last } = looped('latest');
    loop.filesChanged(['a']);
    last().isWaiting = true;
    loop.filesChanged(['b']);
    last().isWaiting = false;
    assert.deepEqual(last().taken, ['b']);
    await last().end();
    assert.equal(runs.length, 1);
    loop.filesChanged(['c']);
    loop.filesChanged(['d']);
    await last().end();
    assert.equal(runs.length, 3);
  });

  it('closes once what runs has ended', async () => {
    const { loop, last, runs } = looped('restart');
    loop.begin();
    loop.filesChanged(['a']);
    const closed = loop.close();
    assert.equal(last().stopped, true);
    await last().end();
    await closed;
    loop.filesChanged(['b']);
    assert.equal(runs.length, 1);
  });
});
