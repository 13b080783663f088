import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ownFolder } from '../files/own-files.ts';

/** Output of so many runs is kept. */
const keptRuns = 20;

/** The folder that holds the output of a project's runs, each in a folder named by its run's id. */
export function outputFolder(root: string): string {
  return join(ownFolder(root), 'output');
}

/**
 * Makes room for one more run: removes the oldest ones.
 *
 * @param active - ids of runs under way, which stay
 */
export function removeOldOutput(root: string, active: ReadonlySet<string>): void {
  const folder = outputFolder(root);
  // Run ids begin with their time, so that their order is that of their names.
  const runs = runsIn(folder);
  const old = runs.slice(0, Math.max(0, runs.length - keptRuns + 1));
  for (const run of old) {
    if (active.has(run)) continue;
    try {
      rmSync(join(folder, run), { recursive: true, force: true });
    } catch {
      // Another process's, or being read: it goes the next time.
    }
  }
}

function runsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
