import { basename, dirname, join, sep } from 'node:path';
import type { ProjectRecord } from '../store/records.ts';

/** What is known of a project when files change. Paths are absolute. */
export interface KnownProject {
  readonly configFile: string;
  /** Folder of the pipeline file. */
  readonly folder: string;
  /** Files that the project was made of when it was last loaded. */
  readonly sources: ReadonlySet<string>;
  readonly record: Pick<ProjectRecord, 'problem' | 'plugins'> | undefined;
}

/** What package managers write when they have installed something. */
const installed = new Set(['package.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']);
const foreign = /[\\/](?:node_modules|\.treadle|\.git)(?:[\\/]|$)/;

/**
 * Whether a project is to be loaded again after some files have changed. `if-stale`: the engine looks whether one of its files is
 * really another; `surely`: something that it has not seen yet may be part of it now.
 */
export function reloadAfter(files: readonly string[], project: KnownProject): 'no' | 'if-stale' | 'surely' {
  const { configFile, sources } = project;
  const own = files.filter((file) => !foreign.test(file) || sources.has(file));
  if (own.some((file) => mayBeNew(file, project))) return 'surely';
  return own.some((file) => file === configFile || sources.has(file)) ? 'if-stale' : 'no';
}

function mayBeNew(file: string, { configFile, folder, sources, record }: KnownProject): boolean {
  if (file === configFile || sources.has(file)) return false;
  switch (record?.problem?.kind) {
    case undefined:
      return pluginFolders(folder, record).some((plugins) => file.startsWith(plugins + sep));
    case 'config':
      // The file that was missing, perhaps.
      return file.startsWith(folder + sep);
    case 'no-treadle':
    case 'version':
    case 'engine':
      return installed.has(basename(file)) && (folder + sep).startsWith(dirname(file) + sep);
    default:
      return false;
  }
}

function pluginFolders(folder: string, record: KnownProject['record']): readonly string[] {
  const folders = new Set([join(folder, 'plugins')]);
  for (const { file } of record?.plugins ?? []) {
    const own = file === undefined ? folder : dirname(file);
    if (own.startsWith(folder + sep)) folders.add(own);
  }
  return [...folders];
}
