import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CacheFolder } from './cache-folder.ts';

/** The cache may take so much, in bytes. */
export const cacheLimitBytes = 1024 * 1024 * 1024;
/** A draft this old belongs to a process that is gone, in milliseconds. */
const oldDraftMs = 60 * 60 * 1000;

interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedAt: number;
}

/** How much the cache holds. */
export async function measureCache(folder: CacheFolder): Promise<{ readonly files: number; readonly bytes: number }> {
  const files = await filesIn(folder.all);
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/**
 * Removes what was not used for longest, until the cache is within its limit, and drafts that nobody finished. What a
 * record has lost with that is a step that runs once more.
 */
export async function trimCache(folder: CacheFolder, limit: number = cacheLimitBytes): Promise<void> {
  const files = await filesIn(folder.all);
  const isDraft = ({ path, usedAt }: StoredFile): boolean => path.endsWith('.tmp') && Date.now() - usedAt > oldDraftMs;
  for (const { path } of files.filter(isDraft)) await rm(path, { force: true });
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= limit) return;
  // Well below the limit, so that the next step does not call for it again.
  for (const file of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (bytes <= limit * 0.8) return;
    await rm(file.path, { force: true });
    await rmdir(dirname(file.path)).catch(() => undefined);
    bytes -= file.bytes;
  }
}

/** Removes all of it; resolves to what there was. */
export async function cleanCache(folder: CacheFolder): Promise<{ readonly files: number; readonly bytes: number }> {
  const size = await measureCache(folder);
  await rm(dirname(folder.all), { recursive: true, force: true });
  return size;
}

async function filesIn(folder: string): Promise<readonly StoredFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const stats = await stat(path).catch(() => undefined);
        return stats === undefined ? [] : [{ path, bytes: stats.size, usedAt: stats.mtimeMs }];
      }),
  );
  return files.flat();
}
