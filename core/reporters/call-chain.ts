import { fileURLToPath } from 'node:url';
import type { SerializedError } from '../contract/errors.ts';
import { isInside, projectPath } from '../files/project-path.ts';

/** So many calls are shown; what lies further down seldom helps. */
const shownCalls = 5;

/**
 * The project's own calls that led to an error, nearest first, as in `cartTotal src/cart.ts:7:3`. Without the place of the
 * error itself, and without packages and Treadle's own code.
 *
 * @param cwd - the project's folder
 */
export function callChain({ stack, location }: SerializedError, cwd: string): readonly string[] {
  if (stack === undefined || location === undefined) return [];
  const calls = stack.split('\n').flatMap((line) => ownCall(line, cwd) ?? []);
  const here = `${location.file}:${location.line}:${location.column}`;
  const at = calls.findIndex(({ place }) => place === here);
  if (at < 0) return [];
  return (
    calls
      .slice(at + 1)
      // A function that calls itself.
      .filter(({ place }, index) => place !== calls[at + index]?.place)
      .slice(0, shownCalls)
      .map(({ name, place }) => (name === '' ? place : `${name} ${place}`))
  );
}

function ownCall(line: string, cwd: string): { readonly name: string; readonly place: string } | undefined {
  const match = /^ {4}at (?:async )?(?:(.{1,200}) \()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).{1,1000}?):(\d+):(\d+)\)?$/.exec(line);
  const [, name = '', place = '', row = '', column = ''] = match ?? [];
  if (place === '' || line.includes('eval at ')) return undefined;
  const file = pathOf(place);
  if (file === undefined || !isInside(cwd, file) || /[\\/](?:node_modules|\.treadle)[\\/]/.test(file)) return undefined;
  // Of a function without a name, the source map makes up one, such as `step.when`.
  return { name: /^[\w$]+$/.test(name) ? name : '', place: `${projectPath(cwd, file)}:${row}:${column}` };
}

function pathOf(place: string): string | undefined {
  if (!place.startsWith('file:')) return place;
  try {
    return fileURLToPath(place);
  } catch {
    return undefined;
  }
}
