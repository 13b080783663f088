import { hash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** A file that was just written may be written again within the same tick of the clock: some file systems count in seconds. */
const clockTickMs = 2000;

/** A file as it is now. */
export interface FileState {
  /** Its content, and whether it can be executed, as a hash. */
  readonly content: string;
  /** Differs after every change, also after one that was undone. */
  readonly stamp: string;
}

/** States of files; each content is read once for as long as the file's stamp stays the same. */
export class FileHashes {
  private readonly root: string;
  private readonly known = new Map<string, FileState>();

  /** @param root - absolute */
  constructor(root: string) {
    this.root = root;
  }

  /**
   * How a file is now; a link that leads to nothing counts with what it says. `undefined` when there is no such file, or
   * it cannot be read.
   *
   * @param file - relative to the root
   */
  of(file: string): FileState | undefined {
    const path = join(this.root, file);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return linkState(path);
    const stamp = stampOf(stats);
    const known = this.known.get(file);
    if (known?.stamp === stamp) return known;
    try {
      const mode = (stats.mode & 0o100) === 0 ? '' : ' executable';
      const state = { content: `${hash('sha256', readFileSync(path))}${mode}`, stamp };
      // The time of a change cannot be set by anybody, as that of a modification can.
      if (Date.now() - stats.ctimeMs > clockTickMs) this.known.set(file, state);
      return state;
    } catch {
      return undefined;
    }
  }
}

/** What differs after every change of a file. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}

function linkState(path: string): FileState | undefined {
  try {
    return { content: hash('sha256', `link to ${readlinkSync(path)}`), stamp: stampOf(lstatSync(path)) };
  } catch {
    return undefined;
  }
}
