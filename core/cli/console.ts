import { painter, type Paint } from '../reporters/style.ts';
import { colorFlag, columnsOf, isCi, rowsOf, wantsColor, type Environment } from './terminal.ts';

/** One of the two streams that the command line writes to. */
export interface Output {
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

function openOutput(stream: StandardStream, env: Environment, flag: boolean | undefined): Output {
  const write = stream.write.bind(stream);
  let readable = true;
  // `treadle list | head` closes the pipe early; that is the reader's right and no error of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    readable = false;
  });
  const color = wantsColor(stream, env, flag);
  return {
    isTerminal: stream.isTTY === true,
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
      if (readable) write(text);
    },
  };
}

/** Opens the process's own streams. */
export function openConsole(args: readonly string[], env: Environment): Console {
  const flag = colorFlag(args);
  return {
    out: openOutput(process.stdout, env, flag),
    err: openOutput(process.stderr, env, flag),
    env,
    ci: isCi(env),
    reserveStdout() {
      process.stdout.write = process.stderr.write.bind(process.stderr);
    },
  };
}
