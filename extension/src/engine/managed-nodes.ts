import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compareVersions, fitsVersion } from './node-version.ts';

/** A Node.js that a version manager installed. */
export interface ManagedNode {
  readonly path: string;
  readonly version: string;
  /** Such as `nvm`, or `nvm, as .nvmrc says`. */
  readonly why: string;
}

/** Where the home folder and the version managers are. */
export interface ManagedNodesOptions {
  readonly folder: string;
  readonly home: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly platform: NodeJS.Platform;
}

/** A folder with one folder a version, and where the program is in each. */
interface Shelf {
  readonly manager: string;
  readonly folder: string;
  readonly program: readonly string[];
}

/** What nvm, fnm, Volta, mise and asdf installed: first what the project's version file asks for, then the newest. */
export async function managedNodes(options: ManagedNodesOptions): Promise<readonly ManagedNode[]> {
  const wanted = await wantedVersion(options.folder);
  const found = (await Promise.all(shelvesOf(options).map(nodesOn))).flat();
  const fits = ({ version }: ManagedNode): boolean => wanted !== undefined && fitsVersion(version, wanted.version);
  return found
    .toSorted((a, b) => Number(fits(b)) - Number(fits(a)) || compareVersions(b.version, a.version))
    .map((node) => (wanted !== undefined && fits(node) ? { ...node, why: `${node.why}, as ${wanted.file} says` } : node));
}

async function nodesOn({ manager, folder, program }: Shelf): Promise<readonly ManagedNode[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^v?\d+\.\d+\.\d+$/.test(name))
    .map((name) => ({ path: join(folder, name, ...program), version: name.replace(/^v/, ''), why: manager }));
}

function shelvesOf({ home, env, platform }: ManagedNodesOptions): readonly Shelf[] {
  const windows = platform === 'win32';
  const program = windows ? ['node.exe'] : ['bin', 'node'];
  const local = env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
  const roaming = env['APPDATA'] ?? join(home, 'AppData', 'Roaming');
  const data = env['XDG_DATA_HOME'] ?? join(home, '.local', 'share');
  const fnm = env['FNM_DIR'] === undefined ? [] : [env['FNM_DIR']];
  const fnmHomes = windows
    ? [join(roaming, 'fnm')]
    : [join(data, 'fnm'), join(home, '.fnm'), join(home, 'Library', 'Application Support', 'fnm')];
  const nvm = windows ? (env['NVM_HOME'] ?? join(roaming, 'nvm')) : join(env['NVM_DIR'] ?? join(home, '.nvm'), 'versions', 'node');
  const volta = env['VOLTA_HOME'] ?? (windows ? join(local, 'Volta') : join(home, '.volta'));
  return [
    { manager: 'nvm', folder: nvm, program },
    ...[...fnm, ...fnmHomes].map((root) => ({
      manager: 'fnm',
      folder: join(root, 'node-versions'),
      program: ['installation', ...program],
    })),
    { manager: 'Volta', folder: join(volta, 'tools', 'image', 'node'), program },
    { manager: 'mise', folder: join(env['MISE_DATA_DIR'] ?? join(windows ? local : data, 'mise'), 'installs', 'node'), program },
    { manager: 'asdf', folder: join(env['ASDF_DATA_DIR'] ?? join(home, '.asdf'), 'installs', 'nodejs'), program },
  ];
}

/** The nearest version file, here or above. */
async function wantedVersion(start: string): Promise<{ readonly file: string; readonly version: string } | undefined> {
  for (let folder = start; ; folder = dirname(folder)) {
    for (const file of ['.nvmrc', '.node-version']) {
      const text = await readFile(join(folder, file), 'utf8').catch(() => undefined);
      if (text !== undefined) return { file, version: text.trim() };
    }
    if (dirname(folder) === folder) return undefined;
  }
}
