import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: string[] = [];

/** Makes a project of these files in a folder of its own, and gives that folder. */
export function makeProject(files: Readonly<Record<string, string>>): string {
  // The real path, as the engine sees it.
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'treadle-project-')));
  made.push(root);
  addFiles(root, files);
  return root;
}

/** Writes files of a project, by path. */
export function addFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Removes all projects that were made; for `after` hooks. */
export function removeProjects(): void {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
}
