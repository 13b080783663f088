import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import picomatch from 'picomatch';
import { matchesPatterns, plainPattern } from './file-patterns.ts';

/** Folders that patterns reach only when they name them. */
const passedOver = ['node_modules', '.git', '.treadle'];

/**
 * Whether files that patterns take in may lie in a folder, or below it.
 *
 * @param folder - relative to the project, with `/`; `''` for the project's own
 */
export function mayHold(patterns: readonly string[], folder: string): boolean {
  return patterns.some((pattern) => {
    if (pattern.startsWith('!')) return false;
    const plain = plainPattern(pattern);
    const named = plain.split('/');
    if (folder.split('/').some((name) => passedOver.includes(name) && !named.includes(name))) return false;
    const base = plainPattern(picomatch.scan(plain).base);
    return isWithin(base, folder) || isWithin(folder, base);
  });
}

/** Whether two lists of patterns may take in the same file, going by the folders that they are about. */
export function patternsMeet(left: readonly string[], right: readonly string[]): boolean {
  const bases = (patterns: readonly string[], others: readonly string[]): readonly string[] => {
    const excluded = others.flatMap((other) => (other.startsWith('!') ? [other.slice(1)] : []));
    return patterns.flatMap((pattern) => {
      if (pattern.startsWith('!')) return [];
      const base = plainPattern(picomatch.scan(plainPattern(pattern)).base);
      return base !== '' && matchesPatterns(excluded, base) ? [] : [base];
    });
  };
  const others = bases(right, left);
  return bases(left, right).some((one) => others.some((other) => isWithin(one, other) || isWithin(other, one)));
}

function isWithin(folder: string, path: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** What becomes of symbolic links: what they lead to is read, or they are listed as what they are. */
export type LinkTreatment = 'follow' | 'list';

/**
 * The files of a project that patterns take in, sorted, relative to it, with `/`.
 *
 * @param root - absolute
 * @example listFiles(root, ['src/**', '!src/generated'], 'follow')
 */
export function listFiles(root: string, patterns: readonly string[], links: LinkTreatment): readonly string[] {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(plainPattern);
  const named = new Set(wanted.flatMap((pattern) => pattern.split('/')));
  const skipped = new Set(passedOver.filter((folder) => !named.has(folder)));
  const found = new Set<string>();
  const take = (file: string): void => {
    if (matchesPatterns(patterns, file)) found.add(file);
  };
  for (const start of outermost(wanted.map((pattern) => startOf(root, pattern)))) {
    const entry = statSync(join(root, start), { throwIfNoEntry: false });
    if (entry?.isDirectory() === true) walk({ root, skipped, links, take }, start, new Set());
    else if (entry !== undefined) take(start);
  }
  return [...found].toSorted();
}

interface Walk {
  readonly root: string;
  readonly skipped: ReadonlySet<string>;
  readonly links: LinkTreatment;
  readonly take: (file: string) => void;
}

/** @param above - real paths of the folders that led here, for links that make a circle */
function walk(walking: Walk, folder: string, above: ReadonlySet<string>): void {
  for (const entry of entriesOf(join(walking.root, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!walking.skipped.has(entry.name)) walk(walking, path, above);
    } else if (entry.isSymbolicLink() && walking.links === 'follow') followLink(walking, path, above);
    else walking.take(path);
  }
}

function followLink(walking: Walk, path: string, above: ReadonlySet<string>): void {
  const full = join(walking.root, path);
  const target = statSync(full, { throwIfNoEntry: false });
  if (target?.isDirectory() !== true) return walking.take(path);
  if (walking.skipped.has(basename(path))) return;
  const real = realpathSync(full);
  const here = new Set([...above, realpathSync(dirname(full))]);
  if ([...here].some((folder) => folder === real || folder.startsWith(`${real}/`))) return;
  walk(walking, path, new Set([...here, real]));
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Gone, or not ours to read.
    return [];
  }
}

/** The folder, or file, below which everything that a pattern takes in lies. */
function startOf(root: string, pattern: string): string {
  if (existsSync(join(root, pattern))) return pattern;
  return plainPattern(picomatch.scan(pattern).base);
}

function outermost(starts: readonly string[]): readonly string[] {
  const all = [...new Set(starts)];
  return all.filter((start) => !all.some((other) => other !== start && (other === '' || start.startsWith(`${other}/`))));
}
