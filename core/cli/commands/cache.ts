import { dirname } from 'node:path';
import { cacheFolder, type CacheFolder } from '../../cache/cache-folder.ts';
import { cacheLimitBytes, cleanCache, measureCache } from '../../cache/trim-cache.ts';
import { findConfig } from '../../config/find-config.ts';
import type { ExitCode } from '../../contract/errors.ts';
import type { Console } from '../console.ts';
import type { GlobalFlags } from '../flags.ts';
import { locateProject } from '../project-location.ts';

/** `treadle cache`: where it is, and how much there is. */
export async function showCache(flags: GlobalFlags, console: Console): Promise<ExitCode> {
  const folder = folderOf(flags);
  const { files, bytes } = await measureCache(folder);
  console.out.write(`${dirname(folder.all)}\n${described(files, bytes)} of at most ${inUnits(cacheLimitBytes)}\n`);
  return 0;
}

/** `treadle cache clean`: every step runs in the next run. */
export async function emptyCache(flags: GlobalFlags, console: Console): Promise<ExitCode> {
  const { files, bytes } = await cleanCache(folderOf(flags));
  console.out.write(files === 0 ? 'The cache was empty already.\n' : `Removed ${described(files, bytes)}.\n`);
  return 0;
}

function folderOf(flags: GlobalFlags): CacheFolder {
  const { cwd, configFile } = locateProject(flags);
  return cacheFolder(dirname(findConfig(cwd, configFile)));
}

function described(files: number, bytes: number): string {
  return `${files === 1 ? '1 file' : `${files} files`}, ${inUnits(bytes)}`;
}

function inUnits(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
