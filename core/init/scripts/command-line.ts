/**
 * The commands of a script that run one after the other: its parts between `&&`.
 *
 * @returns `undefined` for a line that is more than that: pipes, redirections, sub-shells, changes of the folder.
 */
export function splitChain(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let part = '';
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (quote === '"' && (character === '`' || text.startsWith('$(', at))) return undefined;
      part += character;
    } else if (text.startsWith('&&', at)) {
      parts.push(part.trim());
      part = '';
      at += 1;
    } else if (character === '\\') {
      part += text.slice(at, at + 2);
      at += 1;
    } else if (/[|;&<>`()\n]/.test(character)) return undefined;
    else {
      if (character === '"' || character === "'") quote = character;
      part += character;
    }
  }
  parts.push(part.trim());
  if (quote !== undefined || parts.includes('')) return undefined;
  return parts.length > 1 && parts.some((each) => /^(?:cd|pushd|export|set|source|\.)\s/.test(each)) ? undefined : parts;
}

/** The words of a command, without their quotes. */
export function splitWords(command: string): readonly string[] {
  return [...command.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/g)].map(([word]) =>
    word.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_whole, double?: string, single?: string) => double ?? single ?? ''),
  );
}
