import { join, relative, resolve, sep } from 'node:path';

/** A path relative to the project, with `/` on every system: how records and messages name files. */
export function projectPath(root: string, file: string): string {
  const path = relative(root, file);
  return sep === '/' ? path : path.split(sep).join('/');
}

/** Whether a path is a folder or lies in it. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && resolve(folder, way) === join(resolve(folder), way));
}
