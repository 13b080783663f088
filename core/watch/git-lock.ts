import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { repositoryTop } from '../files/repository-top.ts';

/** A lock this old was left by a git that was killed. */
const oldLockMs = 60_000;

/**
 * Tells whether git is at work on the files of a project, as when it switches branches: it holds its lock while it
 * writes them.
 *
 * @param root - the project's folder, absolute
 */
export function gitLock(root: string): () => boolean {
  const top = repositoryTop(root);
  const lock = top === undefined ? undefined : join(gitFolder(top), 'index.lock');
  return () => {
    if (lock === undefined) return false;
    const stats = statSync(lock, { throwIfNoEntry: false });
    return stats !== undefined && Date.now() - stats.mtimeMs < oldLockMs;
  };
}

/** In a worktree or a submodule, `.git` is a file that says where it is. */
function gitFolder(top: string): string {
  const place = join(top, '.git');
  try {
    return resolve(top, /^gitdir: (.*)$/m.exec(readFileSync(place, 'utf8'))?.[1] ?? '.git');
  } catch {
    return place;
  }
}
