import { hash } from 'node:crypto';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface Known {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
  readonly sha256: string;
}

/** Hashes of files, each computed once for as long as the file keeps its size, time and inode. */
export class FileHashes {
  private readonly root: string;
  private readonly known = new Map<string, Known>();

  /** @param root - absolute */
  constructor(root: string) {
    this.root = root;
  }

  /**
   * The hash of a file's content, in hex; of what a link says where it leads to nothing. `undefined` when there is no
   * such file, or it cannot be read.
   *
   * @param file - relative to the root
   */
  of(file: string): string | undefined {
    const path = join(this.root, file);
    const now = statSync(path, { throwIfNoEntry: false });
    if (now === undefined) return linkHash(path);
    const known = this.known.get(file);
    if (known?.size === now.size && known.mtimeMs === now.mtimeMs && known.ino === now.ino) return known.sha256;
    try {
      const sha256 = hash('sha256', readFileSync(path));
      // A file that was just written may be written again within the same tick of the clock.
      if (Date.now() - now.mtimeMs > 50) this.known.set(file, { size: now.size, mtimeMs: now.mtimeMs, ino: now.ino, sha256 });
      return sha256;
    } catch {
      return undefined;
    }
  }
}

function linkHash(path: string): string | undefined {
  try {
    return hash('sha256', `link to ${readlinkSync(path)}`);
  } catch {
    return undefined;
  }
}
