/** One of the 16 colours that every theme defines for its terminal: 0 to 7 the plain ones, 8 to 15 the bright ones. */
export type AnsiColor = number;

/** How a piece of text looks. */
export interface AnsiStyle {
  readonly foreground?: AnsiColor;
  readonly background?: AnsiColor;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strikethrough?: boolean;
  readonly inverse?: boolean;
}

/** A piece of a line that does not look plain. Lines and columns count from 0; `end` is the first column after it. */
export interface StyledSpan {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly style: AnsiStyle;
}

/** What a terminal would show. */
export interface AnsiText {
  /** Without escape sequences; lines end with `\n`. */
  readonly text: string;
  readonly spans: readonly StyledSpan[];
}

/** Of more coloured pieces than this, only the last ones are told: each costs the editor a decoration, and people look at the end. */
const mostSpans = 10_000;
const plain: AnsiStyle = {};
// Styles (m); all other sequences, and those that are cut off at the end; hyperlinks and titles; line ends; other control characters.
const tokens =
  /\x1b\[([\d;:]*)m|\x1b\[[0-?]*[ -/]*(?:[@-~]|$)|\x1b\][^\x07\x1b\r\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*(?:[0-~]|$)|\r|\n|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/**
 * Takes the escape sequences out of a program's output and tells which pieces they coloured. What a carriage return writes over
 * is gone, as in a terminal, so that a progress bar is one line; other movements of the cursor are left out.
 */
export function parseAnsi(output: string): AnsiText {
  const lines: string[] = [];
  const spans: StyledSpan[] = [];
  let line = '';
  let firstOfLine = 0;
  let style = plain;
  let returned = false;

  const write = (text: string) => {
    if (text === '') return;
    if (returned) {
      line = '';
      spans.length = firstOfLine;
      returned = false;
    }
    if (style !== plain) {
      const span = { line: lines.length, start: line.length, end: line.length + text.length, style };
      const before = spans.at(-1);
      if (spans.length > firstOfLine && before?.end === span.start && before.style === style) {
        spans[spans.length - 1] = { ...before, end: span.end };
      } else spans.push(span);
    }
    line += text;
  };

  let from = 0;
  for (const match of output.matchAll(tokens)) {
    write(output.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[0] === '\n') {
      lines.push(line);
      line = '';
      firstOfLine = spans.length;
      returned = false;
    } else if (match[0] === '\r') returned = true;
    else if (match[1] !== undefined) style = restyle(style, match[1]);
  }
  write(output.slice(from));
  lines.push(line);
  return { text: lines.join('\n'), spans: spans.slice(-mostSpans) };
}

function restyle(style: AnsiStyle, parameters: string): AnsiStyle {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  let next: { -readonly [key in keyof AnsiStyle]: AnsiStyle[key] } = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 9) next.strikethrough = true;
    else if (code === 22) {
      delete next.bold;
      delete next.dim;
    } else if (code === 23) delete next.italic;
    else if (code === 24) delete next.underline;
    else if (code === 27) delete next.inverse;
    else if (code === 29) delete next.strikethrough;
    else if (code >= 30 && code <= 37) next.foreground = code - 30;
    else if (code >= 40 && code <= 47) next.background = code - 40;
    else if (code >= 90 && code <= 97) next.foreground = code - 82;
    else if (code >= 100 && code <= 107) next.background = code - 92;
    else if (code === 39) delete next.foreground;
    else if (code === 49) delete next.background;
    else if (code === 38 || code === 48) {
      const { color, length } = extendedColor(codes.slice(at + 1));
      if (color !== undefined) next[code === 38 ? 'foreground' : 'background'] = color;
      at += length;
    }
  }
  return Object.keys(next).length === 0 ? plain : next;
}

/** `5;N` is one of 256 colours, `2;R;G;B` any. Both become the nearest of the 16, which every theme keeps readable. */
function extendedColor([mode, ...values]: readonly number[]): { readonly color: AnsiColor | undefined; readonly length: number } {
  if (mode === 5) return { color: values[0] === undefined ? undefined : ofPalette(values[0]), length: 2 };
  if (mode === 2) {
    const [red, green, blue] = values;
    return { color: blue === undefined ? undefined : nearest(red ?? 0, green ?? 0, blue), length: 4 };
  }
  return { color: undefined, length: 0 };
}

function ofPalette(index: number): AnsiColor {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return nearest(grey, grey, grey);
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** By hue and brightness: a pale blue is blue, however much white is in it. */
function nearest(red: number, green: number, blue: number): AnsiColor {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40) return most > 210 ? 15 : most > 140 ? 7 : most > 60 ? 8 : 0;
  const middle = (most + least) / 2;
  const hue = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
  return most > 190 ? hue + 8 : hue;
}
