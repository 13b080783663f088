import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceLocation } from '../contract/status.ts';
import { quietly } from './bounded-json.ts';

/** No path is longer, and looking for a place in such a line would take long. */
const frameLimit = 2000;

/** The first stack frame in the project's own code: not in a package, not in what Treadle compiled, not in Treadle. */
export function locateInStack(stack: string, root: string): SourceLocation | undefined {
  for (const line of stack.split('\n')) {
    const frame = line.trim();
    if (!frame.startsWith('at ') || frame.length > frameLimit) continue;
    // Before the place there may be a function's name and a bracket; paths may hold spaces and brackets of their own.
    const match = /^at (?:.*? \()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(\d+):(\d+)\)?$/.exec(frame);
    const [, place = '', row = '', column = ''] = match ?? [];
    if (place === '' || frame.includes('eval at ')) continue;
    const file = quietly(() => (place.startsWith('file:') ? fileURLToPath(place) : place), '');
    if (!isAbsolute(file) || isOwn(file)) continue;
    const inside = relative(root, file).replaceAll('\\', '/');
    if (inside === '..' || inside.startsWith('../') || isAbsolute(inside) || /(^|\/)(node_modules|\.treadle)\//.test(inside)) continue;
    return { file: inside, line: Number(row), column: Number(column) };
  }
  return undefined;
}

/** Where Treadle itself lies: the bundle in `dist/`, or its sources. */
const ownFolders = ownFolderUrls().map((path) => fileURLToPath(new URL(path, import.meta.url)));

function ownFolderUrls(): readonly string[] {
  return import.meta.url.endsWith('.ts') ? ['../', '../../plugins/'] : ['./'];
}

/** A frame of Treadle's own code says nothing about the project. */
function isOwn(file: string): boolean {
  return ownFolders.some((folder) => file.startsWith(folder));
}
