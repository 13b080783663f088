import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOwnFolder, writeWhole } from '../files/own-files.ts';
import type { CacheFolder } from './cache-folder.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { ContextReads } from './records.ts';

/** What a step depended on when it last passed. */
export interface LastFingerprint {
  readonly fingerprint: Fingerprint;
  readonly context: ContextReads;
}

/** The last fingerprint of each step of a pipeline: they tell why a step has to run again. */
export class LastFingerprints {
  private readonly folder: CacheFolder;
  private readonly pipeline: string;

  constructor(folder: CacheFolder, pipeline: string) {
    this.folder = folder;
    this.pipeline = pipeline;
  }

  async get(stepId: string): Promise<LastFingerprint | undefined> {
    try {
      // Written whole, by this version: the folder's name says so.
      const { parts, context } = JSON.parse(await readFile(this.file(stepId), 'utf8')) as {
        parts: [string, string][];
        context: ContextReads;
      };
      return { fingerprint: new Map(parts), context };
    } catch {
      return undefined;
    }
  }

  async set(stepId: string, { fingerprint, context }: LastFingerprint): Promise<void> {
    await makeOwnFolder(this.folder.root, this.folder.steps);
    await writeWhole(this.file(stepId), JSON.stringify({ parts: [...fingerprint], context }));
  }

  private file(stepId: string): string {
    return join(this.folder.steps, `${hash('sha256', JSON.stringify([this.pipeline, stepId])).slice(0, 32)}.json`);
  }
}
