import { join } from 'node:path';
import type { Recall, StepInput, StepMemory, StepRecord } from '../contract/memory.ts';
import { Blobs } from './blobs.ts';
import { cacheFolder, type CacheFolder } from './cache-folder.ts';
import { FileHashes } from './file-hashes.ts';
import { describeChange, type Fingerprint, fingerprintKey, takeFingerprint } from './fingerprint.ts';
import { LastFingerprints } from './last-fingerprints.ts';
import { OutputClaims } from './output-claims.ts';
import { keepOutputs, restoreOutputs, UnkeepableOutput } from './output-files.ts';
import { changedReads, type ContextReads, readsOf, Records } from './records.ts';
import { trimCache } from './trim-cache.ts';

/** Whether earlier results are used, or only new ones are kept. */
export type CacheMode = 'use' | 'refresh';

export interface StepCacheOptions {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly pipeline: string;
  readonly mode: CacheMode;
}

/**
 * Remembers on disk what steps with `inputs` left, for as long as nothing that they depend on changes: contents of
 * their inputs and of lock files, code, options, declared environment, configuration, versions, and the context
 * values that they read.
 */
export class StepCache implements StepMemory {
  private readonly options: StepCacheOptions;
  private readonly folder: CacheFolder;
  private readonly blobs: Blobs;
  private readonly records: Records;
  private readonly last: LastFingerprints;
  private readonly hashes: FileHashes;
  /** What the steps that run now depended on when they began. */
  private readonly begun = new Map<string, Fingerprint>();
  private readonly claims: OutputClaims;
  private hasGrown = false;

  constructor(options: StepCacheOptions) {
    this.options = options;
    this.folder = cacheFolder(options.root);
    this.blobs = new Blobs(this.folder);
    this.records = new Records(this.folder, this.blobs);
    this.last = new LastFingerprints(this.folder, options.pipeline);
    this.claims = new OutputClaims(this.folder);
    this.hashes = new FileHashes(options.root);
  }

  async recall(input: StepInput): Promise<Recall | undefined> {
    const { node, code, errors } = input;
    if (node.inputs === undefined || code.kind === 'live') return undefined;
    // A step that knows of errors may act on them.
    if (errors.length > 0) return undefined;
    const fingerprint = this.fingerprint(input);
    this.begun.set(node.id, fingerprint);
    const recall = this.options.mode === 'refresh' ? { why: 'asked for' } : await this.find(input, fingerprint);
    if (recall.record === undefined && node.outputs !== undefined) this.claims.claim(node.id);
    return recall;
  }

  private async find(input: StepInput, fingerprint: Fingerprint): Promise<Recall> {
    const { node, results } = input;
    try {
      const kept = await this.records.find(fingerprintKey(fingerprint), results);
      if (kept !== undefined && (await restoreOutputs(this.options.root, kept.outputs, this.blobs, join(this.folder.all, 'drafts')))) {
        await this.passedLastWith(node.id, fingerprint, readsOf(kept.record, results));
        return { record: kept.record, why: 'nothing that it depends on has changed' };
      }
    } catch {
      // Whatever is wrong with the cache, the step can run.
    }
    return { why: await this.whyRun(input, fingerprint) };
  }

  async remember(input: StepInput, record: StepRecord): Promise<string | undefined> {
    const { id, outputs = [] } = input.node;
    const fingerprint = this.begun.get(id);
    if (fingerprint === undefined) return undefined;
    this.begun.delete(id);
    try {
      const key = fingerprintKey(fingerprint);
      // What changed while it ran may or may not have been seen by it.
      if (fingerprintKey(this.fingerprint(input)) !== key) return undefined;
      const kept = { record, outputs: await keepOutputs(this.options.root, outputs, this.blobs) };
      if (outputs.length > 0 && !this.claims.isUndisturbed(id)) return undefined;
      const context = readsOf(record, input.results);
      await this.records.add(key, context, kept);
      await this.last.set(id, { fingerprint, context });
      this.hasGrown = true;
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `What the step left is not kept for later runs: ${reason}${error instanceof UnkeepableOutput ? '; see its outputs setting' : ''}.`;
    } finally {
      this.claims.release(id);
    }
  }

  forget(stepId: string): void {
    this.begun.delete(stepId);
    this.claims.release(stepId);
  }

  async close(): Promise<void> {
    if (this.hasGrown) await trimCache(this.folder).catch(() => undefined);
  }

  private fingerprint(input: StepInput): Fingerprint {
    return takeFingerprint(input, { ...this.options, hashes: this.hashes });
  }

  /** What a step last passed with is what changes are told from. */
  private async passedLastWith(id: string, fingerprint: Fingerprint, context: ContextReads): Promise<void> {
    const last = await this.last.get(id);
    const isSame = last !== undefined && fingerprintKey(last.fingerprint) === fingerprintKey(fingerprint);
    if (!isSame || JSON.stringify(last.context) !== JSON.stringify(context)) await this.last.set(id, { fingerprint, context });
  }

  private async whyRun({ node, results }: StepInput, now: Fingerprint): Promise<string> {
    const last = await this.last.get(node.id);
    if (last === undefined) return 'has not passed yet';
    return describeChange(last.fingerprint, now) ?? changedReads(last.context, results) ?? 'what it left the last time is no longer there';
  }
}
