/** A program that installs packages, and how to ask it. Each command is a program with its arguments. */
export interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  readonly addTreadle: readonly [string, ...string[]];
  /** Runs the installed `treadle`. */
  readonly exec: readonly [string, ...string[]];
}

const managers: { readonly [name in PackageManager['name']]: PackageManager } = {
  npm: {
    name: 'npm',
    addTreadle: ['npm', 'install', '--save-dev', 'treadle'],
    exec: ['npx', '--no-install', 'treadle'],
  },
  pnpm: { name: 'pnpm', addTreadle: ['pnpm', 'add', '--save-dev', 'treadle'], exec: ['pnpm', 'exec', 'treadle'] },
  yarn: { name: 'yarn', addTreadle: ['yarn', 'add', '--dev', 'treadle'], exec: ['yarn', 'treadle'] },
  bun: { name: 'bun', addTreadle: ['bun', 'add', '--dev', 'treadle'], exec: ['bunx', '--no-install', 'treadle'] },
};

const lockFiles: readonly (readonly [string, PackageManager['name']])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
];

/**
 * The package manager of a project. `folders` go from the project's own outwards: the nearest one that says something decides, and
 * within it the `packageManager` field of package.json before lock files.
 */
export function detectPackageManager(
  folders: readonly { readonly files: ReadonlySet<string>; readonly packageManager?: string }[],
): PackageManager {
  for (const { files, packageManager } of folders) {
    const name = packageManager?.split('@', 1)[0];
    if (name !== undefined && isManager(name)) return managers[name];
    const lock = lockFiles.find(([file]) => files.has(file));
    if (lock !== undefined) return managers[lock[1]];
  }
  return managers.npm;
}

function isManager(name: string): name is PackageManager['name'] {
  return Object.hasOwn(managers, name);
}
