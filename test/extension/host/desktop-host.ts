import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { downloadAndUnzipVSCode, SilentReporter } from '@vscode/test-electron';
import { cacheFolder } from './cache-folder.ts';
import { environment } from './environment.ts';
import { settings } from './settings.ts';
import type { SuiteHost } from './suite-host.ts';
import { versions } from './versions.ts';

/** Where desktop editors are kept. */
const downloads = (): string => join(cacheFolder(), 'treadle-vscode-desktop');

async function download(): Promise<string> {
  const cachePath = downloads();
  if (!existsSync(cachePath)) console.error(`Downloading VS Code ${versions.vscode} for the tests, once, to ${cachePath}`);
  await mkdir(cachePath, { recursive: true });
  return downloadAndUnzipVSCode({ version: versions.vscode, cachePath, reporter: new SilentReporter(), timeout: 30_000 });
}

/** VS Code for the desktop, as people have it. */
export const desktopHost: SuiteHost = {
  name: 'desktop',
  prepare: async () => void (await download()),
  run: async ({ extension, workspace, module, folder, env, processes, log }) => {
    const program = await download();
    const userData = join(folder, 'user');
    await mkdir(join(userData, 'User'), { recursive: true });
    await writeFile(join(userData, 'User/settings.json'), JSON.stringify(settings));
    await stat(workspace);
    const args = [
      ...[workspace, `--extensionDevelopmentPath=${extension}`, `--extensionTestsPath=${module}`],
      ...['--enable-proposed-api=treadle.spectator', `--user-data-dir=${userData}`, `--extensions-dir=${join(folder, 'extensions')}`],
      ...['--disable-workspace-trust', '--disable-telemetry', '--disable-updates', '--skip-welcome', '--skip-release-notes'],
      ...['--no-sandbox', '--disable-gpu', '--use-inmemory-secretstorage'],
    ];
    const [command, ...all] = needsDisplay() ? ['xvfb-run', '-a', program, ...args] : [program, ...args];
    const child = processes.start(command, all, { cwd: folder, env: { ...environment(), ...env } });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => log(chunk.toString()));
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  },
};

/** Whether a desktop editor can show itself here. */
export function hasDisplay(): boolean {
  return !needsDisplay() || (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'xvfb-run')));
}

function needsDisplay(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY;
}
