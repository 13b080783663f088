import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Folders that never hold what a person edits. */
const always = new Set(['.git', '.hg', '.svn', '.jj', 'node_modules', '.treadle']);

/** Tells which files of a project are nobody's sources: version control's own, installed, written by Treadle, or in a .gitignore. */
export class IgnoredFiles {
  private readonly root: string;
  /** The rules of each folder's .gitignore, by the folder's path. */
  private readonly rules = new Map<string, Ignore | undefined>();

  /** @param root - absolute */
  constructor(root: string) {
    this.root = root;
  }

  /** @param file - relative to the project, with `/`; of a folder with `/` at its end */
  has(file: string): boolean {
    const parts = file.split('/').filter((part) => part !== '');
    const isFolder = file.endsWith('/');
    for (let depth = 0; depth < parts.length; depth += 1) {
      const name = parts[depth] ?? '';
      if (always.has(name)) return true;
      // As in git, what lies in an ignored folder is ignored, whatever is said of it.
      if (this.isExcluded(parts.slice(0, depth + 1), depth < parts.length - 1 || isFolder)) return true;
    }
    return false;
  }

  /** A .gitignore was changed. */
  reload(): void {
    this.rules.clear();
  }

  private isExcluded(parts: readonly string[], isFolder: boolean): boolean {
    let excluded = false;
    for (let depth = 0; depth < parts.length; depth += 1) {
      const below = `${parts.slice(depth).join('/')}${isFolder ? '/' : ''}`;
      const answer = this.rulesOf(parts.slice(0, depth).join('/'))?.test(below);
      if (answer?.ignored === true) excluded = true;
      else if (answer?.unignored === true) excluded = false;
    }
    return excluded;
  }

  private rulesOf(folder: string): Ignore | undefined {
    if (this.rules.has(folder)) return this.rules.get(folder);
    const rules = readRules(join(this.root, folder, '.gitignore'));
    this.rules.set(folder, rules);
    return rules;
  }
}

function readRules(file: string): Ignore | undefined {
  try {
    return ignore().add(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
