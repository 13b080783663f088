import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findConfig } from '../config/find-config.ts';
import { isTreadleError, TreadleError } from '../contract/errors.ts';

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

/** The pipeline file, or nothing for a project that has none yet; one that `--config` names must exist. */
export function configOf({ cwd, configFile }: ProjectLocation): string | undefined {
  try {
    return findConfig(cwd, configFile);
  } catch (error) {
    if (configFile === undefined && isTreadleError(error) && error.code === 'E_CONFIG_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The project's folder as far as it can be told: for showing what went wrong, so it must not fail itself. */
export function likelyRoot(flags: { readonly cwd?: string; readonly config?: string }): string {
  try {
    const location = locateProject(flags);
    const config = configOf(location);
    return config === undefined ? location.cwd : dirname(config);
  } catch {
    return process.cwd();
  }
}
