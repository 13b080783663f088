import { hash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readFile, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { listFiles } from '../files/listed-files.ts';
import { errorCode } from '../files/own-files.ts';
import { isInside } from '../files/project-path.ts';
import type { Blobs } from './blobs.ts';

/** One file that a step wrote. */
export type OutputFile =
  | { readonly path: string; readonly kind: 'file'; readonly sha256: string; readonly mode: number }
  | { readonly path: string; readonly kind: 'link'; readonly target: string };

/** So many bytes of output files are worth keeping. */
const mostBytes = 512 * 1024 * 1024;

/** Why the outputs of a step cannot be kept. */
export class UnkeepableOutput extends Error {}

/**
 * Stores the files that a step wrote.
 *
 * @throws {@link UnkeepableOutput} for links out of the project, what is no file, and for too much.
 */
export async function keepOutputs(root: string, patterns: readonly string[], blobs: Blobs): Promise<readonly OutputFile[]> {
  const kept: OutputFile[] = [];
  let bytes = 0;
  for (const path of listFiles(root, patterns, 'list')) {
    refuseOutside(root, path);
    const file = join(root, path);
    const entry = await lstat(file);
    if (entry.isSymbolicLink()) {
      const target = readlinkSync(file);
      if (!isInside(root, resolve(dirname(file), target))) throw new UnkeepableOutput(`${path} is a link out of the project`);
      kept.push({ path, kind: 'link', target });
      continue;
    }
    if (!entry.isFile()) throw new UnkeepableOutput(`${path} is neither a file nor a link`);
    bytes += entry.size;
    if (bytes > mostBytes) throw new UnkeepableOutput(`its outputs are larger than ${mostBytes / 1024 / 1024} MiB`);
    kept.push({ path, kind: 'file', sha256: await blobs.put(await readFile(file)), mode: entry.mode & 0o777 });
  }
  return kept;
}

/**
 * Puts the files that a step wrote back to where they were: all of them, or none where one is lost. Those that are
 * there as they were are left alone. Resolves to whether they are all there.
 */
export async function restoreOutputs(
  root: string,
  outputs: readonly OutputFile[],
  { blobs, draftFolder, damaged }: { readonly blobs: Blobs; readonly draftFolder: string; readonly damaged: string[] },
): Promise<boolean> {
  const missing = outputs.filter((output) => !isThere(root, output));
  if (missing.length === 0) return true;
  const drafts = await mkdirDraft(draftFolder);
  try {
    const ready: (() => Promise<void>)[] = [];
    for (const [at, output] of missing.entries()) {
      if (!isInside(root, join(root, output.path))) return false;
      if (output.kind === 'link' && !isInside(root, resolve(dirname(join(root, output.path)), output.target))) return false;
      const draft = join(drafts, String(at));
      if (output.kind === 'link') await symlink(output.target, draft);
      else {
        const content = await blobs.get(output.sha256, damaged);
        if (content === undefined) return false;
        await writeFile(draft, content);
        await chmod(draft, output.mode);
      }
      ready.push(() => place(root, draft, output.path));
    }
    for (const each of ready) await each();
    return true;
  } finally {
    await rm(drafts, { recursive: true, force: true });
  }
}

/**
 * Takes files away that a step left in another run, and folders that are empty without them. Those that were changed
 * since are somebody's, and stay.
 */
export async function removeOutputs(root: string, outputs: readonly OutputFile[]): Promise<void> {
  for (const output of outputs.filter((each) => isThere(root, each))) {
    refuseOutside(root, output.path);
    await rm(join(root, output.path), { force: true });
    for (let folder = dirname(output.path); folder !== '.'; folder = dirname(folder)) {
      const isEmpty = await rmdir(join(root, folder)).then(
        () => true,
        () => false,
      );
      if (!isEmpty) break;
    }
  }
}

async function mkdirDraft(folder: string): Promise<string> {
  const drafts = join(folder, `${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
  await mkdir(drafts, { recursive: true });
  return drafts;
}

async function place(root: string, draft: string, path: string): Promise<void> {
  const file = join(root, path);
  refuseOutside(root, path);
  await mkdir(dirname(file), { recursive: true });
  // Fails where a folder is in the way: nobody knows whose it is.
  try {
    await rename(draft, file);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    await copyFile(draft, file);
  }
}

/** A folder on the way may be a link to somewhere else. */
function refuseOutside(root: string, path: string): void {
  let folder = dirname(join(root, path));
  while (!existsSync(folder)) folder = dirname(folder);
  if (!isInside(realpathSync(root), realpathSync(folder))) {
    throw new UnkeepableOutput(`${path} is reached through a link out of the project`);
  }
}

function isThere(root: string, output: OutputFile): boolean {
  const file = join(root, output.path);
  try {
    if (output.kind === 'link') return readlinkSync(file) === output.target;
    const entry = lstatSync(file);
    return entry.isFile() && (entry.mode & 0o777) === output.mode && hash('sha256', readFileSync(file)) === output.sha256;
  } catch {
    return false;
  }
}
