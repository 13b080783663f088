import { join } from 'node:path';
import type { Recall, StepInput, StepMemory, StepRecord } from '../contract/memory.ts';
import type { PlanNode } from '../contract/plan.ts';
import { FileHashes } from '../files/file-hashes.ts';
import { matchesPatterns } from '../files/file-patterns.ts';
import { type FilesThen, touched } from '../files/file-states.ts';
import { listFiles } from '../files/listed-files.ts';
import { projectPath } from '../files/project-path.ts';
import { Blobs } from './blobs.ts';
import { cacheFolder, type CacheFolder } from './cache-folder.ts';
import { describeChange, describeChanges, type Fingerprint, fingerprintKey, takeFingerprint } from './fingerprint.ts';
import { type LastFingerprint, LastFingerprints } from './last-fingerprints.ts';
import { OutputClaims } from './output-claims.ts';
import { keepOutputs, type OutputFile, removeOutputs, restoreOutputs, UnkeepableOutput } from './output-files.ts';
import { changedReads, readsOf, Records } from './records.ts';
import { trimCache } from './trim-cache.ts';

/** Whether earlier results are used, or only new ones are kept. */
export type CacheMode = 'use' | 'refresh';

export interface StepCacheOptions {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly pipeline: string;
  readonly mode: CacheMode;
  /** Plans of all pipelines: files of other steps are left alone. */
  readonly plans: readonly PlanNode[];
}

/** What a step depended on at some time. */
interface Dependence {
  readonly fingerprint: Fingerprint;
  readonly files: FilesThen;
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
  private readonly begun = new Map<string, Dependence>();
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
    const now = this.dependence(input);
    this.begun.set(node.id, now);
    const recall = this.options.mode === 'refresh' ? { why: 'asked for' } : await this.find(input, now.fingerprint);
    if (recall.record === undefined && node.outputs !== undefined) this.claims.claim(node.id);
    const patterns = node.inputs.filter((pattern) => !pattern.startsWith('!'));
    if (patterns.length === 0 || now.files.size > 0 || recall.warning !== undefined) return recall;
    return { ...recall, warning: `No file matches its inputs (${patterns.join(', ')}), so a change of a file does not make it run again.` };
  }

  private async find(input: StepInput, fingerprint: Fingerprint): Promise<Recall> {
    const { node, results } = input;
    const damaged: string[] = [];
    try {
      const kept = await this.records.find(fingerprintKey(fingerprint), results, damaged);
      if (kept !== undefined && (await this.restore(node.id, kept.outputs, damaged))) {
        await this.passedLastWith(node.id, { fingerprint, context: readsOf(kept.record, results), outputs: kept.outputs });
        if (kept.isLongUnused) await this.blobs.use(kept.outputs.flatMap((output) => (output.kind === 'file' ? [output.sha256] : [])));
        return { record: kept.record, why: 'nothing that it depends on has changed' };
      }
    } catch {
      // Whatever is wrong with the cache, the step can run.
    }
    const why = await this.whyRun(input, fingerprint);
    const [file] = damaged;
    if (file === undefined) return { why };
    return {
      why,
      warning: `The cache was damaged, and what was is removed: ${projectPath(this.options.root, file)}. The step runs again.`,
    };
  }

  /** Puts the step's files where they were, and takes away what its last run left instead. */
  private async restore(id: string, outputs: readonly OutputFile[], damaged: string[]): Promise<boolean> {
    const { root } = this.options;
    if (!(await restoreOutputs(root, outputs, { blobs: this.blobs, draftFolder: join(this.folder.all, 'drafts'), damaged }))) return false;
    const present = new Set(outputs.map(({ path }) => path));
    const before = (await this.last.get(id))?.outputs ?? [];
    await removeOutputs(
      root,
      before.filter(({ path }) => !present.has(path) && !this.options.plans.some((plan) => isWrittenByOthers(path, id, plan))),
    );
    return true;
  }

  async remember(input: StepInput, record: StepRecord): Promise<string | undefined> {
    const { id, outputs = [] } = input.node;
    const begun = this.begun.get(id);
    if (begun === undefined) return undefined;
    this.begun.delete(id);
    try {
      const { fingerprint } = begun;
      const context = readsOf(record, input.results);
      // It may or may not have been seen by the step.
      const meanwhile = this.changeSince(begun, input);
      if (meanwhile !== undefined) {
        await this.last.set(id, { fingerprint, context, outputs: [], unkept: `${meanwhile} while it ran the last time` });
        return undefined;
      }
      const kept = { record, outputs: await keepOutputs(this.options.root, outputs, this.blobs) };
      if (outputs.length > 0 && !this.claims.isUndisturbed(id)) return undefined;
      await this.records.add(fingerprintKey(fingerprint), context, kept);
      await this.last.set(id, { fingerprint, context, outputs: kept.outputs });
      this.hasGrown = true;
      return outputs.length > 0 && kept.outputs.length === 0 ? `No file matches its outputs (${outputs.join(', ')}).` : undefined;
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

  private dependence(input: StepInput): Dependence {
    const { root } = this.options;
    const files = new Map(listFiles(root, input.node.inputs ?? [], 'follow').map((file) => [file, this.hashes.of(file)]));
    return { files, fingerprint: takeFingerprint(input, { ...this.options, hashes: this.hashes, files }) };
  }

  /** What changed since a step began, also where it was undone again; in words. */
  private changeSince(begun: Dependence, input: StepInput): string | undefined {
    const now = this.dependence(input);
    const [change] = describeChanges(begun.fingerprint, now.fingerprint);
    if (change !== undefined) return change;
    const file = touched(begun.files, now.files, (each) => matchesPatterns(input.node.outputs ?? [], each));
    return file === undefined ? undefined : `${file} changed`;
  }

  /** What a step last passed with is what changes are told from. */
  private async passedLastWith(id: string, now: LastFingerprint): Promise<void> {
    const last = await this.last.get(id);
    if (last === undefined || LastFingerprints.textOf(last) !== LastFingerprints.textOf(now)) await this.last.set(id, now);
  }

  private async whyRun({ node, results }: StepInput, now: Fingerprint): Promise<string> {
    const last = await this.last.get(node.id);
    if (last === undefined) return 'has not passed yet';
    const change = describeChange(last.fingerprint, now) ?? changedReads(last.context, results);
    return change ?? last.unkept ?? 'what it left the last time is no longer there';
  }
}

function isWrittenByOthers(file: string, id: string, node: PlanNode): boolean {
  if (node.kind !== 'step') return node.children.some((child) => isWrittenByOthers(file, id, child));
  return node.id !== id && matchesPatterns(node.outputs ?? [], file);
}
