import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TreadleError } from '../contract/errors.ts';
import { isInside, projectPath } from '../files/project-path.ts';

/** What changed in a repository since some commit, with what is not committed yet. */
export type GitChanges =
  | {
      readonly kind: 'known';
      /** What it was compared with, for people: such as `origin/main (3f2a1bc)`. */
      readonly since: string;
      /** Files of the project, relative to it, with `/`. */
      readonly files: readonly string[];
      /** Files of the repository outside of the project, relative to the repository. */
      readonly elsewhere: readonly string[];
    }
  /** The history is not here. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface GitChangesOptions {
  /** The project's folder, absolute and without symbolic links. */
  readonly root: string;
  /** A branch, tag or commit. Default: where the present branch left the one that it will be merged into. */
  readonly since?: string;
  readonly env: { readonly [name: string]: string | undefined };
}

/** Where CI systems say which branch a change will be merged into; the last is GitLab's, and a commit. */
const targetBranches = ['GITHUB_BASE_REF', 'CHANGE_TARGET', 'BITBUCKET_PR_DESTINATION_BRANCH', 'SYSTEM_PULLREQUEST_TARGETBRANCH'];

/**
 * Asks git what changed.
 *
 * @throws `E_USAGE` where there is no repository, or no such commit.
 */
export async function gitChanges({ root, since, env }: GitChangesOptions): Promise<GitChanges> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', ['-C', root, ...args], { maxBuffer: 2 ** 28 });
    return stdout.trimEnd();
  };
  const ask = (...args: readonly string[]): Promise<string | undefined> => git(...args).catch(() => undefined);
  const top = await git('rev-parse', '--show-toplevel').catch((error: unknown) => {
    throw noRepository(root, error);
  });
  const isShallow = (await ask('rev-parse', '--is-shallow-repository')) === 'true';
  const unknown = (what: string): GitChanges => ({ kind: 'unknown', reason: `${what}, for this clone is shallow` });

  const wanted = since ?? (await defaultBase(env, ask));
  if (wanted === undefined) {
    if (isShallow) return unknown('there is no other commit to compare with');
    throw new TreadleError('E_USAGE', 'There is no branch to compare with.', { hint: 'Name a branch or a commit, as with --since main.' });
  }
  const commit = await ask('rev-parse', '--verify', '--quiet', '--end-of-options', `${wanted}^{commit}`);
  if (commit === undefined) {
    if (isShallow) return unknown(`"${wanted}" is not here`);
    throw new TreadleError('E_USAGE', `git knows no commit "${wanted}".`, { hint: 'Fetch it, or name another with --since.' });
  }
  const base = await ask('merge-base', commit, 'HEAD');
  if (base === undefined) {
    if (isShallow) return unknown(`the commit that "${wanted}" and this one have in common is not here`);
    throw new TreadleError('E_USAGE', `"${wanted}" and the present commit have nothing in common.`, { hint: 'Name another with --since.' });
  }
  const changed = await git('diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', base);
  const added = await git('ls-files', '--others', '--exclude-standard', '-z', '--full-name', ':/');
  const files = [...new Set([...changed.split('\0'), ...added.split('\0')])].filter((file) => file !== '').map((file) => join(top, file));
  return {
    kind: 'known',
    since: `${wanted} (${base.slice(0, 7)})`,
    files: files.filter((file) => isInside(root, file)).map((file) => projectPath(root, file)),
    elsewhere: files.filter((file) => !isInside(root, file)).map((file) => projectPath(top, file)),
  };
}

/** What a change will be merged into; after that, in CI, the commit before. */
async function defaultBase(
  env: GitChangesOptions['env'],
  ask: (...args: readonly string[]) => Promise<string | undefined>,
): Promise<string | undefined> {
  const gitLab = env['CI_MERGE_REQUEST_DIFF_BASE_SHA'];
  if (gitLab !== undefined && gitLab !== '') return gitLab;
  const target = targetBranches.map((name) => env[name]).find((value) => value !== undefined && value !== '');
  if (target !== undefined) return `origin/${target.replace(/^refs\/heads\//, '')}`;
  const head = await ask('rev-parse', 'HEAD');
  for (const branch of ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']) {
    const commit = await ask('rev-parse', '--verify', '--quiet', `${branch}^{commit}`);
    if (commit === undefined) continue;
    // What is on the main branch already has only its own last commit to answer for.
    if (commit === head && env['CI'] !== undefined) break;
    return branch;
  }
  return (await ask('rev-parse', '--verify', '--quiet', 'HEAD^')) === undefined ? undefined : 'HEAD^';
}

function noRepository(root: string, cause: unknown): TreadleError {
  const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return new TreadleError('E_USAGE', isMissing ? 'There is no git to ask what changed.' : `${root} is not in a git repository.`, {
    hint: 'Run without --affected.',
    cause,
  });
}
