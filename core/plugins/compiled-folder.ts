import { constants, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { makeOwnFolder, ownFolder, whyReadOnly, writeWhole } from '../files/own-files.ts';
import { privateFolder } from '../files/private-folder.ts';

/** Where this process compiles a project to whose own folder cannot be written. */
interface Substitute {
  readonly folder: string;
  /** Why the project's own folder cannot be written. */
  readonly reason: string;
}

/** By project. For good: a module must stay where it was imported from. */
const substitutes = new Map<string, Substitute>();

/** Folders of a project's compiled modules: those of this process alone come first, if there are any. */
export function compiledFolders(root: string): readonly string[] {
  const substitute = substitutes.get(root);
  const own = join(ownFolder(root), 'compiled');
  return substitute === undefined ? [own] : [substitute.folder, own];
}

/** Why a project's modules are compiled elsewhere; `undefined` as long as they are not. */
export function whyElsewhere(root: string): string | undefined {
  return substitutes.get(root)?.reason;
}

/**
 * Makes the folder that a project is compiled to, and keeps `.treadle` out of version control. Where a project cannot be written, it is a
 * private one: code that was compiled there can be run by this process, and changed by nobody else.
 *
 * @throws `E_CONFIG_LOAD` when that cannot be made either
 */
export async function makeCompiledFolder(root: string): Promise<string> {
  const [folder = '', own] = compiledFolders(root);
  if (own !== undefined) return folder;
  try {
    await makeOwnFolder(root, folder);
    await access(folder, constants.W_OK);
    return folder;
  } catch (error) {
    const reason = whyReadOnly(root) ?? messageOf(error);
    // Several modules are compiled at a time.
    const { folder: elsewhere } = substitutes.get(root) ?? substitute(root, reason);
    return elsewhere;
  }
}

function substitute(root: string, reason: string): Substitute {
  try {
    const made = { folder: standIn(root), reason };
    substitutes.set(root, made);
    return made;
  } catch (error) {
    throw new TreadleError(
      'E_CONFIG_LOAD',
      `Compiled files can be written neither to .treadle/compiled (${reason}) nor elsewhere: ${messageOf(error)}`,
      {
        hint: 'Make the project folder writable, or let TMPDIR name a folder that only you can write to.',
        cause: error,
      },
    );
  }
}

/** Makes a folder from which a module finds the packages that it would find from the project. */
function standIn(root: string): string {
  let place = join(privateFolder(), String(substitutes.size));
  mkdirSync(place);
  for (const folder of foldersDownTo(root)) {
    const packages = join(folder, 'node_modules');
    if (!existsSync(packages)) continue;
    place = join(place, basename(folder) || 'root');
    mkdirSync(place);
    symlinkSync(packages, join(place, 'node_modules'), 'junction');
  }
  const compiled = join(place, '.treadle', 'compiled');
  mkdirSync(compiled, { recursive: true });
  return compiled;
}

function foldersDownTo(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [...foldersDownTo(above), folder];
}

/** Writes one of the compiled files whole or not at all. */
export async function writeCompiled(file: string, content: string): Promise<void> {
  await writeWhole(file, content).catch((error: unknown) => {
    throw new TreadleError('E_CONFIG_LOAD', `Compiled files cannot be written to ${dirname(file)}: ${messageOf(error)}`, {
      hint: 'Make room there, and let the folder be writable: Treadle keeps compiled files in it.',
      cause: error,
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Where the places of a compiled module's steps in the sources are kept. */
export function positionsFile(module: string): string {
  return `${module}.positions.json`;
}

/** Name of an entry's compiled files without hash and extension; not unique, for people to read. */
export function entryLabel(entry: string): string {
  const name = basename(entry, extname(entry));
  const telling = name === 'index' || name === 'main' ? basename(dirname(entry)) : name;
  return telling.replaceAll(/[^\w.-]/g, '_');
}
