// Not string-width: its regular expression of all emoji, and the segmenter, take some 25 ms of each start.
import measure from 'fast-string-truncated-width';

const colour = /(\u001B\[[\d;:]*m)/;
const simple = /^[\u0020-\u007E]*$/;
let segmenter: Intl.Segmenter | undefined;

/** How many columns of a terminal a text takes; colours take none. */
export function textWidth(text: string): number {
  if (simple.test(text)) return text.length;
  return measure(text, {}, { tabWidth: 0 }).width;
}

/** As much of a line as fits into so many columns. */
export function fit(line: string, columns: number): string {
  if (textWidth(line) <= columns) return line;
  if (columns < 1) return '';
  const kept = line.slice(0, indexAt(line, columns - 1));
  return `${kept}${kept.includes('\u001B') ? '\u001B[0m' : ''}…`;
}

/** A line less its first columns. */
export function dropColumns(line: string, columns: number): string {
  return columns < 1 ? line : line.slice(indexAt(line, columns));
}

/** Where the longest beginning ends that is no wider than so many columns. */
function indexAt(line: string, columns: number): number {
  let index = 0;
  let left = columns;
  for (const part of line.split(colour)) {
    if (part.startsWith('\u001B')) {
      index += part.length;
    } else if (simple.test(part)) {
      if (part.length > left) return index + left;
      index += part.length;
      left -= part.length;
    } else {
      segmenter ??= new Intl.Segmenter();
      for (const { segment } of segmenter.segment(part)) {
        left -= textWidth(segment);
        if (left < 0) return index;
        index += segment.length;
      }
    }
  }
  return index;
}
