import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { asTreadleError } from '../../core/cli/failure.ts';
import { RunVerdict } from '../../core/cli/run-verdict.ts';
import { TreadleError, type ErrorCode, type ExitCode } from '../../core/contract/errors.ts';
import { buildPlan } from '../../core/model/build-plan.ts';
import { definePipeline, step } from '../../core/model/builders.ts';
import type { Status } from '../../core/contract/status.ts';

function exitCodeOf(status: Status, ...codes: ErrorCode[]): ExitCode {
  const verdict = new RunVerdict();
  verdict.note({
    v: 1,
    seq: 0,
    ts: 0,
    runId: 'r',
    type: 'run:end',
    status,
    durationMs: 1,
    counts: { steps: 1, passed: 0, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 },
    results: {},
    errors: codes.map((code) => ({ code, message: 'm', name: 'Error' })),
  });
  return verdict.exitCode;
}

describe('the exit code of a run', () => {
  it('follows its last event', () => {
    assert.equal(exitCodeOf('passed'), 0);
    assert.equal(exitCodeOf('passed', 'E_STEP_FAILED'), 0, 'an error of a step that is not critical');
    for (const status of ['failed', 'timed-out', 'cancelled', 'skipped'] as const)
      assert.equal(exitCodeOf(status, 'E_STEP_FAILED'), 1, status);
  });

  it('is 3 when a step of a run that passed never ended', () => {
    const verdict = new RunVerdict();
    const stamp = { v: 1, seq: 0, ts: 0, runId: 'r' } as const;
    const plan = buildPlan(definePipeline([step('a', () => {}), [step('b', () => {})]]), { name: 'p' }).plan;
    const counts = { steps: 2, passed: 2, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 };
    const ended = (id: string): void =>
      verdict.note({
        ...stamp,
        type: 'step:end',
        id,
        status: 'passed',
        durationMs: 1,
        attempts: 1,
        flaky: false,
        cached: false,
        overall: 50,
      });
    verdict.note({ ...stamp, type: 'run:start', pipeline: 'p', plan, cwd: '/' });
    ended('a');
    verdict.note({ ...stamp, type: 'run:end', status: 'passed', durationMs: 1, counts, results: {}, errors: [] });
    assert.equal(verdict.exitCode, 3);
    ended('b');
    assert.equal(verdict.exitCode, 0);
  });

  it('is 3 when the engine failed, or never said how the run ended', () => {
    assert.equal(exitCodeOf('failed', 'E_STEP_FAILED', 'E_INTERNAL'), 3);
    const verdict = new RunVerdict();
    assert.equal(verdict.arrived, false);
    assert.equal(verdict.exitCode, 3);
  });
});

describe('errors on the way out', () => {
  it('keep our codes, and are bugs of ours without one', () => {
    const ours = new TreadleError('E_USAGE', 'm');
    assert.equal(asTreadleError(ours), ours);
    const bug = asTreadleError(new TypeError('x is not a function'));
    assert.equal(bug.code, 'E_INTERNAL');
    assert.match(bug.message, /TypeError: x is not a function/);
    assert.match(bug.hint ?? '', /report/);
    assert.equal(asTreadleError(null).message, 'null');
  });
});
