import { hash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lookup, snapshotKeys } from '../context/snapshot.ts';
import type { StepRecord, StepRemark } from '../contract/memory.ts';
import type { Change, Segment, Snapshot } from '../contract/snapshot.ts';
import { makeOwnFolder, writeWhole } from '../files/own-files.ts';
import { type Blobs, touch } from './blobs.ts';
import type { CacheFolder } from './cache-folder.ts';
import { segmentHash } from './fingerprint.ts';
import type { OutputFile } from './output-files.ts';

/** What of the context a step looked at: keys with the hash of their value then, `null` where there was none. */
export interface ContextReads {
  readonly values: readonly (readonly [key: string, sha256: string | null])[];
  /** The keys that there were, when the step could tell. */
  readonly keys?: readonly string[];
}

/** A record with the files that belong to it. */
export interface KeptStep {
  readonly record: StepRecord;
  readonly outputs: readonly OutputFile[];
}

/** A record that was found. */
export interface FoundStep extends KeptStep {
  /** What belongs to it has to be marked as used, or it may be the first to go. */
  readonly isLongUnused: boolean;
}

/** In milliseconds; marking contents with every use would cost more than it tells. */
const longUnused = 60 * 60 * 1000;

type StoredSegment = { readonly text: string } | { readonly encoding: 'json-bytes' | 'v8'; readonly sha256: string };
type StoredChange =
  { readonly kind: 'delete'; readonly stepId: string } | { readonly kind: 'set'; readonly stepId: string; readonly segment: StoredSegment };
type StoredRemark =
  Exclude<StepRemark, { type: 'attachment' }> | { readonly type: 'attachment'; readonly name: string; readonly sha256: string };

/** A record as it is written. */
interface StoredStep {
  readonly context: ContextReads;
  readonly changes: readonly (readonly [key: string, StoredChange])[];
  readonly looked: boolean;
  readonly said: readonly StoredRemark[];
  readonly durationMs: number;
  readonly outputs: readonly OutputFile[];
}

/** What a step read of its results. */
export function readsOf({ patch }: StepRecord, results: Snapshot): ContextReads {
  const values = patch.reads.map((key) => {
    const segment = lookup(results, key);
    return [key, segment === undefined ? null : segmentHash(segment)] as const;
  });
  return { values, ...(patch.looked === true ? { keys: snapshotKeys(results) } : {}) };
}

/** What a step read is different now, in words; `undefined` when nothing is. */
export function changedReads({ values, keys }: ContextReads, results: Snapshot): string | undefined {
  for (const [key, before] of values) {
    const segment = lookup(results, key);
    if ((segment === undefined ? null : segmentHash(segment)) !== before) return `results.${key} changed`;
  }
  if (keys === undefined) return undefined;
  const present = snapshotKeys(results);
  return present.length === keys.length && present.every((key, at) => key === keys[at]) ? undefined : 'the results have other keys';
}

/** Records of steps that passed: for each fingerprint one for each set of context values that they were seen with. */
export class Records {
  private readonly folder: CacheFolder;
  private readonly blobs: Blobs;

  constructor(folder: CacheFolder, blobs: Blobs) {
    this.folder = folder;
    this.blobs = blobs;
  }

  /**
   * The record for a fingerprint and these results.
   *
   * @param damaged - gets the files that were no longer what they were, and are removed
   */
  async find(key: string, results: Snapshot, damaged: string[]): Promise<FoundStep | undefined> {
    const folder = join(this.folder.records, key);
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.endsWith('.json')) continue;
      const file = join(folder, name);
      const stored = await readChecked(file, damaged);
      if (stored === undefined || changedReads(stored.context, results) !== undefined) continue;
      const kept = await this.revive(stored, damaged);
      if (kept === undefined) await rm(file, { force: true });
      else {
        const { mtimeMs } = await stat(file);
        await touch(file);
        return { ...kept, isLongUnused: Date.now() - mtimeMs > longUnused };
      }
    }
    return undefined;
  }

  async add(key: string, context: ContextReads, { record, outputs }: KeptStep): Promise<void> {
    const stored: StoredStep = {
      context,
      changes: await Promise.all([...record.patch.changes].map(async ([name, change]) => [name, await this.storeChange(change)] as const)),
      looked: record.patch.looked === true,
      said: await Promise.all(record.said.map((remark) => this.storeRemark(remark))),
      durationMs: record.durationMs,
      outputs,
    };
    const folder = join(this.folder.records, key);
    await makeOwnFolder(this.folder.root, folder);
    const text = JSON.stringify(stored);
    await writeWhole(join(folder, `${hash('sha256', JSON.stringify(context)).slice(0, 32)}.json`), `${hash('sha256', text)}\n${text}`);
  }

  private async storeChange(change: Change): Promise<StoredChange> {
    if (change.kind === 'delete') return change;
    const { segment, stepId } = change;
    if (segment.encoding === 'json') return { kind: 'set', stepId, segment: { text: segment.text } };
    const sha256 = await this.blobs.put(Buffer.from(segment.bytes));
    return { kind: 'set', stepId, segment: { encoding: segment.encoding, sha256 } };
  }

  private async storeRemark(remark: StepRemark): Promise<StoredRemark> {
    if (remark.type !== 'attachment') return remark;
    return { type: 'attachment', name: remark.name, sha256: await this.blobs.put(Buffer.from(remark.content)) };
  }

  /** `undefined` when a part of it is lost. */
  private async revive(
    { context, changes, looked, said, durationMs, outputs }: StoredStep,
    damaged: string[],
  ): Promise<KeptStep | undefined> {
    const revived = new Map<string, Change>();
    for (const [key, stored] of changes) {
      const change = stored.kind === 'delete' ? stored : await this.reviveChange(stored, damaged);
      if (change === undefined) return undefined;
      revived.set(key, change);
    }
    const remarks: StepRemark[] = [];
    for (const remark of said) {
      if (remark.type !== 'attachment') {
        remarks.push(remark);
        continue;
      }
      const content = await this.blobs.get(remark.sha256, damaged);
      if (content === undefined) return undefined;
      remarks.push({ type: 'attachment', name: remark.name, content });
    }
    const patch = { changes: revived, reads: context.values.map(([key]) => key), ...(looked ? { looked } : {}) };
    return { record: { patch, said: remarks, durationMs }, outputs };
  }

  private async reviveChange({ stepId, segment }: StoredChange & { readonly kind: 'set' }, damaged: string[]): Promise<Change | undefined> {
    if ('text' in segment) return { kind: 'set', stepId, segment: { encoding: 'json', text: segment.text } };
    const content = await this.blobs.get(segment.sha256, damaged);
    if (content === undefined) return undefined;
    const bytes = new SharedArrayBuffer(content.byteLength);
    new Uint8Array(bytes).set(content);
    const revived: Segment = { encoding: segment.encoding, bytes };
    return { kind: 'set', stepId, segment: revived };
  }
}

/** A record that is whole; one that is not is removed. */
async function readChecked(file: string, damaged: string[]): Promise<StoredStep | undefined> {
  const content = await readFile(file, 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  const end = content.indexOf('\n');
  const text = content.slice(end + 1);
  if (hash('sha256', text) === content.slice(0, end)) {
    // Written by this very version, as the folder's name says, and whole, as the hash says.
    return JSON.parse(text) as StoredStep;
  }
  damaged.push(file);
  await rm(file, { force: true });
  return undefined;
}
