import { join } from 'node:path';
import { ownFolder } from '../files/own-files.ts';

/** Where the cache of a project is, and each kind of thing in it. */
export interface CacheFolder {
  readonly root: string;
  /** Raise the number when the format of anything in it changes. */
  readonly all: string;
  /** Files by the hash of their content. */
  readonly blobs: string;
  /** What steps left, by the key of their fingerprint. */
  readonly records: string;
  /** The last fingerprint of each step. */
  readonly steps: string;
  /** Which processes write the outputs of which steps now. */
  readonly claims: string;
}

/** @param root - the project's folder, absolute */
export function cacheFolder(root: string): CacheFolder {
  const all = join(ownFolder(root), 'cache', 'v2');
  return { root, all, blobs: join(all, 'blobs'), records: join(all, 'records'), steps: join(all, 'steps'), claims: join(all, 'claims') };
}
