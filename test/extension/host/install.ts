import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import { unpackChromium } from './unpack-chromium.ts';
import { versions } from './versions.ts';

/** VS Code's server and a browser, on this machine. */
export interface Installation {
  /** The script that starts VS Code's server. */
  readonly server: string;
  /** The folder that {@link unpackChromium} filled; undefined where the package has no browser for this machine. */
  readonly chromium: string | undefined;
}

const run = promisify(execFile);
/** Chromium comes for this kind of machine only; others use the one that they have. */
const hasChromium = process.platform === 'linux' && process.arch === 'x64';

/**
 * Gives VS Code's server and a browser. Installs them into the user's cache folder when they are not there yet, and says so.
 * Safe when several processes do it at once.
 */
export async function install(say: (line: string) => void = console.error): Promise<Installation> {
  const name = `treadle-vscode-${versions.codeServer}-chromium-${versions.chromium}`;
  const folder = join(cacheFolder(), name);
  if (!existsSync(folder)) {
    say(`Installing VS Code ${versions.vscode}${hasChromium ? ' and Chromium' : ''} for the tests, once: about 1 GB in ${folder}`);
    await mkdir(dirname(folder), { recursive: true });
    const temporary = await mkdtemp(`${folder}-`);
    try {
      await fill(temporary);
      await rename(temporary, folder);
    } catch (error) {
      // Somebody else was faster: what they made is the same.
      if (!existsSync(folder)) throw error;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  return {
    server: join(folder, 'node_modules/code-server/lib/vscode/out/server-main.js'),
    chromium: hasChromium ? join(folder, 'chromium') : undefined,
  };
}

async function fill(folder: string): Promise<void> {
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      dependencies: { 'code-server': versions.codeServer, ...(hasChromium ? { '@sparticuz/chromium': versions.chromium } : {}) },
    }),
  );
  // The scripts of these packages compile, which asks for a compiler; what they would build is not needed here.
  await writeFile(join(folder, '.npmrc'), 'ignore-scripts=true\n');
  await npm(folder, 'install', '--no-package-lock');
  // VS Code's own dependencies. Not `npm ci`: the lock file in there is out of step with its package.json.
  await npm(join(folder, 'node_modules/code-server/lib/vscode'), 'install', '--omit=dev', '--no-save');
  if (!hasChromium) return;
  const packed = join(folder, 'node_modules/@sparticuz/chromium');
  await unpackChromium(join(packed, 'bin'), join(folder, 'chromium'));
  await rm(packed, { recursive: true });
}

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const all = [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  try {
    await run('npm', all, { cwd, env: environment(), shell: process.platform === 'win32', maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const reason = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`npm could not install ${basename(cwd)} for the tests in VS Code: ${reason || String(error)}`, { cause: error });
  }
}

/** Without what an npm around us set for itself, and with our own Node.js first: the packages ask for this version. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:config_(?!registry|cache|userconfig)|package_|lifecycle_)/i.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` };
}
