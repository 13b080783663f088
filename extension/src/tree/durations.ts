/** A duration as a person reads it: `420ms`, `3.1s`, `2m 05s`, `1h 02m`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`;
  return formatLong(Math.round(ms / 1000));
}

/** Time that still goes on, in whole seconds, so that it changes once a second: `0s`, `12s`, `2m 05s`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds}s` : formatLong(seconds);
}

/** How much longer it took than last time, such as `+0.4s`; nothing when the difference is noise. */
export function formatDifference(ms: number, lastMs: number): string | undefined {
  const difference = ms - lastMs;
  // Less than a tenth of a second or a twentieth of the time is what two equal runs differ by.
  if (Math.abs(difference) < Math.max(100, lastMs / 20)) return undefined;
  // In tenths of a second also where the times are shorter: it stands beside them, not in their place.
  const size = Math.abs(difference);
  return `${difference < 0 ? '−' : '+'}${size < 1000 ? `${(size / 1000).toFixed(1)}s` : formatDuration(size)}`;
}

function formatLong(seconds: number): string {
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
