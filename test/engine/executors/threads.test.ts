import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { serializeError } from '../../../core/context/errors.ts';
import { snapshotFrom } from '../../../core/context/snapshot.ts';
import { TreadleError } from '../../../core/contract/errors.ts';
import type { Assignment, Executor, Outcome } from '../../../core/contract/executor.ts';
import { openThreads } from '../../../core/executors/threads/threads.ts';
import { workerFile } from '../../../core/executors/threads/worker-file.ts';
import { assignment, describeExecutor, RecordingHost } from './conformance.ts';

const make = (): Promise<Executor> => openThreads({ workerFile: workerFile(), maxThreads: 4 });

describeExecutor('threads', make);

describe('the threads executor', () => {
  let executor: Executor;
  beforeEach(async () => {
    executor = await make();
  });
  afterEach(() => executor.close());

  const run = (stepId: string, own: Partial<Assignment> = {}, host = new RecordingHost()): Promise<Outcome> =>
    executor.start(assignment(stepId, own), host).outcome;
  const codeOf = (outcome: Outcome): string => (outcome.status === 'passed' ? 'passed' : outcome.error.code);
  const timeout = serializeError(new TreadleError('E_TIMEOUT', 'too slow'));

  it('kills a loop that never yields, and keeps what it printed', async () => {
    const host = new RecordingHost();
    const attempt = executor.start(assignment('prints-then-hangs'), host);
    await host.printed;
    attempt.kill(timeout);
    assert.equal((await attempt.outcome).status, 'timed-out');
    assert.equal(host.text('stdout'), 'before the loop\n');
    assert.equal(codeOf(await run('adds')), 'passed');
  });

  it('kills steps that still wait for a thread', async () => {
    const spinning = Array.from({ length: 4 }, () => executor.start(assignment('spins'), new RecordingHost()));
    const waiting = executor.start(assignment('adds'), new RecordingHost());
    waiting.kill(timeout);
    assert.equal((await waiting.outcome).status, 'timed-out');
    for (const attempt of spinning) attempt.kill(timeout);
    for (const attempt of spinning) assert.equal((await attempt.outcome).status, 'timed-out');
  });

  it('ends at once, and without a thread, what is stopped before it has begun', async () => {
    const threads = await openThreads({ workerFile: workerFile(), maxThreads: availableParallelism() + 2 });
    const spinning = Array.from({ length: availableParallelism() }, () => threads.start(assignment('spins'), new RecordingHost()));
    const [killed, aborted, waiting] = ['adds', 'adds', 'adds'].map((stepId) => threads.start(assignment(stepId), new RecordingHost()));
    let begun = false;
    void waiting?.begun?.then(() => (begun = true));
    killed?.kill(timeout);
    aborted?.abort(timeout);
    assert.deepEqual(await killed?.outcome, { status: 'timed-out', error: timeout });
    assert.deepEqual(await aborted?.outcome, { status: 'timed-out', error: timeout });
    // They gave nothing free that it could have.
    assert.equal(begun, false);
    assert.equal(codeOf((await waiting?.outcome) ?? assert.fail()), 'passed');
    for (const attempt of spinning) attempt.kill(timeout);
    await threads.close();
  });

  it('captures writes to the descriptors', async () => {
    const host = new RecordingHost();
    await run('writes-descriptor', {}, host);
    assert.equal(host.text('stdout'), 'by descriptor\n');
  });

  it('captures the output of child processes that inherit it', async () => {
    const host = new RecordingHost();
    await run('spawns', {}, host);
    assert.equal(host.text('stdout'), 'asynchronous\nsynchronous\n');
    assert.equal(host.text('stderr'), 'file\n');
  });

  it('replaces a thread whose step left something open, and says what', async () => {
    for (const [stepId, what] of [
      ['leaves-timer', /1 timer open/],
      ['leaves-server', /1 TCP server open/],
    ] as const) {
      const host = new RecordingHost();
      assert.equal(codeOf(await run(stepId, {}, host)), 'passed');
      assert.match(host.warnings.join('\n'), what);
    }
    const host = new RecordingHost();
    assert.equal(codeOf(await run('adds', {}, host)), 'passed');
    assert.deepEqual(host.warnings, []);
  });

  it('fails a step that runs out of its memory', async () => {
    const outcome = await run('fills-memory', { memoryLimitMb: 32 });
    assert.equal(codeOf(outcome), 'E_OUT_OF_MEMORY');
    assert.equal(codeOf(await run('adds')), 'passed');
  });

  it('refuses code that no file holds', async () => {
    const outcome = await run('adds', { code: { kind: 'live', step: { run: () => undefined } } });
    assert.equal(codeOf(outcome), 'E_INLINE_ONLY');
  });

  it('hands over snapshots of many layers to threads that have not seen them', async () => {
    for (let round = 1; round <= 20; round += 1) {
      const results = snapshotFrom({ sum: round, pad: 'x'.repeat(20_000) });
      const outcomes = await Promise.all(Array.from({ length: 4 }, () => run('adds', { results })));
      for (const outcome of outcomes) assert.equal(codeOf(outcome), 'passed');
    }
  });

  it('closes while steps run', async () => {
    const attempts = Array.from({ length: 6 }, () => executor.start(assignment('spins'), new RecordingHost()));
    await executor.close();
    for (const attempt of attempts) assert.equal((await attempt.outcome).status, 'cancelled');
  });
});
