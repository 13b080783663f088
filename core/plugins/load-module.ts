import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import type { ErrorCode } from '../contract/errors.ts';
import { TreadleError, errorCodes, isTreadleError } from '../contract/errors.ts';
import { withWholeLines } from '../contract/stack-frames.ts';
import type { SourceLocation } from '../contract/status.ts';
import { within } from '../contract/time-limit.ts';
import type { CallSite } from '../model/definition.ts';
import { importModule } from './import-module.ts';
import { explainExitWith, noteLoading } from './loading.ts';
import { ownModules } from './own-modules.ts';
import { type Locate, shownPath, sourceOf, sourcePositions } from './source-positions.ts';

/** How long a module may take to load: a top-level `await` that never ends must not hang a run. */
const loadLimitMs = 60_000;

export interface LoadRequest {
  readonly root: string;
  /** The source that people know, absolute. */
  readonly file: string;
  /** File URL of what is imported. */
  readonly url: string;
  readonly errorCode: ErrorCode;
  readonly limitMs?: number;
}

/** What is being loaded. */
const underWay = new Set<LoadRequest>();

/** The error of project code that ends the process now, while it is being loaded. */
function explainExit(): TreadleError | undefined {
  const requests = [...underWay];
  const [first] = requests;
  if (first === undefined) return undefined;
  // The call that ends the process is on the stack.
  const here = new Error('exit');
  const location = locationOf(first.root, here);
  const { root, file, errorCode } = requests.find((request) => shownPath(request.root, request.file) === location?.file) ?? first;
  const place = location === undefined ? shownPath(root, file) : `${location.file}:${location.line}:${location.column}`;
  const wasAsked = /\bprocess\.exit\b/.test(here.stack ?? '');
  const what = wasAsked ? 'process.exit() was called' : 'an error that nothing caught ended the process';
  return new TreadleError(errorCode, `${place}: ${what} while ${shownPath(root, file)} was being loaded.`, {
    hint: wasAsked ? 'Throw an error instead; Treadle reports it and sets the exit code.' : 'Node.js shows the error.',
  });
}

/**
 * Imports a compiled module.
 *
 * @throws The request's error code with the reason and the place in the source, whatever the module threw.
 */
export async function loadModule(request: LoadRequest): Promise<Readonly<Record<string, unknown>>> {
  const { root, file, url, errorCode, limitMs = loadLimitMs } = request;
  const loading = importWhole(url).catch((thrown: unknown) => {
    throw loadError(request, thrown);
  });
  underWay.add(request);
  explainExitWith(explainExit);
  const noted = noteLoading(shownPath(root, file));
  const exported = await within(limitMs, loading).finally(() => {
    underWay.delete(request);
    noted();
  });
  if (exported !== undefined) return exported;
  // Whatever it does later, nobody waits for it any more.
  loading.catch(() => undefined);
  throw new TreadleError(errorCode, `${shownPath(root, file)} has not finished loading after ${limitMs / 1000} s.`, {
    hint: 'It awaits something at its top level that never happens.',
  });
}

/** Imports a module; one whose default export is a promise is loaded when that is kept. */
async function importWhole(url: string): Promise<Readonly<Record<string, unknown>>> {
  const exported = await importModule(url);
  await exported['default'];
  return exported;
}

function loadError({ root, file, errorCode }: LoadRequest, thrown: unknown): TreadleError {
  const location = locationOf(root, thrown);
  const place = location === undefined ? shownPath(root, file) : `${location.file}:${location.line}:${location.column}`;
  if (isTreadleError(thrown) && errorCodes[thrown.code].exitCode === 2) {
    if (thrown.location !== undefined) return thrown;
    return new TreadleError(thrown.code, `${place}: ${thrown.message}`, {
      cause: thrown,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
      ...(thrown.errors === undefined ? {} : { errors: thrown.errors }),
      ...(location === undefined ? {} : { location }),
    });
  }
  const hint = importHint(thrown);
  return new TreadleError(errorCode, `${place}: ${withSourceNames(root, reasonOf(thrown), location)}`, {
    cause: thrown,
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
  });
}

/** The compiler calls what a file exports by default after the file. */
function importHint(thrown: unknown): string | undefined {
  const name = thrown instanceof TypeError ? /^(\w+)_default is not a function/.exec(thrown.message)?.[1] : undefined;
  if (name === undefined) return undefined;
  return `What the file "${name}" exports by default is no function, or is not there yet because the two files import each other.`;
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `it threw ${inspect(thrown, { depth: 1, breakLength: Infinity })} while loading`;
  const name = thrown.name === 'Error' || thrown.name === 'TreadleError' ? '' : `${thrown.name}: `;
  return `${name}${thrown.message === '' ? 'an error without a message' : thrown.message}`;
}

/** A message of Node's, with the modules that people know in place of the compiled ones. */
function withSourceNames(root: string, message: string, location: SourceLocation | undefined): string {
  const { treadle, plugins } = ownModules();
  // Both may be one file: the import says which of them was meant.
  const meant = treadle === plugins && location !== undefined ? ownImportAt(root, location) : 'treadle';
  return message
    .replaceAll(treadle, meant)
    .replaceAll(plugins, 'treadle/plugins')
    .replaceAll(/(?:\.\/|[^\s'"]*\/\.treadle\/compiled\/)([\w.-]+\.mjs)/g, (whole, output: string) => sourceOf(root, output) ?? whole);
}

/** The module of Treadle's that an import statement names. */
function ownImportAt(root: string, { file, line }: SourceLocation): string {
  try {
    const rest = readFileSync(resolve(root, file), 'utf8')
      .split('\n')
      .slice(line - 1)
      .join('\n');
    return /\bfrom\s*['"](treadle(?:\/plugins)?)['"]/.exec(rest)?.[1] ?? 'treadle';
  } catch {
    return 'treadle';
  }
}

/** The first place in the project's own code on an error's stack. */
function locationOf(root: string, thrown: unknown): SourceLocation | undefined {
  const stack = stackOf(thrown);
  if (stack === undefined) return undefined;
  const locate = sourcePositions(root);
  for (const position of positionsIn(withWholeLines(stack, root))) {
    const location = locateOwn(locate, position);
    if (location !== undefined) return location;
  }
  return undefined;
}

function locateOwn(locate: Locate, position: CallSite): SourceLocation | undefined {
  const location = locate(position);
  const foreign =
    location === undefined || /^(?:[\\/]|[a-z]:)/i.test(location.file) || /(?:^|\/)(?:node_modules|\.treadle)\//.test(location.file);
  return foreign ? undefined : location;
}

function stackOf(thrown: unknown): string | undefined {
  try {
    return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : undefined;
  } catch {
    // A getter of the project's own may throw.
    return undefined;
  }
}

function* positionsIn(stack: string): Iterable<CallSite> {
  // An error that Node found in the code itself has no frame: it begins with file and line, and an arrow shows the column.
  const header = /^(\S.*):(\d+)\n.*\n( *)\^/.exec(stack);
  if (header !== null) yield { file: header[1] ?? '', line: Number(header[2]), column: (header[3] ?? '').length + 1 };
  for (const [, file = '', line, column] of stack.matchAll(/^ {4}at (?:.*\()?((?:file:|[\\/]|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?$/gm)) {
    yield { file, line: Number(line), column: Number(column) };
  }
}
