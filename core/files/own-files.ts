import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Folder of all that Treadle keeps in a project. */
export function ownFolder(root: string): string {
  return join(root, '.treadle');
}

/** Why nothing can be written to Treadle's own folder in a project; `undefined` where it can, as far as one can tell without writing. */
export function whyReadOnly(root: string): string | undefined {
  const folder = ownFolder(root);
  try {
    const there = statSync(folder, { throwIfNoEntry: false });
    if (there?.isDirectory() === false) return `${folder} is not a folder`;
    accessSync(there === undefined ? root : folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Makes a folder in Treadle's own, and keeps all of that out of version control. */
export function makeOwnFolderSync(root: string, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    // Of a file system that can only be read, Node says that a folder is missing.
    const reason = errorCode(error) === 'ENOENT' ? whyReadOnly(root) : undefined;
    throw reason === undefined ? error : new Error(reason, { cause: error });
  }
  const ignored = join(ownFolder(root), '.gitignore');
  if (existsSync(ignored)) return;
  try {
    writeFileSync(ignored, '*\n', { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** {@link makeOwnFolderSync}, without waiting. */
export async function makeOwnFolder(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(join(ownFolder(root), '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Writes a file whole or not at all, so that another process never reads half of it. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await writeFile(draft, content);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The `code` of an error of Node's own. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** SHA-256 in hex. Loads crypto when it is first used: a start from cached files does without, and saves some 10 ms. */
export function sha256(content: string | Uint8Array): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(content).digest('hex');
}
