import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TreadleError } from '../contract/errors.ts';

const configName = /^treadle\.config\.(?:ts|mts|js|mjs|json)$/;

/**
 * Finds the pipeline file: the named one, else `treadle.config.*` in a folder or the nearest one above it,
 * up to the repository's root.
 *
 * @returns The file, absolute and without symbolic links.
 * @throws `E_CONFIG_NOT_FOUND`; `E_CONFIG_INVALID` when a folder has several.
 */
export function findConfig(cwd: string, named?: string): string {
  if (named !== undefined) return namedConfig(cwd, named);
  const start = resolve(cwd);
  for (let folder = start; ; folder = dirname(folder)) {
    const found = configsIn(folder);
    if (found.length > 1) {
      throw new TreadleError('E_CONFIG_INVALID', `${folder} has several pipeline files: ${found.join(', ')}.`, {
        hint: 'Keep one of them, or choose one with --config.',
      });
    }
    const [file] = found;
    if (file !== undefined) return realpathSync(join(folder, file));
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) break;
  }
  const [other] = namesIn(start, /^treadle\.config\.\w+$/);
  throw new TreadleError(
    'E_CONFIG_NOT_FOUND',
    `There is no treadle.config.{ts,mts,js,mjs,json} in ${start} or above it.`,
    other === undefined ? {} : { hint: `${other} is not read: write an ES module, such as treadle.config.mts, or JSON.` },
  );
}

function namedConfig(cwd: string, named: string): string {
  const file = resolve(cwd, named);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new TreadleError('E_CONFIG_NOT_FOUND', `There is no pipeline file ${file}.`, { hint: 'Check the path given with --config.' });
  }
  if (!found.isFile() || !/\.(?:ts|mts|js|mjs|json)$/.test(file)) {
    throw new TreadleError('E_CONFIG_INVALID', `${file} cannot be a pipeline file.`, {
      hint: 'Name a .ts, .mts, .js, .mjs or .json file.',
    });
  }
  return realpathSync(file);
}

/** Names of the pipeline files in a folder itself. */
export function configsIn(folder: string): readonly string[] {
  return namesIn(folder, configName);
}

function namesIn(folder: string, wanted: RegExp): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => wanted.test(name))
      .toSorted();
  } catch {
    // A folder above the project may be closed to us.
    return [];
  }
}
