import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../repository.ts';

/** The Node.js of this repository: VS Code's server asks for version 24, and its extension host runs on it. */
export function node(): string {
  const own = join(repository, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(own) ? own : process.execPath;
}
