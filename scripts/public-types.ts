// Leaves only the declarations that what users import leads to: tsc writes those of every module.
import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Removes the declarations in a folder that none of the entries, files in it, imports directly or indirectly. */
export function keepPublicTypes(folder: string, entries: readonly string[]): void {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:\bfrom|\bimport\(|^import)\s*["'](\.[^"']+)\.[jt]s["']/gm)) {
      reach(`${resolve(dirname(file), path)}.d.ts`);
    }
  };
  for (const entry of entries) reach(join(folder, entry));
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !reached.has(path)) rmSync(path);
  }
  const removeEmpty = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeEmpty(join(path, entry.name));
    if (readdirSync(path).length === 0) rmdirSync(path);
  };
  removeEmpty(folder);
}
