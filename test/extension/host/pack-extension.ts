import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../repository.ts';
import { node } from './node.ts';

/**
 * Packs an extension, and gives the VSIX in a folder of its own. Our own is packed by the script that people get it from.
 *
 * @param into - an existing folder
 */
export async function packExtension(folder: string, into: string): Promise<string> {
  const run = (...args: readonly string[]) => promisify(execFile)(node(), args, { cwd: folder });
  const output = await mkdtemp(join(into, 'vsix-'));
  const file = join(output, 'extension.vsix');
  if (folder === join(repository, 'extension')) {
    await run(join(repository, 'scripts/package-extension.ts'));
    const { version }: { version: string } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    await copyFile(join(repository, 'build', `treadle-${version}.vsix`), file);
  } else {
    const vsce = join(repository, 'node_modules/@vscode/vsce/vsce');
    await run(vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--out', file);
  }
  return file;
}
