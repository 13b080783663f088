import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { FileHashes, type FileState, stampOf } from './file-hashes.ts';
import { listFiles } from './listed-files.ts';

/** What files were like, by path. */
export type FilesThen = ReadonlyMap<string, FileState | undefined>;

/** States of the files that patterns take in, looked up once until {@link refresh} says that they may have changed. */
export class FileStates {
  private readonly root: string;
  private readonly hashes: FileHashes;
  private readonly looked = new Map<string, FilesThen>();

  /** @param root - absolute */
  constructor(root: string) {
    this.root = root;
    this.hashes = new FileHashes(root);
  }

  /** What a step reads: the files that its `inputs` take in, links followed. */
  ofInputs(patterns: readonly string[]): FilesThen {
    const key = JSON.stringify(patterns);
    let states = this.looked.get(key);
    if (states === undefined) {
      states = new Map(listFiles(this.root, patterns, 'follow').map((file) => [file, this.hashes.of(file)]));
      this.looked.set(key, states);
    }
    return states;
  }

  /** How one file is now. */
  of(file: string): FileState | undefined {
    return this.hashes.of(file);
  }

  /** Stamps of what a step has written: the files that its `outputs` take in. Their contents are not read. */
  stampsOfOutputs(patterns: readonly string[]): ReadonlyMap<string, string> {
    return new Map(listFiles(this.root, patterns, 'list').map((file) => [file, this.stampOfOutput(file)]));
  }

  /** `''` when it is gone. */
  stampOfOutput(file: string): string {
    const stats = lstatSync(join(this.root, file), { throwIfNoEntry: false });
    return stats === undefined ? '' : stampOf(stats);
  }

  /** Files may have changed. */
  refresh(): void {
    this.looked.clear();
  }
}

/** The first file whose content is another, or that is new or gone, in words; `undefined` when there is none. */
export function changedContent(before: FilesThen, now: FilesThen): string | undefined {
  for (const [file, state] of now) {
    if (!before.has(file)) return `${file} is new`;
    if (before.get(file)?.content !== state?.content) return `${file} changed`;
  }
  for (const file of before.keys()) if (!now.has(file)) return `${file} is gone`;
  return undefined;
}

/**
 * The first file that was written between two looks, even if it is again as it was; `undefined` when there is none.
 *
 * @param isOwn - files that may have been written as long as they are as they were
 */
export function touched(before: FilesThen, now: FilesThen, isOwn: (file: string) => boolean): string | undefined {
  for (const file of new Set([...before.keys(), ...now.keys()])) {
    const [was, is] = [before.get(file), now.get(file)];
    const isSame = before.has(file) === now.has(file) && (isOwn(file) ? was?.content === is?.content : was?.stamp === is?.stamp);
    if (!isSame) return file;
  }
  return undefined;
}
