import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { TreadleError } from '../contract/errors.ts';

/** Where a command is to look for the project. */
export interface ProjectLocation {
  /** Absolute. */
  readonly cwd: string;
  readonly configFile?: string;
}

/**
 * What `--cwd` and `--config` say; a relative `--config` is relative to `--cwd`.
 *
 * @throws `E_USAGE` when there is no such folder
 */
export function locateProject(flags: { readonly cwd?: string; readonly config?: string }): ProjectLocation {
  const cwd = resolve(flags.cwd ?? '.');
  if (flags.cwd !== undefined && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TreadleError('E_USAGE', `--cwd: there is no folder "${flags.cwd}".`);
  }
  return flags.config === undefined ? { cwd } : { cwd, configFile: flags.config };
}
