import { readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { crc32 } from 'node:zlib';
import { watch } from 'chokidar';
import { TreadleError } from '../contract/errors.ts';
import { ChangeBatches } from './change-batches.ts';
import { IgnoredFiles } from '../files/ignored-files.ts';

/** In bytes: reading more than this for every change would take longer than a run should wait. */
const largeFile = 4 * 1024 * 1024;

/** What to watch, and whom to tell. */
export interface WatchOptions {
  /** The project's folder, absolute. */
  readonly root: string;
  /** Files outside it, or ignored in it, that count all the same: what the pipeline file imports. Absolute. */
  readonly also: readonly string[];
  /** Milliseconds without a change before a later batch is handed on. Default: 50. */
  readonly quietMs?: number;
  /** Files that have changed, come or gone; relative to the project, with `/`. */
  readonly onChange: (files: readonly string[]) => void;
}

/** A project's files under watch. */
export interface FileWatcher {
  /** Also watch these from now on. */
  watchAlso(files: readonly string[]): void;
  close(): Promise<void>;
}

/**
 * Watches a project. Resolves once every change from then on is told.
 *
 * @throws `E_WATCH` when the system cannot watch that many files.
 */
export async function watchFiles(options: WatchOptions): Promise<FileWatcher> {
  const { root } = options;
  const ignored = new IgnoredFiles(root);
  const also = new Set(options.also);
  const shown = (path: string): string => relative(root, path).split(sep).join('/');
  const stamps = new Map<string, string>();
  const batches = new ChangeBatches(options.quietMs ?? 50, (files) => {
    const changed = files.filter((file) => stampChanged(stamps, file, join(root, file)));
    if (changed.length > 0) options.onChange(changed);
  });
  const watcher = watch([root, ...also], {
    ignoreInitial: true,
    // An editor that replaces a file deletes it first: that is a change, and told as one.
    atomic: true,
    followSymlinks: false,
    ignored: (path, stats) => {
      if (path === root || also.has(path)) return false;
      const file = shown(path);
      if (file.startsWith('../')) return !isAbove(path, also);
      return ignored.has(stats?.isDirectory() === true ? `${file}/` : file) && !isAbove(path, also);
    },
  });
  watcher.on('all', (event, path) => {
    if (event === 'addDir' || event === 'unlinkDir') return;
    const file = shown(path);
    if (file === '.gitignore' || file.endsWith('/.gitignore')) ignored.reload();
    batches.add(file);
  });
  const ready = Promise.withResolvers<void>();
  watcher.on('ready', () => ready.resolve());
  watcher.on('error', (error) => ready.reject(cannotWatch(root, error)));
  await ready.promise.catch(async (error: unknown) => {
    await watcher.close();
    throw error;
  });
  return {
    watchAlso: (files) => {
      const fresh = files.filter((file) => !also.has(file));
      for (const file of fresh) also.add(file);
      if (fresh.length > 0) watcher.add(fresh);
    },
    close: async () => {
      batches.close();
      await watcher.close();
    },
  };
}

/**
 * One save may be told more than once, and a step may write what was there already: it counts when the content is not
 * what it was the last time. Of large files, size and time have to do.
 */
function stampChanged(stamps: Map<string, string>, file: string, path: string): boolean {
  const stamp = stampOf(path);
  const changed = stamps.get(file) !== stamp;
  stamps.set(file, stamp);
  return changed;
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, size } = statSync(path);
    return size > largeFile ? `${size} ${mtimeMs}` : `${size} ${crc32(readFileSync(path))}`;
  } catch {
    return 'gone';
  }
}

/** Whether a folder leads to one of the files. */
function isAbove(folder: string, files: ReadonlySet<string>): boolean {
  for (const file of files) if (file.startsWith(`${folder}${sep}`)) return true;
  return false;
}

function cannotWatch(root: string, cause: unknown): TreadleError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return new TreadleError('E_WATCH', `The files in ${root} cannot be watched: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
    ...(code === 'ENOSPC' || code === 'EMFILE'
      ? { hint: 'The system limits how many files may be watched: raise fs.inotify.max_user_watches, or add large folders to .gitignore.' }
      : {}),
  });
}
