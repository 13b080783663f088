import { delimiter, dirname, join } from 'node:path';
import type { Environment } from '../../contract/executor.ts';

/** The PATH with the project's own programs in front: `node_modules/.bin` here and in every folder above, as npm has it. */
export function commandPath(root: string, env: Environment): Environment {
  // Windows calls it Path; whichever is there must be the one that is replaced.
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const folders: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    folders.push(join(folder, 'node_modules', '.bin'));
    if (dirname(folder) === folder) break;
  }
  const before = env[name];
  return { [name]: [...folders, ...(before === undefined || before === '' ? [] : [before])].join(delimiter) };
}
