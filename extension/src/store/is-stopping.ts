import type { RunRecord } from './records.ts';

/** Whether a run was stopped that still goes on: stopped again, it is killed. */
export function isStopping(run: RunRecord | undefined): boolean {
  return run?.state === 'running' && run.stopped === true;
}
