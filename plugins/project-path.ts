import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { TreadleError } from '../core/index.ts';

/**
 * Resolves a path that an option names, relative to the project's folder.
 *
 * @throws `E_PATH_OUTSIDE` when it leads out of the project, through a symbolic link too.
 */
export function insideProject(root: string, path: string, option: string): string {
  const target = resolve(root, path);
  if (!contains(root, target) || !contains(realPath(root), realPath(target))) {
    throw new TreadleError('E_PATH_OUTSIDE', `${option}: "${path}" lies outside the project.`);
  }
  return target;
}

/** How a file is named to people: relative to the project where it lies inside, else absolute. */
export function projectFile(root: string, file: string): string {
  return contains(root, file) ? relative(root, file).split(sep).join('/') : file;
}

function contains(root: string, target: string): boolean {
  const path = relative(root, target);
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

/** The path without symbolic links; of what does not exist yet, the part that does. */
function realPath(path: string): string {
  const missing: string[] = [];
  for (let known = path; ; known = resolve(known, '..')) {
    try {
      return resolve(realpathSync(known), ...missing);
    } catch {
      const parent = resolve(known, '..');
      if (parent === known) return path;
      missing.unshift(relative(parent, known));
    }
  }
}
