import picomatch from 'picomatch';

/** Each pattern is read once: a watched project asks about every file for every step. */
const matchers = new Map<string, (file: string) => boolean>();

/**
 * Whether patterns, such as a step's `inputs`, take in a file. As in .gitignore the last pattern that fits decides, `!`
 * takes a file out again, and the name of a folder stands for all that is in it.
 *
 * @param file - relative to the project, with `/`
 * @example matchesPatterns(['src/**', '!src/generated'], 'src/generated/api.ts') // false
 */
export function matchesPatterns(patterns: readonly string[], file: string): boolean {
  let matches = false;
  for (const pattern of patterns) {
    const excludes = pattern.startsWith('!');
    if (matches === excludes && matcherOf(plainPattern(excludes ? pattern.slice(1) : pattern))(file)) matches = !excludes;
  }
  return matches;
}

/** A pattern without what makes no difference: `./` before it, `/` after it. The project itself is `''`. */
export function plainPattern(pattern: string): string {
  const plain = pattern.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  return plain === '.' ? '' : plain;
}

function matcherOf(plain: string): (file: string) => boolean {
  let matcher = matchers.get(plain);
  if (matcher === undefined) matchers.set(plain, (matcher = makeMatcher(plain)));
  return matcher;
}

function makeMatcher(plain: string): (file: string) => boolean {
  if (plain === '') return () => true;
  // A name: no need to load what reads patterns.
  if (!/[^\w./ -]/.test(plain)) return (file) => file === plain || file.startsWith(`${plain}/`);
  const fits = picomatch(plain, { dot: true });
  const fitsFolder = picomatch(`${plain}/**`, { dot: true });
  return (file) => file === plain || file.startsWith(`${plain}/`) || fits(file) || fitsFolder(file);
}
