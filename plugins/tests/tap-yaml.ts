// What producers of TAP write between `---` and `...` is often not quite YAML. This reads what they write: maps by
// indentation, quoted texts that may span lines, block texts; anything else is taken as text.

/** A value: its text, and its entries where it is a map. */
export interface YamlValue {
  readonly text: string;
  readonly entries?: YamlMap;
}

export type YamlMap = ReadonlyMap<string, YamlValue>;

const entryLine = /^(?<indent>\s*)(?<key>"[^"]*"|'[^']*'|[^\s:'"#-][^:]*):(?:\s+(?<rest>.*)|)$/;

/** Reads the lines of a YAML block. */
export function readYaml(lines: readonly string[]): YamlMap {
  const map = new Map<string, YamlValue>();
  for (let index = 0; index < lines.length;) {
    const groups = entryLine.exec(lines[index] ?? '')?.groups;
    index += 1;
    if (groups === undefined) continue;
    const { indent = '', key = '', rest = '' } = groups;
    const end = endOfValue(lines, index, indent.length, rest);
    map.set(key.replace(/^(["'])(.*)\1$/, '$2').trim(), readValue(rest.trim(), lines.slice(index, end)));
    index = end;
  }
  return map;
}

function endOfValue(lines: readonly string[], start: number, indent: number, rest: string): number {
  if (/^["']/.test(rest)) return endOfQuoted(lines, start, rest);
  let end = start;
  while (end < lines.length && (lines[end]?.trim() === '' || indentOf(lines[end] ?? '') > indent)) {
    const nested = entryLine.exec(lines[end] ?? '')?.groups?.['rest'] ?? '';
    end = /^["']/.test(nested) ? endOfQuoted(lines, end + 1, nested) : end + 1;
  }
  return end;
}

/** The lines of a quoted text may be indented in any way. */
function endOfQuoted(lines: readonly string[], start: number, rest: string): number {
  let text = rest;
  let end = start;
  while (!isClosed(text) && end < lines.length) text += `\n${lines[end++] ?? ''}`;
  // A quote that nothing closes is no quote.
  return isClosed(text) ? end : start;
}

function readValue(rest: string, below: readonly string[]): YamlValue {
  if (/^[|>][+-]?\d*$/.test(rest)) return { text: dedent(below) };
  if (/^["']/.test(rest) && isClosed([rest, ...below].join('\n'))) return { text: unquote([rest, ...below].join('\n')) };
  if (rest !== '' || below.length === 0) return { text: [rest, ...below.map((line) => line.trim())].join('\n').trim() };
  const entries = readYaml(below);
  return entries.size === 0 ? { text: dedent(below) } : { text: dedent(below), entries };
}

function isClosed(text: string): boolean {
  return text.startsWith("'") ? /^'(?:[^']|'')*'\s*$/.test(text) : /^"(?:[^"\\]|\\[^])*"\s*$/.test(text);
}

function unquote(text: string): string {
  const inner = text.trim().slice(1, -1);
  if (text.startsWith("'")) return inner.replaceAll("''", "'");
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };
  return inner.replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character);
}

function dedent(lines: readonly string[]): string {
  const filled = lines.filter((line) => line.trim() !== '');
  const indent = filled.reduce((least, line) => Math.min(least, indentOf(line)), Infinity);
  return lines
    .map((line) => line.slice(Number.isFinite(indent) ? indent : 0))
    .join('\n')
    .trimEnd();
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
