import type { StepInput } from '../contract/memory.ts';
import { FileHashes } from '../files/file-hashes.ts';
import { FileStates } from '../files/file-states.ts';
import { cacheFolder } from './cache-folder.ts';
import { describeChanges, takeFingerprint } from './fingerprint.ts';
import { LastFingerprints } from './last-fingerprints.ts';

/** What a step depends on, and what of that has changed since it last passed. */
export interface StepExplanation {
  /** `uncached`: it has no `inputs`, or code that cannot be identified; `new`: it has not passed yet. */
  readonly verdict: 'uncached' | 'new' | 'changed' | 'unchanged';
  /** What changed, in words. */
  readonly changes: readonly string[];
  /** How many files its `inputs` take in. */
  readonly inputFiles: number;
  /** The keys of `results` that it read or wrote the last time. */
  readonly reads: readonly string[];
}

/** Tells why a step would run now, as far as that can be told without running what comes before it. */
export async function explainStep(
  input: Pick<StepInput, 'node' | 'code' | 'config'>,
  { root, pipeline }: { readonly root: string; readonly pipeline: string },
): Promise<StepExplanation> {
  const { node, code } = input;
  if (node.inputs === undefined || code.kind === 'live') return { verdict: 'uncached', changes: [], inputFiles: 0, reads: [] };
  const files = new FileStates(root).ofInputs(node.inputs);
  const inputFiles = files.size;
  const last = await new LastFingerprints(cacheFolder(root), pipeline).get(node.id);
  if (last === undefined) return { verdict: 'new', changes: [], inputFiles, reads: [] };
  const now = takeFingerprint(input, { root, pipeline, hashes: new FileHashes(root), files });
  const changed = describeChanges(last.fingerprint, now);
  const changes = changed.length === 0 && last.unkept !== undefined ? [last.unkept] : changed;
  return { verdict: changes.length === 0 ? 'unchanged' : 'changed', changes, inputFiles, reads: last.context.values.map(([key]) => key) };
}
