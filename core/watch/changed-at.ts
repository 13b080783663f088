import { statSync } from 'node:fs';
import { join } from 'node:path';

/** When a file of a project was last changed, as its file system says; `undefined` when it is gone. */
export function changedAt(root: string, file: string): number | undefined {
  return statSync(join(root, file), { throwIfNoEntry: false })?.ctimeMs;
}
