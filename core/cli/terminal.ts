import { ciSystemOf } from '../reporters/ci-system.ts';

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a stream tells about itself; the part of `tty.WriteStream` that counts here. */
export interface StreamTraits {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const isOff = (value: string): boolean => value === '0' || value.toLowerCase() === 'false';

/** Whether this is a CI machine: `CI` is set and neither empty, `0` nor `false`. */
export function isCi(env: Environment): boolean {
  const value = env['CI'];
  return value !== undefined && value !== '' && !isOff(value);
}

/** What `--color` and `--no-color` say; the last one counts. Read before parsing, so that usage errors obey it too. */
export function colorFlag(args: readonly string[]): boolean | undefined {
  const end = args.indexOf('--');
  const flags = (end < 0 ? args : args.slice(0, end)).filter((arg) => arg === '--color' || arg === '--no-color');
  const last = flags.at(-1);
  return last === undefined ? undefined : last === '--color';
}

/** Whether to write colours to a stream: flag, then `NO_COLOR`, then `FORCE_COLOR`, then what the stream is, or the log that it ends in. */
export function wantsColor(stream: StreamTraits, env: Environment, flag: boolean | undefined): boolean {
  if (flag !== undefined) return flag;
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return !isOff(env['FORCE_COLOR']);
  // The logs of these show colours, though they are no terminals.
  if (stream.isTTY !== true) return ['github', 'gitlab'].includes(ciSystemOf(env) ?? '');
  return env['TERM'] !== 'dumb';
}

/** Width of a stream in columns; 80 where it does not say. */
export function columnsOf(stream: StreamTraits): number {
  return stream.columns !== undefined && stream.columns > 0 ? stream.columns : 80;
}

/** Height of a stream in rows; 24 where it does not say. */
export function rowsOf(stream: StreamTraits): number {
  return stream.rows !== undefined && stream.rows > 0 ? stream.rows : 24;
}
