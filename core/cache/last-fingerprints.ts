import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOwnFolder, writeWhole } from '../files/own-files.ts';
import type { CacheFolder } from './cache-folder.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { OutputFile } from './output-files.ts';
import type { ContextReads } from './records.ts';

/** What a step depended on when it last passed. */
export interface LastFingerprint {
  readonly fingerprint: Fingerprint;
  readonly context: ContextReads;
  /** The files that it left then. */
  readonly outputs: readonly OutputFile[];
  /** Why nothing of that could be kept: such as `src/cart.ts changed while it ran the last time`. */
  readonly unkept?: string;
}

/** The last fingerprint of each step of a pipeline: they tell why a step has to run again. */
export class LastFingerprints {
  private readonly folder: CacheFolder;
  private readonly pipeline: string;

  constructor(folder: CacheFolder, pipeline: string) {
    this.folder = folder;
    this.pipeline = pipeline;
  }

  /** Two of them are the same when their texts are. */
  static textOf({ fingerprint, ...rest }: LastFingerprint): string {
    return JSON.stringify({ parts: [...fingerprint], ...rest });
  }

  async get(stepId: string): Promise<LastFingerprint | undefined> {
    try {
      // Written whole, by this version: the folder's name says so.
      const { parts, ...rest } = JSON.parse(await readFile(this.file(stepId), 'utf8')) as Omit<LastFingerprint, 'fingerprint'> & {
        readonly parts: readonly (readonly [string, string])[];
      };
      return { fingerprint: new Map(parts), ...rest };
    } catch {
      return undefined;
    }
  }

  async set(stepId: string, last: LastFingerprint): Promise<void> {
    await makeOwnFolder(this.folder.root, this.folder.steps);
    await writeWhole(this.file(stepId), LastFingerprints.textOf(last));
  }

  private file(stepId: string): string {
    return join(this.folder.steps, `${hash('sha256', JSON.stringify([this.pipeline, stepId])).slice(0, 32)}.json`);
  }
}
