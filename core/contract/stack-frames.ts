import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A call in a stack that tells of a project's code. */
export interface StackFrame {
  /** What was called, such as `async total`; empty where that is not told. */
  readonly call: string;
  /** Relative to the project; what other tools made relative stays as it is. */
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  /** The line of the stack, with that path. */
  readonly text: string;
}

/** A stack of fewer characters a line is of frames; looking for a place in a longer one would take long. */
const frameLimit = 2000;

/** A stack with a line for each frame, also where the name of the project's folder has a line break: paths in that are written as URLs. */
export function withWholeLines(stack: string, root: string): string {
  return /[\n\r\u2028\u2029]/.test(root) ? stack.replaceAll(root, pathToFileURL(root).href) : stack;
}

/** The frames of a stack that lie in the project: not those of Node.js, of Treadle itself, and of what lies elsewhere. */
export function projectFrames(stack: string | undefined, root: string): readonly StackFrame[] {
  return (stack ?? '').split('\n').flatMap((line) => projectFrame(line, root) ?? []);
}

function projectFrame(line: string, root: string): StackFrame | undefined {
  if (line.length > frameLimit) return undefined;
  const { call, place, at } = framePattern.exec(line)?.groups ?? {};
  if (call === undefined || place === undefined || at === undefined || place.startsWith('node:')) return undefined;
  if (/[\\/](?:node_modules[\\/]treadle|\.treadle)[\\/]/.test(place)) return undefined;
  const path = toPath(place);
  const file = isAbsolute(path) ? pathInside(root, path) : path;
  if (file === undefined) return undefined;
  const [, row, column] = /^:(\d+)(?::(\d+))?/.exec(at) ?? [];
  return {
    call: call.replace(/ ?\($/, '').trim(),
    file,
    line: Number(row),
    ...(column === undefined ? {} : { column: Number(column) }),
    text: isAbsolute(path) ? `    at ${call}${file}${at}` : line,
  };
}

// Paths may hold spaces and brackets of their own, as may what was called.
const framePattern = /^ {4}at (?<call>(?!(?:async )?(?:file:|\/|[A-Za-z]:[\\/])).*? \(|(?:async )?)(?<place>.+?)(?<at>(?::\d+){1,2}\)?)$/;

function pathInside(root: string, path: string): string | undefined {
  const way = relative(root, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way.replaceAll('\\', '/');
}

function toPath(place: string): string {
  try {
    return place.startsWith('file:') ? fileURLToPath(place) : place;
  } catch {
    return place;
  }
}
