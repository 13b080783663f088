import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TreadleError, isTreadleError } from '../contract/errors.ts';
import { isInside, projectPath } from '../files/project-path.ts';
import { folderEntry, listedPluginPackages, packageFolder } from './package-entry.ts';

/** A plugin that was found and not yet looked into. */
export interface PluginEntry {
  /** The name that it has unless it says another. */
  readonly name: string;
  /** Its entry, absolute and without symbolic links. */
  readonly file: string;
  /** How messages call it: its path in the project, or its package. */
  readonly shown: string;
}

/** A plugin that cannot be used. */
export interface BrokenPlugin {
  /** The name that it would have if it said no other. */
  readonly name: string;
  readonly error: TreadleError;
}

/** What the folders and packages of a project hold. */
export interface Discovery {
  readonly entries: readonly PluginEntry[];
  readonly broken: readonly BrokenPlugin[];
  /** What is wrong with the `plugins` setting itself. */
  readonly faults: readonly TreadleError[];
}

/** Where plugins are looked for unless a pipeline says otherwise. */
export const defaultPlugins: readonly string[] = ['plugins'];

/**
 * Finds the plugins of a project: in the configured folders and packages, and in the packages called
 * `treadle-plugin-…` that its package.json lists. Nothing is loaded.
 *
 * @param configured - The pipelines' `plugins` setting, `undefined` where they have none.
 */
export function discoverPlugins(root: string, configured: readonly string[] | undefined): Discovery {
  const entries = new Map<string, PluginEntry>();
  const broken: BrokenPlugin[] = [];
  const faults: TreadleError[] = [];
  const attempt = (name: string | undefined, find: () => PluginEntry | undefined): void => {
    try {
      const entry = find();
      if (entry !== undefined && !entries.has(entry.file)) entries.set(entry.file, entry);
    } catch (thrown) {
      const error = isTreadleError(thrown) ? thrown : new TreadleError('E_PLUGIN_LOAD', String(thrown), { cause: thrown });
      if (name === undefined) faults.push(error);
      else broken.push({ name, error });
    }
  };

  for (const source of configured ?? defaultPlugins) {
    attempt(undefined, () => {
      const folder = pluginFolder(root, source);
      if (folder !== undefined) {
        for (const candidate of candidatesIn(folder)) attempt(candidate.name, () => fileEntry(root, folder, candidate));
        return undefined;
      }
      if (configured === undefined) return undefined;
      if (packageFolder(root, source) !== undefined) return packageEntry(root, source);
      throw new TreadleError('E_CONFIG_INVALID', `plugins: "${source}" is neither a folder of the project nor an installed package.`, {
        hint: `Create the folder ${source}, install the package, or correct the plugins setting.`,
      });
    });
  }
  attempt(undefined, () => {
    for (const name of listedPluginPackages(root)) attempt(packagePluginName(name), () => packageEntry(root, name));
    return undefined;
  });
  return { entries: [...entries.values()], broken, faults };
}

/** A configured folder, without symbolic links; `undefined` where there is none of that name. */
function pluginFolder(root: string, source: string): string | undefined {
  const folder = resolve(root, source);
  const outside = (): TreadleError => new TreadleError('E_PATH_OUTSIDE', `plugins: "${source}" lies outside the project.`);
  if (!isInside(root, folder)) throw outside();
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  const real = realpathSync(folder);
  if (!isInside(root, real)) throw outside();
  return real;
}

interface Candidate {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
  /** A file of the folder itself, and no link to one. */
  readonly isOwn: boolean;
}

const pluginFile = /^(?<name>.+)\.(?:ts|mts|js|mjs)$/;
const notPlugin = /^[._]|\.(?:d|test|spec)\.\w+$|^node_modules$/;

function candidatesIn(folder: string): readonly Candidate[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !notPlugin.test(entry.name))
    .map((entry) => candidateFor(folder, entry))
    .filter((found) => found !== undefined)
    .toSorted((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
}

/** By name, and a file before the folder of the same name. */
function orderOf({ name, path, isFolder }: Candidate): string {
  return `${name}\0${isFolder ? 1 : 0}${path}`;
}

function candidateFor(folder: string, entry: Dirent): Candidate | undefined {
  const path = join(folder, entry.name);
  const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
  if (kind === undefined) return undefined;
  if (kind.isDirectory()) return { name: entry.name, path, isFolder: true, isOwn: false };
  const name = pluginFile.exec(entry.name)?.groups?.['name'];
  return name === undefined ? undefined : { name, path, isFolder: false, isOwn: entry.isFile() };
}

function fileEntry(root: string, folder: string, { name, path, isFolder, isOwn }: Candidate): PluginEntry | undefined {
  const entry = isFolder ? folderEntry(path) : path;
  if (entry === undefined) return undefined;
  // The folder is without symbolic links.
  const file = isOwn ? entry : realpathSync(entry);
  if (!isInside(folder, file)) {
    throw new TreadleError(
      'E_PATH_OUTSIDE',
      `${projectPath(root, path)} leads out of its folder of plugins, to ${projectPath(root, file)}.`,
      {
        hint: 'Move the plugin into the folder, or add its own folder to the plugins setting.',
      },
    );
  }
  return { name, file, shown: projectPath(root, entry) };
}

function packageEntry(root: string, name: string): PluginEntry {
  const folder = packageFolder(root, name);
  if (folder === undefined) {
    throw new TreadleError('E_PLUGIN_LOAD', `The package ${name} is listed in package.json and not installed.`, {
      hint: 'Run npm install.',
    });
  }
  const entry = folderEntry(folder);
  if (entry === undefined)
    throw new TreadleError('E_PLUGIN_LOAD', `The package ${name} has no entry: no exports, no main and no index file.`);
  return { name: packagePluginName(name), file: realpathSync(entry), shown: name };
}

/** `treadle-plugin-lighthouse` and `@acme/treadle-plugin-lighthouse` are called `lighthouse`. */
function packagePluginName(name: string): string {
  return name.replace(/^(?:@[^/]+\/)?treadle-plugin-/, '');
}
