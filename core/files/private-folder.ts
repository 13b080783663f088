import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './exit-hook.ts';
import { isProcessMark, isThere, markOfThisProcess } from './process-mark.ts';

const prefix = 'treadle-private-';
/** In each such folder: tells which process it belongs to. */
const markFile = 'process.json';

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
  removeAbandoned(parent);
  const folder = mkdtempSync(join(parent, prefix));
  atExit(() => remove(folder));
  writeFileSync(join(folder, markFile), JSON.stringify(markOfThisProcess()));
  return folder;
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // The system clears its temporary folder some day.
  }
}

/** Removes what killed processes left: Ctrl-C kills one that still loads its project, as it could not stop code that never yields otherwise. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    if (name.startsWith(prefix) && isAbandoned(folder)) remove(folder);
  }
}

function isAbandoned(folder: string): boolean {
  try {
    // What others own may be a trap.
    if (process.getuid !== undefined && lstatSync(folder).uid !== process.getuid()) return false;
    const mark: unknown = JSON.parse(readFileSync(join(folder, markFile), 'utf8'));
    return isProcessMark(mark) && isThere(mark) === false;
  } catch {
    // Just being made, or removed.
    return false;
  }
}

/** Whether others may put something else in the place of what is in a folder: everybody may write to it, and it is not sticky. */
function mayOthersRenameIn(folder: string): boolean {
  const { mode } = statSync(folder);
  return process.platform !== 'win32' && (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}
