// What XML 1.0 has no way to say, not even escaped: most control characters, lone surrogates, and two code points at the end of the plane.
const forbidden =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for an element. */
export function xmlText(text: string): string {
  // Readers make a line feed of a carriage return that is not escaped.
  return text
    .replaceAll(forbidden, '')
    .replaceAll(/[&<>]/g, (character) => entities[character] ?? '')
    .replaceAll('\r', '&#13;');
}

function xmlAttribute(text: string): string {
  const escaped = text.replaceAll(forbidden, '').replaceAll(/[&<>"]/g, (character) => entities[character] ?? '');
  // Readers make spaces of white space that is not escaped.
  return escaped.replaceAll(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An element of attributes, of which undefined ones are left out, and of content that is XML already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content: string | readonly string[] = '',
): string {
  const start = Object.entries(attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([key, value]) => ` ${key}="${xmlAttribute(String(value))}"`);
  if (typeof content !== 'string') {
    const lines = content.flatMap((child) => (child === '' ? [] : [`\n${child}`]));
    if (lines.length > 0) return `<${name}${start.join('')}>${lines.join('')}\n</${name}>`;
    return `<${name}${start.join('')}/>`;
  }
  return content === '' ? `<${name}${start.join('')}/>` : `<${name}${start.join('')}>${content}</${name}>`;
}
