import { h } from './dom.ts';

const sequence = /\u001B\[([\d;:]*)m/g;
const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

interface Look {
  color: string | undefined;
  readonly flags: Set<string>;
}

/** Text of a terminal as elements: the sixteen colours, and weights. Other colours are left out, for they could not be read on every page. */
export function terminalText(text: string): readonly (Node | string)[] {
  const parts: (Node | string)[] = [];
  const look: Look = { color: undefined, flags: new Set() };
  let at = 0;
  for (const match of text.matchAll(sequence)) {
    push(parts, text.slice(at, match.index), look);
    apply(look, match[1] ?? '');
    at = match.index + match[0].length;
  }
  push(parts, text.slice(at), look);
  return parts;
}

function push(parts: (Node | string)[], text: string, { color, flags }: Look): void {
  if (text === '') return;
  const classes = [...(color === undefined ? [] : [`c-${color}`]), ...flags];
  parts.push(classes.length === 0 ? text : h('span', { class: classes.join(' ') }, text));
}

function apply(look: Look, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number);
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      // Colours of a larger palette: their parameters are no codes.
      index += codes[index + 1] === 5 ? 2 : 4;
    } else applyOne(look, code);
  }
}

function applyOne(look: Look, code: number): void {
  const { flags } = look;
  if (code === 0) {
    look.color = undefined;
    flags.clear();
  } else if (code === 1) flags.add('bold');
  else if (code === 2) flags.add('dim');
  else if (code === 3) flags.add('italic');
  else if (code === 4) flags.add('underline');
  else if (code === 22) {
    flags.delete('bold');
    flags.delete('dim');
  } else if (code === 23) flags.delete('italic');
  else if (code === 24) flags.delete('underline');
  else if (code === 39) look.color = undefined;
  else if (code >= 30 && code <= 37) look.color = names[code - 30];
  else if (code >= 90 && code <= 97) look.color = names[code - 90];
}
