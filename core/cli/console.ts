import { painter, type Paint } from '../reporters/style.ts';
import { wrapProse } from '../reporters/wrap-words.ts';
import { colorFlag, columnsOf, isCi, rowsOf, wantsColor, type Environment } from './terminal.ts';

/** One of the two streams that the command line writes to. */
export interface Output {
  /** Whether it is one that can be drawn on; a dumb one only takes lines. */
  readonly isTerminal: boolean;
  readonly color: boolean;
  readonly paint: Paint;
  /** The width now: a terminal can be resized. */
  readonly columns: number;
  readonly rows: number;
  /** Tells when the size has changed; the returned function stops that. */
  onResize(listener: () => void): () => void;
  /** Never throws: when nobody reads any more, what is written goes nowhere. */
  write(text: string): void;
  /** Writes a remark for people, such as a warning; on a terminal, its lines are broken between words. */
  say(text: string): void;
}

/** Where the command line writes to, and what it knows about its surroundings. */
export interface Console {
  readonly out: Output;
  readonly err: Output;
  readonly env: Environment;
  readonly ci: boolean;
  /** Keeps standard output for {@link Console.out} alone: what anything else writes there goes to standard error. */
  reserveStdout(): void;
}

type StandardStream = typeof process.stdout | typeof process.stderr;

function openOutput(stream: StandardStream, env: Environment, flag: boolean | undefined, complain: (text: string) => void): Output {
  const write = stream.write.bind(stream);
  let readable = true;
  const lose = ({ code, message }: NodeJS.ErrnoException): void => {
    if (!readable) return;
    readable = false;
    // `treadle list | head` closes the pipe early; that is the reader's right and no error of ours.
    if (code !== 'EPIPE' && code !== 'EIO') complain(`treadle: standard output cannot be written, and is not complete: ${message}\n`);
  };
  stream.on('error', lose);
  const color = wantsColor(stream, env, flag);
  const isTerminal = stream.isTTY === true && env['TERM'] !== 'dumb';
  return {
    isTerminal,
    color,
    paint: painter(color),
    get columns() {
      return columnsOf(stream);
    },
    get rows() {
      return rowsOf(stream);
    },
    onResize(listener) {
      stream.on('resize', listener);
      return () => stream.off('resize', listener);
    },
    write(text) {
      if (!readable) return;
      write(text);
      // A file says it at once, and the process may end before the event.
      if (stream.errored !== null) lose(stream.errored);
    },
    say(text) {
      const hanging = text.startsWith(remarkMark) ? remarkMark.length : 0;
      this.write(isTerminal ? wrapProse(text, columnsOf(stream) - 1, hanging) : text);
    },
  };
}

/** What continues a remark stands below the first word after this. */
const remarkMark = 'treadle: ';

/** Opens the process's own streams. */
export function openConsole(args: readonly string[], env: Environment): Console {
  const flag = colorFlag(args);
  const err = openOutput(process.stderr, env, flag, () => undefined);
  return {
    out: openOutput(process.stdout, env, flag, (text) => err.write(text)),
    err,
    env,
    ci: isCi(env),
    reserveStdout() {
      process.stdout.write = process.stderr.write.bind(process.stderr);
    },
  };
}
