/** What a line of TAP says. */
export type TapLine =
  | { readonly kind: 'point'; readonly depth: number; readonly point: TestPoint }
  | { readonly kind: 'plan'; readonly depth: number; readonly count: number }
  | { readonly kind: 'subtest'; readonly depth: number; readonly name: string }
  | { readonly kind: 'comment'; readonly depth: number; readonly text: string }
  | { readonly kind: 'open' | 'close' | 'yaml' | 'version' }
  | { readonly kind: 'bail-out'; readonly reason: string }
  | { readonly kind: 'other' };

/** A line that begins with `ok` or `not ok`. */
export interface TestPoint {
  readonly ok: boolean;
  readonly name: string;
  readonly directive: 'skip' | 'todo' | undefined;
  readonly durationMs: number | undefined;
  /** Its subtests follow in braces. */
  readonly opens: boolean;
}

const pointLine = /^(?<not>not )?ok(?=$|\s+\d|\s+-|\s+#)(?:\s+\d+)?(?:\s+-(?=\s|$))?\s*(?<rest>.*)$/;
const planLine = /^\d+\.\.(?<count>\d+)(?:\s*#.*)?$/;
const directives = /\s*(?<!\\)#\s*(?:(?<word>skip|todo)\S*(?<reason>\s.*?)?|time=(?<amount>[\d.]+)(?<unit>ms|s))(?=\s+#|\s*$)/gi;
/** Levels of subtests are indented by this many spaces. */
const indentStep = 4;

/** Reads one line of TAP, version 12 to 14. */
export function readTapLine(line: string): TapLine {
  const text = line.trim();
  const depth = Math.floor((line.length - line.trimStart().length) / indentStep);
  if (text === '{') return { kind: 'open' };
  if (text === '}') return { kind: 'close' };
  if (text === '---') return { kind: 'yaml' };
  if (/^TAP version \d+$/i.test(text)) return { kind: 'version' };
  if (text.startsWith('#')) return readComment(text.slice(1).replace(/^ /, ''), depth);
  if (/^Bail out!/i.test(text)) return { kind: 'bail-out', reason: text.slice('Bail out!'.length).trim() };
  const plan = planLine.exec(text)?.groups;
  if (plan !== undefined) return { kind: 'plan', depth, count: Number(plan['count']) };
  const point = pointLine.exec(text)?.groups;
  return point === undefined
    ? { kind: 'other' }
    : { kind: 'point', depth, point: readPoint(point['not'] === undefined, point['rest'] ?? '') };
}

function readComment(text: string, depth: number): TapLine {
  const name = /^\s*Subtest:?\s+(.*)$/.exec(text)?.[1];
  return name === undefined ? { kind: 'comment', depth, text: unescape(text) } : { kind: 'subtest', depth, name: unescape(name) };
}

function readPoint(ok: boolean, rest: string): TestPoint {
  const opens = /(?:^|\s)\{$/.test(rest);
  const text = opens ? rest.slice(0, -1).trimEnd() : rest;
  let name = text;
  let directive: TestPoint['directive'];
  let durationMs: number | undefined;
  for (const match of text.matchAll(directives)) {
    if (name === text) name = text.slice(0, match.index);
    const { word, amount, unit } = match.groups ?? {};
    if (word !== undefined) directive = word.toLowerCase() === 'skip' ? 'skip' : 'todo';
    if (amount !== undefined) durationMs = Number(amount) * (unit === 's' ? 1000 : 1);
  }
  return { ok, name: unescape(name.trim()), directive, durationMs, opens };
}

function unescape(text: string): string {
  return text.replace(/\\([\\#])/g, '$1');
}
