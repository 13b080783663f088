import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** The project's own Treadle. */
export interface TreadlePackage {
  /** Absolute, without symbolic links. */
  readonly folder: string;
  readonly version: string;
  /** What Node.js is to run. */
  readonly bin: string;
}

/** The package, that there is none, or what is wrong with the one that there is. */
export type TreadleSearch =
  | { readonly kind: 'found'; readonly treadle: TreadlePackage }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly message: string };

/** Where to look. */
export interface TreadleSearchOptions {
  /** The folder of the pipeline file. */
  readonly folder: string;
  /** The setting `treadle.packagePath`; relative to the workspace folder. */
  readonly configured?: { readonly path: string; readonly relativeTo: string };
}

/**
 * Finds the `treadle` that the pipeline file itself would import: in `node_modules` here and above, through links as
 * pnpm makes them, or the package that the file is part of.
 */
export async function findTreadle({ folder, configured }: TreadleSearchOptions): Promise<TreadleSearch> {
  if (configured !== undefined && configured.path !== '') {
    const path = resolve(configured.relativeTo, configured.path);
    const found = await readPackage(path);
    return found.kind === 'missing'
      ? { kind: 'unusable', message: `The setting treadle.packagePath names ${path}, which is not the package "treadle".` }
      : found;
  }
  const own = await ownPackage(folder);
  if (own.kind !== 'missing') return own;
  for (let at = folder; ; at = dirname(at)) {
    const found = await readPackage(join(at, 'node_modules', 'treadle'));
    if (found.kind !== 'missing') return found;
    if (await exists(join(at, '.pnp.cjs'))) {
      return {
        kind: 'unusable',
        message: `${at} uses Yarn Plug'n'Play, which hides packages from editors. Set "nodeLinker: node-modules" in .yarnrc.yml, or treadle.packagePath in the settings.`,
      };
    }
    if (dirname(at) === at) return { kind: 'missing' };
  }
}

/** A package may import itself by its name: a pipeline file in Treadle's own repository does. */
async function ownPackage(folder: string): Promise<TreadleSearch> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, 'package.json'))) return readPackage(at);
    if (dirname(at) === at) return { kind: 'missing' };
  }
}

async function readPackage(folder: string): Promise<TreadleSearch> {
  const file = join(folder, 'package.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { kind: 'missing' };
  const manifest = parseManifest(text);
  if (manifest?.name !== 'treadle') return { kind: 'missing' };
  const real = await realpath(folder);
  const bin = join(real, manifest.bin);
  const inside = relative(real, bin);
  if (inside.startsWith('..') || isAbsolute(inside))
    return { kind: 'unusable', message: `${file} names a program outside of its package.` };
  if (!(await exists(bin))) {
    return {
      kind: 'unusable',
      message: `${bin} does not exist: Treadle is only partly installed, or has not been built. Install the packages again.`,
    };
  }
  return { kind: 'found', treadle: { folder: real, version: manifest.version, bin } };
}

function parseManifest(text: string): { readonly name: string; readonly version: string; readonly bin: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('name' in value) || !('version' in value) || !('bin' in value)) return undefined;
    const { name, version, bin } = value;
    const program = typeof bin === 'object' && bin !== null && 'treadle' in bin ? bin.treadle : bin;
    return typeof name === 'string' && typeof version === 'string' && typeof program === 'string'
      ? { name, version, bin: program }
      : undefined;
  } catch {
    return undefined;
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
