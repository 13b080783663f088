import * as v from 'valibot';

const text = /^(?<amount>\d+(?:\.\d+)?)(?<unit>ms|s|m|h)$/;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds, or a text such as `'250ms'`, `'30s'`, `'2m'`, `'1h'`. */
export const duration = v.union([
  v.pipe(v.number(), v.finite(), v.minValue(0)),
  v.pipe(
    v.string(),
    v.regex(text, (issue) => `${JSON.stringify(issue.input)} is no duration: write 250ms, 30s, 2m or 1h`),
  ),
]);

/** A duration in milliseconds. */
export function toMilliseconds(value: v.InferOutput<typeof duration>): number {
  if (typeof value === 'number') return value;
  const { amount = '0', unit = 'ms' } = text.exec(value)?.groups ?? {};
  return Number(amount) * (unitMs[unit] ?? 1);
}

/** A duration as people write it: `850 ms`, `2.5 s`, `3 min`. */
export function showDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Number((ms / 60_000).toFixed(1))} min`;
}
