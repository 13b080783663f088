import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { ErrorCode } from '../../core/contract/errors.ts';
import type { RunEventOf } from '../../core/contract/events.ts';
import type { Status } from '../../core/contract/status.ts';
import { startCli, type CliResult } from '../support/cli.ts';
import { markProcesses, type ProcessMark } from '../support/processes.ts';

const root = fileURLToPath(new URL('../../fixtures/faults/', import.meta.url));

interface Expectation {
  readonly pipeline: string;
  readonly status: Status;
  readonly code?: ErrorCode;
  readonly message?: RegExp;
  readonly warning?: RegExp;
}

const expectations: readonly Expectation[] = [
  { pipeline: 'spins', status: 'timed-out', code: 'E_TIMEOUT', message: /timed out after 200 ms/ },
  { pipeline: 'never-settles', status: 'timed-out', code: 'E_TIMEOUT' },
  { pipeline: 'exits', status: 'failed', code: 'E_PROCESS_EXIT', message: /process\.exit\(0\)/ },
  { pipeline: 'throws-later', status: 'failed', code: 'E_UNCAUGHT', message: /thrown by a timer/ },
  { pipeline: 'rejects-unseen', status: 'failed', code: 'E_UNHANDLED_REJECTION', message: /nobody waits for me/ },
  { pipeline: 'out-of-memory', status: 'failed', code: 'E_OUT_OF_MEMORY', message: /32 MiB/ },
  { pipeline: 'blocks-in-wait', status: 'timed-out', code: 'E_TIMEOUT' },
  { pipeline: 'blocks-in-child', status: 'timed-out', code: 'E_TIMEOUT' },
  { pipeline: 'overflows-stack', status: 'failed', code: 'E_STEP_FAILED', message: /call stack/ },
  { pipeline: 'prints-past-the-engine', status: 'passed' },
  { pipeline: 'throws-null', status: 'failed', code: 'E_STEP_FAILED', message: /null/ },
  { pipeline: 'throws-circular', status: 'failed', code: 'E_STEP_FAILED', message: /round and round/ },
  { pipeline: 'throws-fields', status: 'failed', code: 'E_STEP_FAILED', message: /the server is down/ },
  { pipeline: 'leaves-function', status: 'failed', code: 'E_UNSERIALISABLE', message: /results\.server\.close/ },
  { pipeline: 'leaves-timer', status: 'passed', warning: /1 timer open/ },
  { pipeline: 'leaves-server', status: 'passed', warning: /1 TCP server open/ },
  { pipeline: 'leaves-group', status: 'passed' },
  { pipeline: 'child-times-out', status: 'timed-out', code: 'E_TIMEOUT' },
  { pipeline: 'holds-the-pipe', status: 'passed' },
  { pipeline: 'ignores-everything', status: 'timed-out', code: 'E_TIMEOUT' },
  { pipeline: 'retries-children', status: 'timed-out', code: 'E_TIMEOUT' },
  { pipeline: 'thread-child', status: 'timed-out', code: 'E_TIMEOUT' },
];

function endOf(result: CliResult, id: string): RunEventOf<'step:end'> {
  const end = result.events.find((event) => event.type === 'step:end' && event.id === id);
  return end?.type === 'step:end' ? end : assert.fail(`step "${id}" never ended:\n${result.stdout}\n${result.stderr}`);
}

describe('faults', () => {
  let mark: ProcessMark;
  beforeEach(() => {
    mark = markProcesses();
  });
  afterEach(() => mark.kill());

  const start = (pipeline: string) => startCli(root, [pipeline, '--reporter', 'ndjson'], { env: mark.env });

  for (const { pipeline, status, code, message, warning } of expectations) {
    it(`${pipeline}: the step is ${status}, the others are not disturbed, nothing is left`, async () => {
      const result = await start(pipeline).ended;
      const fault = endOf(result, 'fault');
      assert.equal(fault.status, status);
      // Each line of standard output is an event: nothing got past the engine.
      assert.equal(result.stdout.trimEnd().split('\n').length, result.events.length);
      assert.equal(result.stderr, '');
      assert.equal(fault.error?.code, code);
      if (message !== undefined) assert.match(fault.error?.message ?? '', message);
      const warnings = result.events.flatMap((event) => (event.type === 'step:warning' ? [event.message] : []));
      if (warning !== undefined) assert.match(warnings.join('\n'), warning);
      assert.equal(endOf(result, 'healthy').status, 'passed');
      assert.equal(endOf(result, 'after').status, 'passed');
      const last = result.events.at(-1);
      assert.ok(last?.type === 'run:end');
      assert.deepEqual(last.results, { healthy: true, after: code === undefined ? [] : [code] });
      assert.equal(result.exitCode, status === 'passed' ? 0 : 1);
      assert.deepEqual(await mark.leftovers(), []);
    });
  }

  it('keeps the class, the fields, the cause and the place of an error', async () => {
    const { error } = endOf(await start('throws-fields').ended, 'fault');
    assert.equal(error?.name, 'HttpError');
    assert.deepEqual(error?.props, { statusCode: 503 });
    assert.equal(error?.cause?.message, 'no route');
    assert.equal(error?.location?.file, 'treadle.config.ts');
  });

  it('attributes all that a step prints to it', async () => {
    const { events } = await start('prints-past-the-engine').ended;
    const printed = { stdout: '', stderr: '' };
    for (const event of events) if (event.type === 'step:output' && event.id === 'fault') printed[event.stream] += event.text;
    assert.deepEqual(printed, {
      stdout: 'by console\nby stdout\nby descriptor 1\nby a child\n',
      stderr: 'by console.error\nby stderr\nby descriptor 2\nby its stderr\n',
    });
  });

  it('is not delayed by steps that do not stop', async () => {
    for (const [pipeline, limitMs] of [
      ['spins', 200],
      ['ignores-everything', 300],
    ] as const) {
      const { events } = await start(pipeline).ended;
      const group = events.find((event) => event.type === 'group:end');
      assert.ok(group?.type === 'group:end');
      // The limit, the grace, and what a busy machine may add.
      assert.ok(group.durationMs >= limitMs && group.durationMs < limitMs + 500 + 1500, `${pipeline}: ${group.durationMs} ms`);
    }
  });

  it('times out a group with all that runs in it', async () => {
    const result = await start('group-times-out').ended;
    assert.equal(endOf(result, 'child').status, 'timed-out');
    assert.equal(endOf(result, 'spin').status, 'timed-out');
    const group = result.events.find((event) => event.type === 'group:end');
    assert.ok(group?.type === 'group:end');
    assert.deepEqual([group.status, group.error?.code, group.error?.stepId], ['timed-out', 'E_TIMEOUT', 'slow']);
    assert.equal(result.exitCode, 1);
    assert.deepEqual(await mark.leftovers(), []);
  });

  it('times out a pipeline', async () => {
    const result = await start('pipeline-times-out').ended;
    const last = result.events.at(-1);
    assert.ok(last?.type === 'run:end');
    assert.deepEqual([last.status, last.errors.map(({ code }) => code), result.exitCode], ['timed-out', ['E_TIMEOUT', 'E_TIMEOUT'], 1]);
    assert.deepEqual(await mark.leftovers(), []);
  });

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`${signal} cancels the run and leaves nothing`, async () => {
      const cli = start('waits');
      await cli.event('step:output');
      await cli.event('step:start', ({ id }) => id === 'thread');
      cli.signal(signal);
      const result = await cli.ended;
      assert.equal(result.exitCode, exitCode);
      assert.equal(endOf(result, 'child').status, 'cancelled');
      assert.equal(endOf(result, 'thread').status, 'cancelled');
      assert.equal(result.events.at(-1)?.type, 'run:end');
      assert.deepEqual(await mark.leftovers(), []);
    });
  }

  for (const [first, second] of [
    ['SIGINT', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
  ] as const) {
    it(`kills at once what does not react, with ${first} and ${second}`, async () => {
      const cli = start('stubborn');
      await cli.event('step:output');
      cli.signal(first);
      const told = performance.now();
      cli.signal(second);
      // Signals that are sent together may arrive in either order.
      const { exitCode } = await cli.ended;
      assert.ok(exitCode === 130 || exitCode === 143, String(exitCode));
      assert.ok(performance.now() - told < 5000);
      assert.deepEqual(await mark.leftovers(), []);
    });
  }

  it('leaves nothing when the engine itself is killed', async () => {
    const cli = start('waits');
    await cli.event('step:output');
    await mark.finds(({ command }) => command.includes('treadle-guard'));
    cli.signal('SIGKILL');
    await cli.ended;
    assert.deepEqual(await mark.leftovers(8000), []);
  });
});
