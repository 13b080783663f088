import type { RunRecord } from './records.ts';

/**
 * A run that a person has stopped can be killed after so many milliseconds: what kills it stands where what stops it stood, and the
 * second press of a double click, or of a key that repeats, must not cut its clean-up off. Systems take up to 900 ms for a double click.
 */
export const killableAfterMs = 1000;

/** Whether a run was stopped that still goes on. */
export function isStopping(run: RunRecord | undefined): boolean {
  return run?.state === 'running' && run.stopped !== undefined;
}

/** Whether to stop a run once more is to kill it. One that a save has stopped can be stopped first. */
export function isKillable(run: RunRecord | undefined, now: number): boolean {
  return run?.state === 'running' && run.stopped?.by === 'person' && now - run.stopped.at >= killableAfterMs;
}
