import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'peers');
const modules = join(folder, 'node_modules');

/** Packages that the benchmarks compare Treadle with, installed in a folder of their own. */
export interface Peers {
  /** Folder of the installed packages. */
  readonly modules: string;
  /** What was installed, `name version`. */
  readonly versions: readonly string[];
  /** A program of one of them. */
  bin(name: string): string;
}

/** Installs the peers when they are not there, and says so. */
export function installPeers(): Peers {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const names = Object.keys(dependenciesOf(manifest));
  if (!names.every((name) => existsSync(join(modules, name)))) {
    console.error(`Installing the peers into test/bench/peers, once, some 200 MB: ${names.join(', ')}.`);
    execFileSync('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: 'inherit' });
  }
  const versions = names.map((name) => `${name} ${versionOf(JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')))}`);
  return { modules, versions, bin: (name) => join(modules, '.bin', name) };
}

/** Python, for the design that Treadle comes from; absent where it is not installed. */
export function findPython(): { readonly file: string; readonly version: string } | undefined {
  try {
    const [, version = ''] = /Python (\S+)/.exec(execFileSync('python3', ['--version'], { encoding: 'utf8' })) ?? [];
    // The program itself: wrappers such as pyenv's take longer than what is measured.
    const file = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
    return { file, version };
  } catch {
    return undefined;
  }
}

function dependenciesOf(manifest: unknown): object {
  const has = typeof manifest === 'object' && manifest !== null && 'dependencies' in manifest;
  return has && typeof manifest.dependencies === 'object' && manifest.dependencies !== null ? manifest.dependencies : {};
}

function versionOf(manifest: unknown): string {
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}
