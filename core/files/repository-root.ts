import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInside } from './project-path.ts';

/** Where GitHub, GitLab, Azure and Jenkins say that they put the repository. */
const variables = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR', 'BUILD_SOURCESDIRECTORY', 'WORKSPACE'] as const;

/** The folder of the repository that a project lies in, as git knows it, else as CI says; the project's own where neither does. */
export function repositoryRoot(root: string, env: Readonly<Record<string, string | undefined>>): string {
  for (let folder = root; ; folder = dirname(folder)) {
    // A file in worktrees and submodules.
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) break;
  }
  for (const name of variables) {
    const folder = realFolder(env[name]);
    if (folder !== undefined && isInside(folder, root)) return folder;
  }
  return root;
}

function realFolder(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
