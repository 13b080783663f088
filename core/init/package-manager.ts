import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readManifest } from './manifest.ts';

/** A program that installs packages, and how it is asked to. */
export interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** Adds Treadle to the project. */
  readonly addTreadle: string;
  /** Installs what the lock file says. */
  readonly install: string;
  /** Runs a program of an installed package; its name follows. */
  readonly exec: string;
  /** Runs a script of package.json; its name follows. */
  readonly script: string;
  /** Installed packages have no folder of programs: only the package manager can start them. */
  readonly plugAndPlay: boolean;
}

const managers: { readonly [Name in PackageManager['name']]: PackageManager } = {
  npm: { name: 'npm', addTreadle: 'npm install --save-dev treadle', install: 'npm ci', exec: 'npx', script: 'npm run', plugAndPlay: false },
  pnpm: {
    name: 'pnpm',
    addTreadle: 'pnpm add --save-dev treadle',
    install: 'pnpm install --frozen-lockfile',
    exec: 'pnpm exec',
    script: 'pnpm run',
    plugAndPlay: false,
  },
  yarn: {
    name: 'yarn',
    addTreadle: 'yarn add --dev treadle',
    install: 'yarn install --immutable',
    exec: 'yarn',
    script: 'yarn run',
    plugAndPlay: false,
  },
  bun: {
    name: 'bun',
    addTreadle: 'bun add --dev treadle',
    install: 'bun install --frozen-lockfile',
    exec: 'bunx',
    script: 'bun run',
    plugAndPlay: false,
  },
};

const lockFiles: readonly (readonly [string, PackageManager['name']])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['pnpm-workspace.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/**
 * The package manager of a project: the nearest folder that says something decides, and within it the `packageManager`
 * field of package.json before lock files.
 */
export function findPackageManager(root: string): PackageManager {
  for (let folder = root; ; folder = dirname(folder)) {
    const manager = namedIn(folder);
    if (manager !== undefined) return manager.name === 'yarn' ? yarnOf(folder, manager) : manager;
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) return managers.npm;
  }
}

function namedIn(folder: string): PackageManager | undefined {
  const field = fieldOf(folder)?.split('@', 1)[0] ?? '';
  const named = Object.values(managers).find(({ name }) => name === field);
  if (named !== undefined) return named;
  const lock = lockFiles.find(([file]) => existsSync(join(folder, file)));
  return lock === undefined ? undefined : managers[lock[1]];
}

function fieldOf(folder: string): string | undefined {
  if (!existsSync(join(folder, 'package.json'))) return undefined;
  try {
    return readManifest(folder).packageManager;
  } catch {
    // One above the project is none of our business.
    return undefined;
  }
}

/** Yarn 1 has other options than its successors, and those may do without `node_modules`. */
function yarnOf(folder: string, yarn: PackageManager): PackageManager {
  const field = (fieldOf(folder) ?? '').startsWith('yarn@1.');
  const lock = existsSync(join(folder, 'yarn.lock')) ? readFileSync(join(folder, 'yarn.lock'), 'utf8').slice(0, 400) : '';
  if (field || lock.includes('yarn lockfile v1')) return { ...yarn, install: 'yarn install --frozen-lockfile' };
  return { ...yarn, plugAndPlay: existsSync(join(folder, '.pnp.cjs')) };
}
