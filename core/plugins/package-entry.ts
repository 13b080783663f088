import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { isInside } from '../files/project-path.ts';

const extensions = ['.ts', '.mts', '.js', '.mjs'] as const;

/** What Treadle looks at in a package.json. */
interface Manifest {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly description?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly dependencies?: unknown;
  readonly devDependencies?: unknown;
  readonly optionalDependencies?: unknown;
}

/** Reads a package.json; `undefined` where there is none. */
export function readManifest(folder: string): Manifest | undefined {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof manifest === 'object' && manifest !== null ? manifest : {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TreadleError('E_PLUGIN_LOAD', `${file} is not valid JSON: ${reason}`, { cause: error });
  }
}

/**
 * The file that importing a folder gives: its package.json's `exports` or `main`, else its index file.
 *
 * @returns `undefined` for a folder that is no module.
 * @throws `E_PLUGIN_LOAD` when the manifest names a file that does not exist, `E_PATH_OUTSIDE` when it names one outside the folder.
 */
export function folderEntry(folder: string): string | undefined {
  const manifest = readManifest(folder);
  const named =
    manifest === undefined
      ? undefined
      : (exportTarget(manifest.exports) ?? (typeof manifest.main === 'string' ? manifest.main : undefined));
  if (named === undefined) return indexOf(folder);
  const file = resolve(folder, named);
  if (!isInside(folder, file))
    throw new TreadleError('E_PATH_OUTSIDE', `${join(folder, 'package.json')} names ${named}, which is outside its folder.`);
  const found = [file, ...extensions.map((extension) => file + extension)].find((path) => existsSync(path)) ?? file;
  const entry = existsSync(found) && !hasFileName(found) ? indexOf(found) : found;
  if (entry === undefined || !existsSync(entry)) {
    throw new TreadleError('E_PLUGIN_LOAD', `${join(folder, 'package.json')} names ${named}, and there is no such file.`, {
      hint: 'Build the package, or correct its exports or main.',
    });
  }
  return entry;
}

function hasFileName(path: string): boolean {
  return /\.\w+$/.test(path);
}

function indexOf(folder: string): string | undefined {
  return extensions.map((extension) => join(folder, `index${extension}`)).find((file) => existsSync(file));
}

/** What `exports` gives to Node's import of the package itself. */
function exportTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(exportTarget).find((target) => target !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  if ('.' in exports) return exportTarget(exports['.']);
  for (const [condition, target] of Object.entries(exports)) {
    if (!['node', 'import', 'module-sync', 'node-addons', 'default'].includes(condition)) continue;
    const found = exportTarget(target);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The folder of a package that is installed for a project: in a `node_modules` of its folder or of one above it. */
export function packageFolder(root: string, name: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(found)) return realpathSync(found);
    if (folder === dirname(folder)) return undefined;
  }
}

/** Packages called `treadle-plugin-…` that the project's package.json lists. */
export function listedPluginPackages(root: string): readonly string[] {
  const manifest = nearestManifest(root);
  const names = [manifest?.dependencies, manifest?.devDependencies, manifest?.optionalDependencies].flatMap((list) =>
    typeof list === 'object' && list !== null ? Object.keys(list) : [],
  );
  return [...new Set(names)].filter((name) => /^(?:@[^/]+\/)?treadle-plugin-./.test(name)).toSorted();
}

function nearestManifest(root: string): Manifest | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const manifest = readManifest(folder);
    if (manifest !== undefined) return manifest;
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) return undefined;
  }
}
