import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOwnFolder, writeWhole } from '../files/own-files.ts';
import type { CacheFolder } from './cache-folder.ts';

/** Contents, each stored once under its hash. */
export class Blobs {
  private readonly folder: CacheFolder;

  constructor(folder: CacheFolder) {
    this.folder = folder;
  }

  /** Stores a content, unless it is there already. Returns its hash. */
  async put(content: Uint8Array): Promise<string> {
    const sha256 = hash('sha256', content);
    const file = this.file(sha256);
    // Whatever is used stays, when the cache gets too large.
    if (existsSync(file)) await touch(file);
    else {
      await makeOwnFolder(this.folder.root, join(this.folder.blobs, sha256.slice(0, 2)));
      await writeWhole(file, content);
    }
    return sha256;
  }

  /**
   * The content; `undefined` when it is not there, or is no longer what it was.
   *
   * @param damaged - gets the file in the latter case, which is removed
   */
  async get(sha256: string, damaged: string[]): Promise<Uint8Array | undefined> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    const file = this.file(sha256);
    const content = await readFile(file).catch(() => undefined);
    if (content === undefined) return undefined;
    if (hash('sha256', content) === sha256) return content;
    damaged.push(file);
    await rm(file, { force: true });
    return undefined;
  }

  /** Marks contents as used now. */
  async use(hashes: readonly string[]): Promise<void> {
    for (const sha256 of hashes) await touch(this.file(sha256));
  }

  private file(sha256: string): string {
    return join(this.folder.blobs, sha256.slice(0, 2), sha256);
  }
}

/** Marks a file as used now. */
export async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}
