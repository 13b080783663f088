import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { TreadleError } from '../contract/errors.ts';

/** A package of a workspace. */
export interface WorkspacePackage {
  /** The name in its package.json; its folder where it has none. */
  readonly name: string;
  /** Its folder, relative to the workspace, with `/`. */
  readonly folder: string;
  /** Names of packages of the workspace that it depends on. */
  readonly needs: readonly string[];
}

/** A repository of several packages. */
export interface Workspace {
  /** The folder that lists the packages, absolute and without symbolic links. */
  readonly root: string;
  readonly name: string;
  readonly packages: readonly WorkspacePackage[];
}

const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * Finds the packages of the workspace that a folder is in: `workspaces` of package.json (npm, Yarn, Bun), or pnpm-workspace.yaml.
 *
 * @throws `E_USAGE` where there is no workspace, `E_CONFIG_INVALID` where its files are wrong.
 */
export function findWorkspace(cwd: string): Workspace {
  const found = findRoot(realpathSync(cwd));
  if (found === undefined) {
    throw new TreadleError('E_USAGE', `${cwd} is not in a workspace, so there are no packages for -r.`, {
      hint: 'List the packages: "workspaces": ["packages/*"] in package.json, or packages in pnpm-workspace.yaml.',
    });
  }
  const { root, patterns } = found;
  const folders = packageFolders(root, patterns);
  const manifests = folders.map((folder) => ({ folder, manifest: readManifest(join(root, folder)) }));
  const names = new Map<string, string>();
  for (const { folder, manifest } of manifests) {
    const name = nameOf(manifest, folder);
    const other = names.get(name);
    if (other !== undefined) {
      throw new TreadleError(
        'E_CONFIG_INVALID',
        `Two packages have the name "${name}": ${other}/package.json and ${folder}/package.json.`,
        {
          hint: 'Rename one.',
        },
      );
    }
    names.set(name, folder);
  }
  return {
    root,
    name: nameOf(readManifest(root), basename(root)),
    packages: manifests.map(({ folder, manifest }) => ({
      name: nameOf(manifest, folder),
      folder,
      needs: dependenciesOf(manifest).filter((name) => names.has(name) && names.get(name) !== folder),
    })),
  };
}

type Manifest = Readonly<Record<string, unknown>>;

function findRoot(cwd: string): { readonly root: string; readonly patterns: readonly string[] } | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const patterns = patternsOf(folder);
    if (patterns !== undefined) return { root: folder, patterns };
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) return undefined;
  }
}

/** Whether a folder is the one that lists the packages of a workspace. */
export function listsPackages(folder: string): boolean {
  return patternsOf(folder) !== undefined;
}

function patternsOf(folder: string): readonly string[] | undefined {
  const pnpm = join(folder, 'pnpm-workspace.yaml');
  if (existsSync(pnpm)) return pnpmPatterns(readFileSync(pnpm, 'utf8'));
  if (!existsSync(join(folder, 'package.json'))) return undefined;
  const { workspaces } = readManifest(folder);
  const listed: unknown = isRecord(workspaces) ? workspaces['packages'] : workspaces;
  if (listed === undefined) return undefined;
  if (Array.isArray(listed) && listed.every((item) => typeof item === 'string')) return listed;
  throw new TreadleError('E_CONFIG_INVALID', `workspaces in ${join(folder, 'package.json')} must be a list of texts.`);
}

/** The list `packages` of pnpm's file, which is all that is needed of it. */
function pnpmPatterns(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => /^packages\s*:/.test(line));
  if (start < 0) return [];
  const inline = /^packages\s*:\s*\[(.*)\]/.exec(lines[start] ?? '')?.[1];
  if (inline !== undefined) return inline.split(',').map(unquoted).filter(Boolean);
  const items: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const item = /^\s*-\s+(.+)$/.exec(line)?.[1];
    if (item !== undefined) items.push(unquoted(item));
    else if (/^\S/.test(line) && !line.startsWith('#')) break;
  }
  return items;
}

function unquoted(item: string): string {
  const text = item.trim();
  const quoted = /^(["'])(.*?)\1/.exec(text)?.[2];
  return quoted ?? text.replace(/\s+#.*$/, '');
}

function packageFolders(root: string, patterns: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const pattern of patterns) {
    const excludes = pattern.startsWith('!');
    const plain = (excludes ? pattern.slice(1) : pattern).replace(/^\.\//, '').replace(/\/+$/, '');
    const found = globSync(`${plain}/package.json`, { cwd: root, exclude: (name) => basename(name) === 'node_modules' });
    for (const file of found) {
      const folder = relative(root, dirname(join(root, file)))
        .split(sep)
        .join('/');
      if (excludes) folders.delete(folder);
      else if (folder !== '' && !folder.startsWith('../')) folders.add(folder);
    }
  }
  return [...folders].toSorted();
}

function readManifest(folder: string): Manifest {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return {};
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isRecord(manifest)) return manifest;
  } catch (error) {
    throw new TreadleError('E_CONFIG_INVALID', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
  throw new TreadleError('E_CONFIG_INVALID', `${file} must hold an object.`);
}

function nameOf({ name }: Manifest, otherwise: string): string {
  return typeof name === 'string' && name !== '' ? name : otherwise;
}

function dependenciesOf(manifest: Manifest): readonly string[] {
  return [...new Set(dependencyFields.flatMap((field) => (isRecord(manifest[field]) ? Object.keys(manifest[field]) : [])))];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
