import type { SerializedError } from '../contract/errors.ts';
import { codeFrame } from './code-frame.ts';
import { oneLine, painter, tame } from './style.ts';
import { wrapProse } from './wrap-words.ts';

/** Further lines of a hint stand below its first word. */
export const hintMargin = 'hint '.length;

/** How an error is shown. */
export interface ErrorStyle {
  readonly color: boolean;
  readonly columns: number;
  /** Whether text is broken between words where it is wider than that: for terminals. Default: false. */
  readonly wraps?: boolean;
  /** Locations are relative to it. */
  readonly cwd: string;
}

/** What of an error is shown; both thrown and serialised ones have it. */
export type ShownError = Pick<SerializedError, 'code' | 'message'> & {
  readonly hint?: string | undefined;
  readonly location?: SerializedError['location'] | undefined;
  readonly errors?: readonly SerializedError[] | undefined;
};

/** An error for people: code, message, the place in the file, the way out, and all errors behind it. Ends with a line break. */
export function renderError(error: ShownError, style: ErrorStyle): string {
  const paint = painter(style.color);
  const prose = (text: string, hanging = 0): string => (style.wraps === true ? wrapProse(text, style.columns - 1, hanging) : text);
  const lines = [prose(`${paint(['red', 'bold'], error.code)} ${tame(error.message, style.color)}`)];
  const { location } = error;
  // The place of several errors is that of the first of them.
  if (location !== undefined && (error.errors ?? []).length === 0) {
    lines.push('', `  ${paint('underline', oneLine(`${location.file}:${location.line}:${location.column}`))}`);
    const frame = codeFrame(location, style.cwd, paint, style.columns);
    if (frame !== undefined) lines.push(indent(frame, 2));
  }
  if (error.hint !== undefined) lines.push('', prose(`${paint('bold', 'hint')} ${tame(error.hint, style.color)}`, hintMargin));
  const inside = { ...style, columns: style.columns - 2 };
  for (const inner of error.errors ?? []) lines.push('', indent(renderError(inner, inside).trimEnd(), 2));
  return `${lines.join('\n')}\n`;
}

/** Indents every line that is not empty. */
export function indent(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
}
