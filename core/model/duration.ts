import { TreadleError } from '../contract/errors.ts';
import type { Duration } from './definition.ts';
import { describeValue } from './describe-value.ts';

/** How people write durations, for messages. */
export const durationForms = "a duration such as 500 (milliseconds), '30s', '2m' or '1h'";

/** The pattern of durations with a unit. */
export const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest time that a timer can wait: about 24.8 days. */
export const longestDurationMs = 2_147_483_647;

/** A duration in milliseconds; `undefined` when it is none. */
export function durationMs(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? textMs(value) : value;
  return typeof ms === 'number' && ms >= 0 && ms <= longestDurationMs ? ms : undefined;
}

function textMs(text: string): number | undefined {
  const match = durationPattern.exec(text);
  if (match === null) return undefined;
  const [, amount = '', unit = ''] = match;
  // Rounded, so that 0.1s is not 100.00000000000001.
  return Math.round(Number(amount) * (unitMs[unit] ?? Number.NaN) * 1000) / 1000;
}

const namedUnits: readonly (readonly [names: RegExp, unit: string, times: number])[] = [
  [/^(?:ms|msecs?|millis|milliseconds?)$/, 'ms', 1],
  [/^(?:s|secs?|seconds?)$/, 's', 1],
  [/^(?:m|mins?|minutes?)$/, 'm', 1],
  [/^(?:h|hrs?|hours?)$/, 'h', 1],
  [/^(?:d|days?)$/, 'h', 24],
];

/** What to write instead of something that is no duration. */
export function durationHint(value: unknown): string {
  const meant = typeof value === 'string' ? intendedDuration(value) : undefined;
  if (meant !== undefined) return `Did you mean ${meant}?`;
  const ms = typeof value === 'string' ? textMs(value) : value;
  if (typeof ms === 'number' && ms > longestDurationMs) return 'A timer waits 24 days at most; leave it out for no limit.';
  return "Write a number of milliseconds, or one of '250ms', '30s', '2m', '1h'.";
}

function intendedDuration(text: string): string | undefined {
  const match = /^([\d.]+)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  const [, amount = '', name = ''] = match ?? [];
  if (amount === '' || Number.isNaN(Number(amount))) return undefined;
  if (name === '') return `'${amount}s' (seconds) or ${amount} (milliseconds)`;
  for (const [names, unit, times] of namedUnits) {
    const duration = `${Number((Number(amount) * times).toPrecision(12))}${unit}`;
    if (names.test(name) && duration !== text && durationMs(duration) !== undefined) return `'${duration}'`;
  }
  return undefined;
}

/**
 * Turns a duration into milliseconds.
 *
 * @param what - Names the setting in the error's message, such as `--timeout`.
 * @throws `E_CONFIG_INVALID` with a hint when it is no duration.
 * @example
 * parseDuration('1.5s', 'timeout'); // 1500
 */
export function parseDuration(value: Duration | string, what: string): number {
  const ms = durationMs(value);
  if (ms !== undefined) return ms;
  throw new TreadleError('E_CONFIG_INVALID', `${what} must be a duration, not ${describeValue(value)}.`, { hint: durationHint(value) });
}
