import type { RunTrigger } from '../contract/events.ts';

/** Of more files than this, only the number is told: a checkout changes thousands. */
const mostFiles = 20;

/** Why a run began that changed files started. */
export function savedTrigger(files: readonly string[]): RunTrigger {
  const more = files.length - mostFiles;
  return { kind: 'save', files: files.slice(0, mostFiles), ...(more > 0 ? { more } : {}) };
}
