import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Installation } from './install.ts';
import { environment } from './environment.ts';
import type { Processes } from './processes.ts';
import { node } from './node.ts';
import { settings as defaults } from './settings.ts';

/** How to start VS Code's server. */
export interface ServerOptions {
  /** For settings, extensions and logs. */
  readonly folder: string;
  /** Of the person who uses it, on top of quiet defaults. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Installed beforehand. */
  readonly vsix?: string;
  /** Load an extension and a suite from folders that the address names. Hides notifications. */
  readonly forSuites?: boolean;
  /** Whether folders are trusted without asking. Default: true. */
  readonly trusted?: boolean;
}

export interface Server {
  /** `127.0.0.1:PORT` */
  readonly authority: string;
  readonly pid: number;
}

/** How long the server may take to listen: far beyond what a cold start on a slow disk needs. */
const startMs = 60_000;

/** Starts VS Code's server, and waits until it listens. */
export async function startServer({ server }: Installation, processes: Processes, options: ServerOptions): Promise<Server> {
  const { folder } = options;
  const userData = join(folder, 'user');
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User/settings.json'), JSON.stringify({ ...defaults, ...options.settings }));
  const folders = ['--user-data-dir', userData, '--server-data-dir', folder, '--extensions-dir', join(folder, 'extensions')];
  const terms = '--accept-server-license-terms';
  const env = { ...environment(), EXTENSIONS_GALLERY: '{}', ...options.env };
  if (options.vsix !== undefined) {
    await promisify(execFile)(node(), [server, '--install-extension', options.vsix, ...folders, terms], {
      cwd: folder,
      env: { ...env, ...processes.env },
    });
  }
  const child = processes.start(
    node(),
    [
      ...[server, '--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--disable-telemetry', terms, ...folders],
      ...(options.forSuites ? ['--enable-smoke-test-driver'] : []),
      ...((options.trusted ?? true) ? ['--disable-workspace-trust'] : []),
    ],
    // Not ours: an extension that looks for things in the current folder must not find them.
    { cwd: folder, env },
  );
  const port = await new Promise<string>((resolve, reject) => {
    let text = '';
    const fail = (why: string): void => reject(new Error(`VS Code's server ${why}: ${text.trim().slice(-4000)}`));
    const deadline = setTimeout(() => fail(`does not listen after ${startMs} ms`), startMs);
    child.once('error', (error) => fail(`does not start (${error.message})`));
    child.once('exit', () => fail('has ended before it listened'));
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /agent listening on (\d+)/.exec(text)?.[1];
      if (found === undefined) return;
      clearTimeout(deadline);
      text = '';
      resolve(found);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
  return { authority: `127.0.0.1:${port}`, pid: child.pid ?? 0 };
}
