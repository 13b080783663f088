import { delimiter, dirname, join, relative, isAbsolute } from 'node:path';
import type { Environment } from '../../contract/executor.ts';

/** The PATH with the project's own programs in front: `node_modules/.bin` here and in every folder above, as npm has it. */
export function commandPath(root: string, env: Environment): Environment {
  const folders: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    folders.push(binFolder(folder));
    if (dirname(folder) === folder) break;
  }
  return withPath(env, folders);
}

/** The environment of a command that runs in a folder of the project: the programs of that folder, and of those between, come first. */
export function environmentIn(folder: string, root: string, env: Environment): Environment {
  if (folder === root) return env;
  const path = relative(root, folder);
  if (path === '' || path.startsWith('..') || isAbsolute(path)) return env;
  const folders: string[] = [];
  for (let at = join(root, path); at.length > root.length; at = dirname(at)) folders.push(binFolder(at));
  return { ...env, ...withPath(env, folders) };
}

function binFolder(folder: string): string {
  return join(folder, 'node_modules', '.bin');
}

function withPath(env: Environment, folders: readonly string[]): Environment {
  // Windows calls it Path; whichever is there must be the one that is replaced.
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const before = env[name];
  return { [name]: [...folders, ...(before === undefined || before === '' ? [] : [before])].join(delimiter) };
}
