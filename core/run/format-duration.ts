/** A time limit as a person would write it: `250 ms`, `30 s`, `2 min`, `1.5 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${trim(milliseconds / 1000)} s`;
  if (milliseconds < 3_600_000) return `${trim(milliseconds / 60_000)} min`;
  return `${trim(milliseconds / 3_600_000)} h`;
}

function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}
