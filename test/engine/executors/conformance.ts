import assert from 'node:assert/strict';
import { encodeSegment } from '../../../core/context/segment.ts';
import { applyPatch, materialise, snapshotFrom } from '../../../core/context/snapshot.ts';
import type { SerializedError } from '../../../core/contract/errors.ts';
import type { TestResult } from '../../../core/contract/events.ts';
import type { Assignment, ExecListener, ExecRequest, Executor, Outcome, StepHost } from '../../../core/contract/executor.ts';
import { TreadleError } from '../../../core/contract/errors.ts';
import { serializeError } from '../../../core/context/errors.ts';

const module = new URL('./steps.ts', import.meta.url).href;
const config = encodeSegment({ depth: 3 }, 'config');
const baseEnv = { BASE: 'base', PATH: process.env['PATH'] ?? '' };

/** A host that keeps what a step says. */
export class RecordingHost implements StepHost {
  readonly outputs: { stream: string; text: string }[] = [];
  readonly percents: number[] = [];
  readonly messages: string[] = [];
  readonly tests: TestResult[] = [];
  readonly warnings: string[] = [];
  readonly requests: ExecRequest[] = [];
  /** Settles when the step first prints. */
  readonly printed: Promise<void>;
  private readonly resolvePrinted: () => void;
  private readonly onExec: (request: ExecRequest, listener: ExecListener) => void;

  constructor(onExec: (request: ExecRequest, listener: ExecListener) => void = () => undefined) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.printed = promise;
    this.resolvePrinted = resolve;
    this.onExec = onExec;
  }

  progress(percent: number, message?: string): void {
    this.percents.push(percent);
    if (message !== undefined) this.messages.push(message);
  }
  output(stream: 'stdout' | 'stderr', text: string): void {
    this.outputs.push({ stream, text });
    this.resolvePrinted();
  }
  test(result: TestResult): void {
    this.tests.push(result);
  }
  diagnostic(): void {
    assert.fail('no step here reports diagnostics');
  }
  warning(message: string): void {
    this.warnings.push(message);
  }
  attach(): void {
    assert.fail('no step here attaches files');
  }
  exec(request: ExecRequest, listener: ExecListener): () => void {
    this.requests.push(request);
    this.onExec(request, listener);
    return () => undefined;
  }

  text(stream: 'stdout' | 'stderr'): string {
    return this.outputs
      .filter((output) => output.stream === stream)
      .map(({ text }) => text)
      .join('');
  }
}

/** An assignment of one of the suite's steps. */
export function assignment(stepId: string, own: Partial<Assignment> = {}): Assignment {
  return {
    stepId,
    attempt: 1,
    code: { kind: 'pipeline-step', module, pipeline: 'default' },
    results: snapshotFrom({}),
    config,
    errors: [],
    cwd: import.meta.dirname,
    baseEnv,
    env: {},
    mark: {},
    ...own,
  };
}

const stopError = (code: 'E_TIMEOUT' | 'E_CANCELLED'): SerializedError => serializeError(new TreadleError(code, 'stop now'));

function failure(outcome: Outcome): SerializedError {
  assert.notEqual(outcome.status, 'passed');
  return outcome.status === 'passed' ? assert.fail() : outcome.error;
}

function changes(outcome: Outcome): Record<string, unknown> {
  if (outcome.status !== 'passed') assert.fail(`${outcome.error.code}: ${outcome.error.message}`);
  return materialise(applyPatch(snapshotFrom({}), outcome.patch));
}

/** What every executor must do. */
export function describeExecutor(name: string, make: () => Executor | Promise<Executor>): void {
  describe(`the ${name} executor conforms:`, () => {
    let executor: Executor;
    before(async () => {
      executor = await make();
    });
    after(() => executor.close());

    const run = (stepId: string, own: Partial<Assignment> = {}, host = new RecordingHost()): Promise<Outcome> =>
      executor.start(assignment(stepId, own), host).outcome;
    const expectHealthy = async (): Promise<void> => assert.deepEqual(changes(await run('adds')), { sum: 1 });

    it('runs a step and gives back what it changed', async () => {
      assert.deepEqual(changes(await run('adds', { results: snapshotFrom({ sum: 41, other: 'untouched' }) })), { sum: 42 });
    });

    it('isolates what a step changes, typed arrays included', async () => {
      const results = snapshotFrom({ list: ['yours'], bytes: new Uint8Array([1, 2]) });
      const outcomes = await Promise.all([run('mutates', { results }), run('mutates', { results })]);
      for (const outcome of outcomes) assert.deepEqual(changes(outcome), { list: ['yours', 'mine'], bytes: new Uint8Array([99, 2]) });
      assert.deepEqual(materialise(results), { list: ['yours'], bytes: new Uint8Array([1, 2]) });
    });

    it('leaves out of the patch what a step only read', async () => {
      assert.deepEqual(changes(await run('reads', { results: snapshotFrom({ list: [1] }) })), {});
    });

    it('hands over the step, the configuration, the errors so far and the environment', async () => {
      const outcome = await run('describes', {
        attempt: 2,
        env: { OWN: 'own' },
        errors: [[stopError('E_TIMEOUT'), stopError('E_CANCELLED')], [stopError('E_TIMEOUT')]],
        description: 'what it does',
      });
      assert.deepEqual(changes(outcome)['seen'], {
        step: { id: 'describes', attempt: 2, description: 'what it does' },
        cwd: import.meta.dirname,
        own: 'own',
        base: 'base',
        config: { depth: 3 },
        errors: ['E_TIMEOUT', 'E_CANCELLED', 'E_TIMEOUT'],
      });
    });

    it('keeps to itself what a step does to the errors so far', async () => {
      const errors = [[stopError('E_TIMEOUT')], [stopError('E_CANCELLED')]];
      // The same chunks again, as steps that follow each other get them.
      for (const _ of [1, 2]) assert.deepEqual(changes(await run('rewrites-errors', { errors })), { before: ['E_TIMEOUT', 'E_CANCELLED'] });
    });

    it('keeps the configuration read-only', async () => {
      assert.match(failure(await run('writes-config')).message, /read only|not extensible/);
    });

    it('attributes all output to the step', async () => {
      const host = new RecordingHost();
      await run('prints', {}, host);
      assert.equal(host.text('stdout'), 'from console\nfrom stdout\nfrom { log: 1 }\n');
      assert.equal(host.text('stderr'), 'from stderr\n');
    });

    it('tells the last progress', async () => {
      const host = new RecordingHost();
      await run('progresses', {}, host);
      assert.equal(host.percents.at(-1), 50);
      assert.equal(host.messages.at(-1), '50 done');
    });

    it('tells the latest message of a step that says nothing further', async () => {
      const host = new RecordingHost();
      const heard = Promise.withResolvers<void>();
      const progress = host.progress.bind(host);
      host.progress = (percent, message) => {
        progress(percent, message);
        if (message === 'waiting for the answer') heard.resolve();
      };
      const attempt = executor.start(assignment('says-what-it-waits-for'), host);
      await heard.promise;
      assert.equal(host.percents.at(-1), 3);
      attempt.abort(stopError('E_CANCELLED'));
      await attempt.outcome;
    });

    it('keeps the class and the fields of an error', async () => {
      const error = failure(await run('fails'));
      assert.deepEqual(
        [error.code, error.name, error.message, error.props],
        ['E_STEP_FAILED', 'HttpError', 'the server is down', { statusCode: 503 }],
      );
      assert.match(error.stack ?? '', /steps\.ts:\d+/);
    });

    it('copes with whatever is thrown', async () => {
      assert.equal(failure(await run('fails-null')).code, 'E_STEP_FAILED');
      assert.equal(failure(await run('fails-circular')).message, 'round and round');
      await expectHealthy();
    });

    it('refuses results that are not data, and names the path', async () => {
      const error = failure(await run('leaves-function'));
      assert.equal(error.code, 'E_UNSERIALISABLE');
      assert.match(error.message, /results\.server\.close/);
    });

    it('fails a step that exits, and goes on', async () => {
      const error = failure(await run('exits'));
      assert.equal(error.code, 'E_PROCESS_EXIT');
      assert.match(error.message, /process\.exit\(7\)/);
      await expectHealthy();
    });

    it('fails a step for an error outside its promise', async () => {
      const error = failure(await run('throws-later'));
      assert.equal(error.code, 'E_UNCAUGHT');
      assert.match(error.message, /from a timer/);
      await expectHealthy();
    });

    it('fails a step for a rejection that nobody awaits', async () => {
      const error = failure(await run('rejects-unseen'));
      assert.equal(error.code, 'E_UNHANDLED_REJECTION');
      assert.match(error.message, /nobody waits for me/);
      await expectHealthy();
    });

    it('aborts the signal of a step, with the reason', async () => {
      const host = new RecordingHost();
      const attempt = executor.start(assignment('waits'), host);
      await host.printed;
      attempt.abort(stopError('E_CANCELLED'));
      const error = failure(await attempt.outcome);
      assert.equal(error.code, 'E_CANCELLED');
      assert.equal(host.text('stdout'), 'waiting\nasked to stop: stop now\n');
    });

    it('kills a step that does not react, at once', async () => {
      const attempt = executor.start(assignment('ignores-signal'), new RecordingHost());
      attempt.kill(stopError('E_TIMEOUT'));
      const outcome = await attempt.outcome;
      assert.equal(outcome.status, 'timed-out');
      await expectHealthy();
    });

    it('starts commands by way of the host', async () => {
      const host = new RecordingHost((_request, listener) => {
        listener.started(123);
        listener.line('hello', 'stdout');
        listener.exit({ exitCode: 3, signal: null, stdout: 'hello\n', stderr: '', durationMs: 1 });
      });
      assert.deepEqual(changes(await run('execs', {}, host)), { exec: { exitCode: 3, stdout: 'hello\n', lines: ['hello'] } });
      assert.equal(host.requests[0]?.command, 'say hello');
      assert.equal(host.requests[0]?.lines, true);
    });

    it('fails a step whose command fails', async () => {
      const host = new RecordingHost((_request, listener) =>
        listener.exit({ exitCode: 1, signal: null, stdout: '', stderr: 'no such luck\n', durationMs: 1 }),
      );
      const error = failure(await run('exec-fails', {}, host));
      assert.equal(error.code, 'E_COMMAND_FAILED');
      assert.match(error.message, /`false` exited with 1:\nno such luck/);
    });

    it('reports test cases, and fails a step for a failing one', async () => {
      const host = new RecordingHost();
      const error = failure(await run('tests', {}, host));
      assert.deepEqual([error.code, error.message], ['E_TESTS_FAILED', '1 test failed: bad']);
      assert.deepEqual(
        host.tests.map((test) => [test.name, test.status, test.error?.expected, test.error?.actual]),
        [
          ['good', 'passed', undefined, undefined],
          ['bad', 'failed', '2', '1'],
          ['elsewhere', 'skipped', undefined, undefined],
        ],
      );
    });

    it('knows which test cases are around another, also where they run side by side', async () => {
      const host = new RecordingHost();
      changes(await run('tests-beside', {}, host));
      assert.deepEqual(host.tests.map(({ path, name }) => [...path, name].join(' › ')).sort(), [
        'slow',
        'suite',
        'suite › one',
        'suite › two',
        'suite › two › deep',
      ]);
    });

    it('waits for test cases that the step did not await', async () => {
      const host = new RecordingHost();
      assert.equal(failure(await run('tests-unawaited', {}, host)).message, '1 test failed: late › later');
      assert.deepEqual(
        host.tests.map(({ name, status }) => [name, status]),
        [
          ['late', 'passed'],
          ['later', 'failed'],
        ],
      );
    });

    it('runs many steps at once', async () => {
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => run('adds')));
      for (const outcome of outcomes) assert.deepEqual(changes(outcome), { sum: 1 });
    });
  });
}
