import { styleText } from 'node:util';

/** Colours a piece of text, or leaves it alone. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** A {@link Paint} that does what the terminal's settings say, whatever stream the text ends up on. */
export function painter(colour: boolean): Paint {
  return colour ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}
