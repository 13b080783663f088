import type { CodeStyle } from './code-style.ts';

/** Code to be printed: on one line where it fits, else broken at its outermost brackets. */
export type Code =
  | string
  | { readonly call: string; readonly arguments: readonly Code[] }
  | { readonly list: readonly Item[] }
  | { readonly object: readonly (readonly [key: string, value: Code])[] };

/** What stands in a list, with or without a comment above it. */
export type Item = Code | { readonly comment: string; readonly code: Code };

/** Writes code in a project's style, as prettier would. */
export class CodePrinter {
  private readonly style: CodeStyle;

  constructor(style: CodeStyle) {
    this.style = style;
  }

  text(value: string): string {
    const { quote } = this.style;
    const other = quote === "'" ? '"' : "'";
    const best = value.includes(quote) && !value.includes(other) ? other : quote;
    const escaped = value
      .replaceAll('\\', '\\\\')
      .replaceAll('\n', String.raw`\n`)
      .replaceAll(best, `\\${best}`);
    return `${best}${escaped}${best}`;
  }

  statement(prefix: string, code: Code): string {
    const { semicolon } = this.style;
    return `${prefix}${this.print(code, 0, prefix.length + semicolon.length)}${semicolon}\n`;
  }

  /** @param used - columns on its line that something else takes */
  private print(code: Code, depth: number, used: number): string {
    const flat = this.flat(code);
    if (typeof code === 'string') return flat;
    const fits = depth * this.style.indentWidth + flat.length + used <= this.style.width;
    return fits && !hasComment(code) ? flat : this.broken(code, depth);
  }

  private flat(item: Item): string {
    if (typeof item === 'string') return item;
    if ('comment' in item) return this.flat(item.code);
    const { braceSpace } = this.style;
    if ('call' in item) return `${item.call}(${item.arguments.map((each) => this.flat(each)).join(', ')})`;
    if ('list' in item) return `[${item.list.map((each) => this.flat(each)).join(', ')}]`;
    return `{${braceSpace}${item.object.map(([key, value]) => `${key}: ${this.flat(value)}`).join(', ')}${braceSpace}}`;
  }

  private broken(code: Exclude<Code, string>, depth: number): string {
    if ('object' in code) {
      return this.block(
        '{',
        code.object.map(([key, value]) => this.line(value, depth, `${key}: `)),
        '}',
        depth,
      );
    }
    if ('list' in code) {
      return this.block(
        '[',
        code.list.map((item) => this.line(item, depth)),
        ']',
        depth,
      );
    }
    // The last argument stays on the line of its call, unless another one has to be broken too.
    const last = code.arguments.at(-1);
    const before = code.arguments.slice(0, -1);
    if (typeof last === 'object' && !('call' in last) && before.every((each) => typeof each === 'string')) {
      return `${code.call}(${before.map((each) => `${this.flat(each)}, `).join('')}${this.broken(last, depth)})`;
    }
    return this.block(
      `${code.call}(`,
      code.arguments.map((each) => this.line(each, depth)),
      ')',
      depth,
    );
  }

  private line(item: Item, depth: number, before = ''): string {
    const indent = this.style.indent.repeat(depth + 1);
    const comment = typeof item === 'object' && 'comment' in item ? `${indent}// ${item.comment}\n` : '';
    const code = typeof item === 'object' && 'comment' in item ? item.code : item;
    return `${comment}${indent}${before}${this.print(code, depth + 1, before.length + 1)}`;
  }

  private block(open: string, lines: readonly string[], close: string, depth: number): string {
    const { indent, trailingComma } = this.style;
    return `${open}\n${lines.join(',\n')}${trailingComma}\n${indent.repeat(depth)}${close}`;
  }
}

function hasComment(item: Item): boolean {
  if (typeof item === 'string') return false;
  if ('comment' in item) return true;
  if ('call' in item) return item.arguments.some(hasComment);
  return 'list' in item ? item.list.some(hasComment) : item.object.some(([, value]) => hasComment(value));
}
