import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StepCode } from '../contract/executor.ts';
import type { StepInput } from '../contract/memory.ts';
import type { Segment } from '../contract/snapshot.ts';
import type { FileHashes } from '../files/file-hashes.ts';
import type { FilesThen } from '../files/file-states.ts';
import { installedPackages, lockFiles } from '../files/lock-files.ts';
import { projectPath } from '../files/project-path.ts';
import { ownModules } from '../plugins/own-modules.ts';

/**
 * All that a step's work depends on, apart from the results that it reads: the name of each part, such as
 * `file src/cart.ts`, and its hash.
 */
export type Fingerprint = ReadonlyMap<string, string>;

/** One hash for all of it. */
export function fingerprintKey(fingerprint: Fingerprint): string {
  return hash('sha256', JSON.stringify([...fingerprint]));
}

export interface FingerprintSurroundings {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly pipeline: string;
  readonly hashes: FileHashes;
  /** What the step's `inputs` take in now. */
  readonly files: FilesThen;
}

/** What a step depends on now. Only of steps that have `inputs`, and whose code can travel. */
export function takeFingerprint(
  input: Omit<StepInput, 'results' | 'errors'>,
  { root, pipeline, hashes, files }: FingerprintSurroundings,
): Fingerprint {
  const { node, code, config, env = {} } = input;
  const parts = new Map<string, string>([
    ['step', JSON.stringify([pipeline, node.id])],
    ['Treadle', ownModules().version],
    ['Node.js', process.version],
    ['platform', `${process.platform} ${process.arch}`],
    ['code', codeHash(code)],
    ['options', code.kind === 'plugin' ? segmentHash(code.options) : ''],
    ['config', segmentHash(config)],
    ['inputs', JSON.stringify(node.inputs ?? [])],
    ['outputs', JSON.stringify(node.outputs ?? [])],
  ]);
  const variables = Object.entries({ ...env, ...node.env });
  for (const [name, value] of variables.toSorted()) parts.set(`variable ${name}`, hash('sha256', value));
  for (const file of packageFilesOf(root)) parts.set(`file ${file}`, hashes.of(file)?.content ?? '');
  for (const [file, state] of files) parts.set(`file ${file}`, state?.content ?? '');
  return parts;
}

/** What is different, in a few words; `undefined` when nothing is. */
export function describeChange(before: Fingerprint, now: Fingerprint): string | undefined {
  const [first, ...more] = describeChanges(before, now);
  return first === undefined || more.length === 0
    ? first
    : `${first}, and ${more.length === 1 ? 'one thing' : `${more.length} things`} more`;
}

/** Each difference in words. */
export function describeChanges(before: Fingerprint, now: Fingerprint): readonly string[] {
  return [...new Set([...now.keys(), ...before.keys()])]
    .filter((part) => before.get(part) !== now.get(part))
    .map((part) => describePart(part, before.has(part), now.has(part)));
}

function describePart(part: string, wasThere: boolean, isThere: boolean): string {
  const what = !wasThere ? 'is new' : isThere ? 'changed' : 'is gone';
  const kind = part.slice(0, part.indexOf(' '));
  const name = part.slice(part.indexOf(' ') + 1);
  if (kind === 'file') return `${name} ${what}`;
  if (kind === 'variable') return `the environment variable ${name} ${what}`;
  return (
    {
      step: 'it is another step',
      code: "the step's code changed",
      options: 'its options changed',
      config: "the pipeline's config changed",
      inputs: 'its inputs setting changed',
      outputs: 'its outputs setting changed',
      Treadle: "Treadle's version changed",
      'Node.js': "Node's version changed",
      platform: 'it is another kind of machine',
    }[part] ?? `${part} changed`
  );
}

const segmentHashes = new WeakMap<Segment, string>();

/** The hash of an encoded value; large ones are hashed once. */
export function segmentHash(segment: Segment): string {
  if (segment.encoding === 'json') return hash('sha256', `json ${segment.text}`);
  let known = segmentHashes.get(segment);
  if (known === undefined) {
    known = `${segment.encoding} ${hash('sha256', Buffer.from(segment.bytes))}`;
    segmentHashes.set(segment, known);
  }
  return known;
}

/** Compiled modules have the hash of all their sources in their name. */
function codeHash(code: StepCode): string {
  if (code.kind === 'live') return '';
  const name = basename(fileURLToPath(code.module.replace(/#.*$/, ''))) + code.module.replace(/^[^#]*/, '');
  const plugin = code.kind === 'pipeline-step' && code.plugin !== undefined ? basename(code.plugin) : '';
  return hash('sha256', JSON.stringify([code.kind, name, code.kind === 'plugin' ? '' : code.pipeline, plugin]));
}

/** Found in this turn of the event loop: the steps of a group are looked at in one. */
const foundNow = new Map<string, readonly string[]>();

function packageFilesOf(root: string): readonly string[] {
  const known = foundNow.get(root);
  if (known !== undefined) return known;
  const found = findPackageFiles(root);
  foundNow.set(root, found);
  setImmediate(() => foundNow.clear());
  return found;
}

/**
 * Lock files in the project's folder and, in a monorepo, above it, up to the repository's root; and what package
 * managers note of what they installed, which may not be what the lock file says.
 */
function findPackageFiles(root: string): readonly string[] {
  const names = [...lockFiles, ...installedPackages];
  const found: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    found.push(...names.map((name) => join(folder, name)).filter((file) => existsSync(file)));
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) return found.map((file) => projectPath(root, file));
  }
}
