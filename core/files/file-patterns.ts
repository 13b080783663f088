import { matchesGlob } from 'node:path';

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
    if (matches === excludes && matchesOne(excludes ? pattern.slice(1) : pattern, file)) matches = !excludes;
  }
  return matches;
}

function matchesOne(pattern: string, file: string): boolean {
  const plain = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  return plain === '' || plain === '.' || file === plain || file.startsWith(`${plain}/`) || matchesGlob(file, plain);
}
