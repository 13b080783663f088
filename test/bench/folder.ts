import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const made: string[] = [];

/** The built command line. */
export const treadle = resolve(import.meta.dirname, '../../dist/bin.cjs');
export const node = process.execPath;

/** A folder with files, removed at the end; `modules` is the folder of packages that it uses. */
export function makeFolder(files: Readonly<Record<string, string>>, modules?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
  made.push(folder);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  if (modules !== undefined) symlinkSync(modules, join(folder, 'node_modules'));
  return folder;
}

export function removeFolders(): void {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Numbers below a limit. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
