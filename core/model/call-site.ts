import { fileURLToPath } from 'node:url';
import type { CallSite } from './definition.ts';

/** Deep enough for any chain of calls inside Treadle. */
const frameLimit = 6;

/** As modules are named on a stack: by URL, or by path where they are CommonJS. */
const ownFolders = foldersOfTreadle(import.meta.url).flatMap((folder) => [folder, fileURLToPath(folder)]);

/** Where Treadle's own code lies: its source folders, or the built package. */
function foldersOfTreadle(module: string): readonly string[] {
  const source = /^(.*\/)core\/model\/call-site\.ts$/.exec(module);
  if (source?.[1] !== undefined) return [`${source[1]}core/`, `${source[1]}plugins/`];
  const built = /^.*\/dist\//.exec(module);
  return [built?.[0] ?? module.slice(0, module.lastIndexOf('/') + 1)];
}

/** Of the whole thread: Treadle's code may be loaded into it more than once. */
const forgone = Symbol.for('treadle.call-sites-forgone');

/**
 * From now on, {@link callSiteOf} finds nothing on this thread. For threads that run steps, where nobody asks for places: with
 * thousands of steps, places are most of what loading a pipeline file takes.
 */
export function forgoCallSites(): void {
  Object.defineProperty(globalThis, forgone, { value: true });
}

/**
 * The place in other people's code that led here: the nearest caller outside Treadle that is no constructor.
 * Takes a few microseconds. The position is that in the running file, which may be a compiled one.
 */
export function callSiteOf(): CallSite | undefined {
  if (forgone in globalThis) return undefined;
  const { prepareStackTrace, stackTraceLimit } = Error;
  let site: CallSite | undefined;
  try {
    Error.stackTraceLimit = frameLimit;
    Error.prepareStackTrace = (_error, frames) => {
      site = firstOutside(frames);
      return '';
    };
    const holder: { stack?: string } = {};
    Error.captureStackTrace(holder, callSiteOf);
    // Reading the stack is what makes V8 call the hook.
    void holder.stack;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
  return site;
}

function firstOutside(frames: readonly NodeJS.CallSite[]): CallSite | undefined {
  for (const frame of frames) {
    // A class of steps calls the base constructor: of interest is who made the step, not where its class stands.
    if (frame.isConstructor()) continue;
    const file = frame.getFileName();
    if (typeof file !== 'string' || file === '' || file.startsWith('node:')) continue;
    if (ownFolders.some((folder) => file.startsWith(folder))) continue;
    const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
    return line === null || column === null ? undefined : { file, line, column };
  }
  return undefined;
}
