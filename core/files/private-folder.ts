import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let made: string | undefined;

/**
 * A folder for this process alone in the system's temporary folder, removed when the process ends. Only its owner can read or write it, and
 * nobody can foresee its name: what is imported from it is what this process wrote.
 */
export function privateFolder(): string {
  return (made ??= make());
}

function make(): string {
  // Node gives modules by their real paths.
  const parent = realpathSync(tmpdir());
  if (mayOthersRenameIn(parent)) throw new Error(`everybody may rename what others have in ${parent}`);
  const folder = mkdtempSync(join(parent, 'treadle-'));
  process.once('exit', () => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // The system clears its temporary folder some day.
    }
  });
  return folder;
}

/** Whether others may put something else in the place of what is in a folder: everybody may write to it, and it is not sticky. */
function mayOthersRenameIn(folder: string): boolean {
  const { mode } = statSync(folder);
  return process.platform !== 'win32' && (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}
