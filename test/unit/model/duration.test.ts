import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { isTreadleError } from '../../../core/contract/errors.ts';
import { parseDuration } from '../../../core/model/duration.ts';

describe('durations', () => {
  for (const [text, ms] of [
    [0, 0],
    [1500, 1500],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5s', 1500],
    ['0.1s', 100],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ] as const) {
    it(`${JSON.stringify(text)} is ${ms} ms`, () => assert.equal(parseDuration(text, 'timeout'), ms));
  }

  for (const [value, hint] of [
    ['5 minutes', "Did you mean '5m'?"],
    ['5min', "Did you mean '5m'?"],
    ['30 s', "Did you mean '30s'?"],
    ['30S', "Did you mean '30s'?"],
    ['2 days', "Did you mean '48h'?"],
    ['30', "Did you mean '30s' (seconds) or 30 (milliseconds)?"],
    ['1000h', 'A timer waits 24 days at most; leave it out for no limit.'],
    ['soon', "Write a number of milliseconds, or one of '250ms', '30s', '2m', '1h'."],
    ['-1s', "Write a number of milliseconds, or one of '250ms', '30s', '2m', '1h'."],
    ['1.s', "Did you mean '1s'?"],
    [-1, "Write a number of milliseconds, or one of '250ms', '30s', '2m', '1h'."],
    [Number.NaN, "Write a number of milliseconds, or one of '250ms', '30s', '2m', '1h'."],
    [2 ** 31, 'A timer waits 24 days at most; leave it out for no limit.'],
  ] as const) {
    it(`refuses ${JSON.stringify(value)} with a hint`, () => {
      assert.throws(
        () => parseDuration(value, '--timeout'),
        (error) =>
          isTreadleError(error) &&
          error.code === 'E_CONFIG_INVALID' &&
          error.hint === hint &&
          error.message.startsWith('--timeout must be'),
      );
    });
  }

  it('reads any whole number with a unit', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
    fc.assert(
      fc.property(fc.nat({ max: 500 }), fc.constantFrom('ms', 's', 'm', 'h'), (amount, unit) => {
        assert.equal(parseDuration(`${amount}${unit}`, 'timeout'), amount * units[unit]);
      }),
    );
  });
});
