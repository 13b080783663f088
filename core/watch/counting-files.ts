import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../contract/plan.ts';
import { projectPath } from '../files/project-path.ts';
import { affectedBy, isGenerated, stepsOf } from './affected.ts';
import { changedAt } from './changed-at.ts';
import type { LastResults } from './last-results.ts';

export interface CountingOptions {
  readonly root: string;
  readonly plan: Plan;
  readonly memory: LastResults;
  readonly isIgnored: (file: string) => boolean;
  /** Whether the pipeline file and plugins are made of a file: everything depends on it. */
  readonly isOwn: (file: string) => boolean;
  /** When the run began that is under way. */
  readonly runStartedAt: number | undefined;
}

/** What a change of files calls for. */
export interface CountedFiles {
  /** Those that are worth a run: a step depends on them that has not seen them as they are now. */
  readonly counting: readonly string[];
  /** Those that no step depends on. */
  readonly idle: readonly string[];
}

/** Sorts changed files by what they call for. */
export function countFiles(files: readonly string[], options: CountingOptions): CountedFiles {
  const { root, plan, memory, isIgnored, isOwn, runStartedAt } = options;
  const steps = new Map(stepsOf(plan).map((step) => [step.id, step]));
  const counting: string[] = [];
  const idle: string[] = [];
  for (const file of files) {
    if (isOwn(file)) {
      counting.push(file);
      continue;
    }
    if (isGenerated(file, plan)) continue;
    const affected = [...affectedBy({ files: [file], isIgnored }, plan).keys()].flatMap((id) => steps.get(id) ?? []);
    const times = { changedAt: changedAt(root, file), runStartedAt };
    if (affected.length === 0) idle.push(file);
    else if (!affected.every((step) => memory.hasSeen(step, file, times)) && !isGenerated(realName(root, file), plan)) counting.push(file);
  }
  return { counting, idle };
}

/** What a file is called without links on the way to it. */
function realName(root: string, file: string): string {
  try {
    return projectPath(root, realpathSync.native(join(root, file)));
  } catch {
    return file;
  }
}
