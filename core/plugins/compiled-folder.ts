import { basename, dirname, extname, join } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { makeOwnFolder, ownFolder, writeWhole } from '../files/own-files.ts';

/** Folder of a project's compiled modules. */
export function compiledFolder(root: string): string {
  return join(ownFolder(root), 'compiled');
}

/** Makes the folder, and keeps `.treadle` out of version control. */
export async function makeCompiledFolder(root: string): Promise<void> {
  await makeOwnFolder(root, compiledFolder(root)).catch(refuse);
}

/** Writes one of its files whole or not at all. */
export async function writeCompiled(file: string, content: string): Promise<void> {
  await writeWhole(file, content).catch(refuse);
}

function refuse(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new TreadleError('E_CONFIG_LOAD', `Compiled files cannot be written to .treadle/compiled: ${reason}`, {
    hint: 'Make the project folder writable: Treadle keeps compiled files and run histories in .treadle.',
    cause: error,
  });
}

/** Name of an entry's compiled files without hash and extension; not unique, for people to read. */
export function entryLabel(entry: string): string {
  const name = basename(entry, extname(entry));
  const telling = name === 'index' || name === 'main' ? basename(dirname(entry)) : name;
  return telling.replaceAll(/[^\w.-]/g, '_');
}
