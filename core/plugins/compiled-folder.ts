import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { TreadleError } from '../contract/errors.ts';

/** Folder of a project's compiled modules. */
export function compiledFolder(root: string): string {
  return join(root, '.treadle', 'compiled');
}

/** Makes the folder, and keeps `.treadle` out of version control. */
export async function makeCompiledFolder(root: string): Promise<void> {
  try {
    await mkdir(compiledFolder(root), { recursive: true });
    await writeFile(join(root, '.treadle', '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw cannotWrite(error);
  }
}

/** Writes a file whole or not at all, so that another process never reads half of it. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await writeFile(draft, content);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw cannotWrite(error);
  }
}

function cannotWrite(error: unknown): TreadleError {
  const reason = error instanceof Error ? error.message : String(error);
  return new TreadleError('E_CONFIG_LOAD', `Compiled files cannot be written to .treadle/compiled: ${reason}`, {
    hint: 'Make the project folder writable: Treadle keeps compiled files and run histories in .treadle.',
    cause: error,
  });
}

/** The `code` of an error of Node's own. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A path relative to the project, with `/` on every system: how records and messages name files. */
export function projectPath(root: string, file: string): string {
  const path = relative(root, file);
  return sep === '/' ? path : path.split(sep).join('/');
}

/** Whether a path is a folder or lies in it. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && resolve(folder, way) === join(resolve(folder), way));
}

/** Name of an entry's compiled files without hash and extension; not unique, for people to read. */
export function entryLabel(entry: string): string {
  const name = basename(entry, extname(entry));
  const telling = name === 'index' || name === 'main' ? basename(dirname(entry)) : name;
  return telling.replaceAll(/[^\w.-]/g, '_');
}

/** SHA-256 in hex. Loads crypto when it is first used: a start from cached files does without, and saves some 10 ms. */
export function sha256(content: string | Uint8Array): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(content).digest('hex');
}
