import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder at or above another that is the top of a git repository. */
export function repositoryTop(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
