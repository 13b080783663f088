import { readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { watch } from 'chokidar';
import { TreadleError } from '../contract/errors.ts';
import { projectPath } from '../files/project-path.ts';
import { ChangeBatches } from './change-batches.ts';
import { gitLock } from './git-lock.ts';
import { LinkedFiles } from './linked-files.ts';
import { WatchedPaths, type Covered } from './watched-paths.ts';

/** In bytes: reading more than this for every change would take longer than a run should wait. */
const largeFile = 4 * 1024 * 1024;
/** Milliseconds without a change before a later batch is handed on. */
export const defaultQuietMs = 50;

/** What to watch, and whom to tell. */
export interface WatchOptions extends Covered {
  /** The project's folder, absolute. */
  readonly root: string;
  /** Milliseconds without a change before a later batch is handed on. Default: {@link defaultQuietMs}. */
  readonly quietMs?: number;
  /** Files that have changed, come or gone; relative to the project, with `/`. */
  readonly onChange: (files: readonly string[]) => void;
  /** From now on, changes may be missed. */
  readonly onError: (error: TreadleError) => void;
}

/** A project's files under watch. */
export interface FileWatcher {
  /** Also watch these from now on, and the `inputs` as they are now. */
  cover(covered: Covered): void;
  /** Whether a file is watched only for those who name it. @param file - relative to the project */
  isIgnored(file: string): boolean;
  /** Names in the project by which steps read a file through links. @param path - absolute */
  linkedNames(path: string): readonly string[];
  close(): Promise<void>;
}

/**
 * Watches a project. Resolves once every change from then on is told.
 *
 * @throws `E_WATCH` when the system cannot watch that many files.
 */
export async function watchFiles(options: WatchOptions): Promise<FileWatcher> {
  const { root, onChange, onError } = options;
  const paths = new WatchedPaths(root);
  paths.cover(options);
  const stamps = new Map<string, string>();
  const batches = new ChangeBatches({
    quietMs: options.quietMs ?? defaultQuietMs,
    isMoreToCome: gitLock(root),
    isUnfinished: (file) => statSync(join(root, file), { throwIfNoEntry: false })?.size === 0,
    hand: (files) => {
      const changed = files.filter((file) => stampChanged(stamps, file, join(root, file)));
      if (changed.length > 0) onChange(changed);
    },
  });
  const settings = {
    ignoreInitial: true,
    // An editor that replaces a file deletes it first: that is a change, and told as one.
    atomic: true,
    followSymlinks: false,
    ignored: (path: string, stats?: Stats) => {
      if (stats?.isSymbolicLink() === true) linked.note(path);
      return paths.skips(path, kindOf(stats));
    },
  };
  const hear = (event: string, path: string): void => {
    if (event === 'addDir' || event === 'unlinkDir') return;
    for (const name of paths.heardNames(path)) batches.add(name);
    if (event === 'add') linked.added(path);
  };
  const linked = new LinkedFiles({
    root,
    paths,
    open: (folder) => watch(folder, settings).on('all', hear),
    tell: (file) => batches.add(file),
    onError: (error) => onError(cannotWatch(root, error)),
  });
  const watcher = watch([root, ...options.also], settings);
  const add = (found: readonly string[]): void => {
    if (found.length > 0) watcher.add([...found]);
  };
  watcher.on('all', (event, path) => {
    const file = projectPath(root, path);
    if (file === '.gitignore' || file.endsWith('/.gitignore')) add(paths.reload());
    hear(event, path);
  });
  const ready = Promise.withResolvers<void>();
  let isReady = false;
  watcher.on('ready', () => ready.resolve());
  watcher.on('error', (error) => (isReady ? onError : ready.reject)(cannotWatch(root, error)));
  await ready.promise.catch(async (error: unknown) => {
    await watcher.close();
    throw error;
  });
  await linked.ready();
  isReady = true;
  return {
    cover: (covered) => {
      add(paths.cover(covered));
      linked.covered();
    },
    isIgnored: (file) => paths.isIgnored(file),
    linkedNames: (path) => paths.links.namesOf(path),
    close: async () => {
      batches.close();
      await Promise.all([watcher.close(), linked.close()]);
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
    return linkStamp(path);
  }
}

/** Of a link to a folder, and of one that leads nowhere, what counts is where it leads. */
function linkStamp(path: string): string {
  try {
    return `link to ${readlinkSync(path)}`;
  } catch {
    return 'gone';
  }
}

function kindOf(stats: Stats | undefined): 'file' | 'folder' | 'unknown' {
  if (stats === undefined || stats.isSymbolicLink()) return 'unknown';
  return stats.isDirectory() ? 'folder' : 'file';
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
