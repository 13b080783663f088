import { textWidth } from './text-width.ts';

/** Breaks a text between words into lines of at most so many columns; a word that is longer has a line of its own. */
export function wrapWords(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || textWidth(last) + 1 + textWidth(word) > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** What stays in one line, for people may copy it: a word, what is quoted, a command with its name, and options. */
const unit = /(?:\b(?:npx treadle|treadle|npx|npm|git) (?=[a-z-]))?(?:"[^"\n]*"|`[^`\n]*`|[^ "`]|["`])+(?: -[^ ]+)*/g;
const narrowest = 20;

/**
 * Breaks each line of a text between words, where it is wider than so many columns; what is too long for a line has one of its own. What
 * continues a line is indented as that is, or as far as asked. The lines of stacks stay as they are.
 */
export function wrapProse(text: string, columns: number, hanging = 0): string {
  return text
    .split('\n')
    .map((line) => (textWidth(line) <= columns || /^\s+at /.test(line) ? line : wrapLine(line, Math.max(narrowest, columns), hanging)))
    .join('\n');
}

function wrapLine(line: string, columns: number, hanging: number): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const below = indent === '' ? ' '.repeat(hanging) : indent;
  const lines: string[] = [];
  let last = indent;
  for (const [word] of line.matchAll(unit)) {
    const longer = last.trim() === '' ? `${last}${word}` : `${last} ${word}`;
    if (last.trim() === '' || textWidth(longer) <= columns) last = longer;
    else {
      lines.push(last);
      last = `${below}${word}`;
    }
  }
  return [...lines, last].join('\n');
}
