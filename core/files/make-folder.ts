import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder that a person named, and those that it lies in. Node's own `recursive` never ends where a folder is there and yet takes no
 * other, as those of `/proc` are.
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let each = folder; !isThere(each) && each !== dirname(each); each = dirname(each)) missing.push(each);
  for (const each of missing.toReversed()) {
    try {
      mkdirSync(each);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!isFolder(each)) throw error;
    }
  }
}

/** The nearest of a path and what it lies in that is there, when it is no folder. */
export function fileInTheWay(path: string): string | undefined {
  let nearest = path;
  while (!isThere(nearest) && nearest !== dirname(nearest)) nearest = dirname(nearest);
  return isFolder(nearest) ? undefined : nearest;
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
