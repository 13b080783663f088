import { fileURLToPath } from 'node:url';
import { isAbsolute, relative, resolve } from 'node:path';

/** A place in a file that a piece of text names. `start` and `end` are offsets into the text; lines and columns count from 1. */
export interface FileMention {
  readonly start: number;
  readonly end: number;
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** Of more places than this, only the last ones are told: people look at the end. */
const mostMentions = 2000;
const longestPath = 1024;
// What follows a file's name: `.ts:3:5`, `.ts(3,5)`. The name is looked for from there backwards, so that the time grows with the text only.
const places = /\.[A-Za-z]\w{0,9}(?::(\d{1,7})(?::(\d{1,7}))?|\((\d{1,7})(?:,\s?(\d{1,7}))?\))/g;
// As Python has it.
const quoted = /File "([^"\n]{1,1024})", line (\d{1,7})/g;
const partOfPath = /[\w@.+~%$/\\-]/;

/** Finds what looks like a place in a file. Whether there is such a file is for the caller to see. */
export function findMentions(text: string): readonly FileMention[] {
  const mentions: FileMention[] = [];
  for (const match of text.matchAll(places)) {
    const start = startOfPath(text, match.index);
    if (start === undefined) continue;
    const end = match.index + match[0].length;
    const line = match[1] ?? match[3];
    const column = match[2] ?? match[4];
    const file = text.slice(start, match.index) + (/^\.\w+/.exec(match[0])?.[0] ?? '');
    mentions.push({ start, end, file, line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) });
  }
  for (const match of text.matchAll(quoted)) {
    mentions.push({ start: match.index, end: match.index + match[0].length, file: match[1] ?? '', line: Number(match[2]) });
  }
  return mentions.toSorted((a, b) => a.start - b.start).slice(-mostMentions);
}

/** Where the path begins that ends at `end`; `undefined` where there is none, or an address of the web. */
function startOfPath(text: string, end: number): number | undefined {
  let start = end;
  while (start > 0 && end - start < longestPath && partOfPath.test(text.charAt(start - 1))) start -= 1;
  if (start === end) return undefined;
  if (text.charAt(start - 1) !== ':') return start;
  if (text.startsWith('//', start)) return text.slice(Math.max(0, start - 5), start) === 'file:' ? start - 5 : undefined;
  const isDrive = /(?:^|[^\w])[A-Za-z]$/.test(text.slice(Math.max(0, start - 3), start - 1)) && /[\\/]/.test(text.charAt(start));
  return isDrive ? start - 2 : start;
}

/** The absolute path of a file as a program in `root` names it, or `undefined` where it lies outside of `workspace`. */
export function resolveMention(file: string, root: string, workspace: string): string | undefined {
  let path = file;
  if (file.startsWith('file://')) {
    try {
      path = fileURLToPath(file);
    } catch {
      return undefined;
    }
  }
  const absolute = resolve(root, path);
  const inside = relative(workspace, absolute);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? undefined : absolute;
}
