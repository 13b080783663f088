import type { RunRecord } from './records.ts';

/** Whether a person has stopped a run that still goes on: stopped again, it is killed. */
export function isStopping(run: RunRecord | undefined): boolean {
  return run?.state === 'running' && run.stopped === true;
}
