const beginning = /(?:export default|module\.exports\s*=|(?:const|let|var)\s+\w+\s*(?::[^={]*)?=)\s*\{/;
const token =
  /\/\/[^\n]*|\/\*[^]*?\*\/|(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?<open>[{[(])|(?<close>[}\])])|[^'"{}[\]()/]+|\//g;
const setting = /(?:^|,)\s*(?<key>[\w$]+|'[\w$]+'|"[\w$]+")\s*:\s*(?<value>true|false|\d+|'\w*'|"\w*")\s*(?=,|$)/g;

/**
 * What a settings file in JavaScript or TypeScript writes down as it is: `key: value` of its first object, where the value is a string,
 * a number or a boolean. The file is not run, so that anything else in it is not known.
 */
export function literalSettings(text: string): Readonly<Record<string, unknown>> {
  const begin = beginning.exec(text);
  if (begin === null) return {};
  const own = ownText(text.slice(begin.index + begin[0].length));
  return Object.fromEntries(
    [...own.matchAll(setting)].map(({ groups }) => [unquoted(groups?.['key'] ?? ''), valueOf(groups?.['value'] ?? '')]),
  );
}

/** The text of an object up to its end, without comments, and without what is in brackets in it. */
function ownText(text: string): string {
  let depth = 0;
  let own = '';
  for (const { 0: part, groups } of text.matchAll(token)) {
    if (groups?.['open'] !== undefined) depth += 1;
    else if (groups?.['close'] !== undefined) depth -= 1;
    else if (depth === 0 && !/^\/[/*]/.test(part)) own += part;
    if (depth < 0) break;
  }
  return own;
}

function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : unquoted(text);
}

function unquoted(text: string): string {
  return text.replaceAll(/^['"]|['"]$/g, '');
}
