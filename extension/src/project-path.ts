import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { ProjectRecord } from './store/records.ts';

/**
 * The absolute path of a file as the engine names it, or `undefined` for a relative path that leaves the project: the engine writes none.
 * Files of the project have the path that its folder was opened by, also where symbolic links lead to it.
 */
export function projectPath({ root, configFile }: Pick<ProjectRecord, 'root' | 'configFile'>, file: string): string | undefined {
  const opened = dirname(configFile);
  if (isAbsolute(file)) {
    const inside = relative(root, file);
    return isOutside(inside) ? resolve(file) : resolve(opened, inside);
  }
  return isOutside(relative(opened, resolve(opened, file))) ? undefined : resolve(opened, file);
}

function isOutside(path: string): boolean {
  return /^\.\.(?:[\\/]|$)/.test(path) || isAbsolute(path);
}

/** Whether a file lies in a folder. Both absolute. */
export function isBelow(folder: string, file: string): boolean {
  return !isOutside(relative(folder, file));
}
