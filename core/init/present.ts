import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The first of these files that a folder has. */
export function firstExisting(root: string, names: readonly string[]): string | undefined {
  return names.find((name) => existsSync(join(root, name)));
}
