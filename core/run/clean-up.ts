import { formatDuration } from './format-duration.ts';
import type { ScheduleEvent } from './schedule-types.ts';

/** So long may steps with `when: 'always'` go on after a run was stopped, in milliseconds. */
const defaultCleanUpMs = 30_000;

/** Halts a run that was stopped, and cleans up for too long. */
export function limitCleanUp(ms = defaultCleanUpMs, apply: (event: ScheduleEvent) => void): NodeJS.Timeout {
  const message = `The run was stopped, and its clean-up took longer than ${formatDuration(ms)}.`;
  return setTimeout(() => apply({ type: 'halt', kind: 'timeout', message }), ms);
}
