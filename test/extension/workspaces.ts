import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addFiles } from '../support/project.ts';
import { repository } from './repository.ts';

const made: string[] = [];

/** What a workspace is made of. */
export interface WorkspaceParts {
  /** Name of a project in `fixtures`, copied. */
  readonly fixture?: string;
  /** Of its folder, as the window shows it. Default: the fixture's, or "project". */
  readonly name?: string;
  /** Files by path, written over the fixture. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether `treadle` is installed there: the one of this repository, as it was built. Default: true. */
  readonly treadle?: boolean;
}

/** Makes a project in a folder of its own, for an editor to open, and gives that folder. */
export async function makeWorkspace({ fixture, name = fixture ?? 'project', files, treadle = true }: WorkspaceParts): Promise<string> {
  // The real path, as the engine sees it.
  const outer = await realpath(await mkdtemp(join(tmpdir(), 'treadle-workspace-')));
  made.push(outer);
  const root = join(outer, name);
  await mkdir(root);
  const ignored = /[\\/](?:node_modules|\.treadle|build)$/;
  if (fixture !== undefined)
    await cp(join(repository, 'fixtures', fixture), root, { recursive: true, filter: (path) => !ignored.test(path) });
  if (files !== undefined) addFiles(root, files);
  if (treadle) await linkModules(root);
  return root;
}

/** Makes a workspace of several folders, and gives its file. */
export async function joinFolders(folders: readonly string[], settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), 'treadle-workspace-')));
  made.push(outer);
  const file = join(outer, 'joined.code-workspace');
  await writeFile(file, JSON.stringify({ folders: folders.map((path) => ({ path })), settings }));
  return file;
}

/** What the suites open: a fixture, and a second root that is empty, where they make projects of their own. */
export async function makeSuiteWorkspace(): Promise<string> {
  return joinFolders([await makeWorkspace({ fixture: 'storefront' }), await makeWorkspace({ name: 'workshop' })]);
}

/** Removes all workspaces that were made. */
export async function removeWorkspaces(): Promise<void> {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** Makes the packages of this repository those of the project: what its fixtures use, and the repository itself as `treadle`. */
async function linkModules(root: string): Promise<void> {
  const from = join(repository, 'node_modules');
  const to = join(root, 'node_modules');
  // Programs in a folder of their own: an installed Treadle has one there, too.
  await mkdir(join(to, '.bin'), { recursive: true });
  for (const name of await readdir(from)) if (!name.startsWith('.')) await symlink(join(from, name), join(to, name));
  for (const name of await readdir(join(from, '.bin'))) await symlink(join(from, '.bin', name), join(to, '.bin', name));
  await symlink(repository, join(to, 'treadle'), 'junction');
  await symlink(join(repository, 'dist/bin.cjs'), join(to, '.bin/treadle'));
}
