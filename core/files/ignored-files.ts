import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { projectPath } from './project-path.ts';
import { repositoryTop } from './repository-top.ts';

/** Folders that never hold what a person edits. */
const always = new Set(['.git', '.hg', '.svn', '.jj', 'node_modules', '.treadle']);

/** Tells which files of a project are nobody's sources: version control's own, installed, written by Treadle, or in a .gitignore. */
export class IgnoredFiles {
  /** The repository's folder; the project's where there is none. */
  private readonly top: string;
  /** The way from there to the project. */
  private readonly way: readonly string[];
  /** The rules of each folder's .gitignore, by the folder's path. */
  private readonly rules = new Map<string, Ignore | undefined>();

  /** @param root - the project's folder, absolute */
  constructor(root: string) {
    const top = repositoryTop(root) ?? root;
    const way = top === root ? [] : projectPath(top, root).split('/');
    this.top = top;
    this.way = way;
    // Who works in an ignored folder means what is in it.
    if (way.some((_, depth) => this.isExcluded(way.slice(0, depth + 1), true))) {
      this.top = root;
      this.way = [];
      this.rules.clear();
    }
  }

  /** @param file - relative to the project, with `/`; of a folder with `/` at its end */
  has(file: string): boolean {
    const own = file.split('/').filter((part) => part !== '');
    const parts = [...this.way, ...own];
    const isFolder = file.endsWith('/');
    for (let depth = this.way.length; depth < parts.length; depth += 1) {
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
    const own = readRules(join(this.top, folder, '.gitignore'));
    // What a person keeps out of one clone only.
    const rules = folder === '' ? [readRules(join(this.top, '.git/info/exclude')), own] : [own];
    const texts = rules.filter((text) => text !== undefined);
    const made = texts.length === 0 ? undefined : ignore().add(texts.join('\n'));
    this.rules.set(folder, made);
    return made;
  }
}

function readRules(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
