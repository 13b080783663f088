import { dirname, join } from 'node:path';
import { matchesPatterns } from '../files/file-patterns.ts';
import { IgnoredFiles } from '../files/ignored-files.ts';
import { mayHold } from '../files/listed-files.ts';
import { projectPath } from '../files/project-path.ts';
import { InputLinks } from './input-links.ts';

/** What of a project is watched besides the files that version control does not ignore. */
export interface Covered {
  /** Files anywhere: what the pipeline file and plugins are made of. Absolute. */
  readonly also: readonly string[];
  /** The `inputs` of each step: what they name counts even if it is ignored. */
  readonly inputs: readonly (readonly string[])[];
}

/** Decides which paths are watched, and which are passed over. */
export class WatchedPaths {
  private readonly root: string;
  private readonly ignored: IgnoredFiles;
  private covered: Covered = { also: [], inputs: [] };
  private also: ReadonlySet<string> = new Set();
  /** The folders on the way to those files. */
  private above: ReadonlySet<string> = new Set();
  /** What was passed over so far. */
  private readonly skipped = new Set<string>();
  /** Links by which steps read. */
  readonly links: InputLinks;

  /** @param root - absolute, without links */
  constructor(root: string) {
    this.root = root;
    this.ignored = new IgnoredFiles(root);
    this.links = new InputLinks(root);
  }

  /**
   * Whether a path is passed over; a folder with all that is in it.
   *
   * @param kind - 'unknown' also for a link: it may lead to either
   */
  skips(path: string, kind: 'file' | 'folder' | 'unknown'): boolean {
    if (path === this.root || this.also.has(path) || this.above.has(path) || this.links.leadTo(path)) return false;
    const skips = (kind === 'folder' || this.isNobodys(path, false)) && (kind === 'file' || this.isNobodys(path, true));
    if (skips) this.skipped.add(path);
    return skips;
  }

  /** The names by which a change of a file counts: none if it does not. It may have been ignored since it is watched. */
  heardNames(path: string): readonly string[] {
    const linked = this.links.namesOf(path).filter((name) => this.isInput(name));
    return this.also.has(path) || !this.isNobodys(path, false, false) ? [projectPath(this.root, path), ...linked] : linked;
  }

  get inputs(): readonly (readonly string[])[] {
    return this.covered.inputs;
  }

  /** Whether a file counts for those only who name it. @param file - relative to the project */
  isIgnored(file: string): boolean {
    return !this.also.has(join(this.root, file)) && this.ignored.has(file);
  }

  /** Returns what has to be watched from now on, too. Files that were covered before stay so. */
  cover({ also, inputs }: Covered): readonly string[] {
    const fresh = also.filter((file) => !this.also.has(file));
    const before = this.covered.inputs;
    this.covered = { also: [...this.also, ...fresh], inputs };
    this.also = new Set(this.covered.also);
    this.above = new Set(this.covered.also.flatMap(foldersAbove));
    if (JSON.stringify(before) === JSON.stringify(inputs) && fresh.length === 0) return [];
    this.links.follow(inputs);
    return [...fresh, ...this.noLongerSkipped()];
  }

  /** A .gitignore has changed. Returns what has to be watched from now on, too. */
  reload(): readonly string[] {
    this.ignored.reload();
    return this.noLongerSkipped();
  }

  private noLongerSkipped(): readonly string[] {
    const found = [...this.skipped].filter((path) => this.also.has(path) || this.above.has(path) || !this.isNobodys(path, true));
    for (const path of found) this.skipped.delete(path);
    return found;
  }

  private isNobodys(path: string, isFolder: boolean, byLinks = true): boolean {
    const file = projectPath(this.root, path);
    if (!file.startsWith('../') && (!this.ignored.has(isFolder ? `${file}/` : file) || this.isInput(file, isFolder))) return false;
    return !byLinks || !this.links.namesOf(path).some((name) => this.isInput(name, isFolder));
  }

  /** Whether some step's `inputs` take in a file, or may take in something in a folder. */
  isInput(file: string, isFolder = false): boolean {
    const folder = isFolder ? file : file.replace(/(?:^|\/)[^/]*$/, '');
    return this.covered.inputs.some((patterns) => mayHold(patterns, folder) && (isFolder || matchesPatterns(patterns, file)));
  }
}

function foldersAbove(file: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) folders.push(folder);
  return folders;
}
