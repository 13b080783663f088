import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { loginShellPath } from './login-shell.ts';
import { managedNodes } from './managed-nodes.ts';
import { compareVersions, oldestNode } from './node-version.ts';

/** A Node.js to run the engine with. */
export interface NodeChoice {
  readonly path: string;
  readonly version: string;
  /** Why this one, such as `PATH`. */
  readonly why: string;
  /** What the engine's environment needs on top. */
  readonly env: { readonly [name: string]: string };
}

/** The choice, or what was tried in vain: one line each, for the person. */
export type NodeSearch =
  { readonly kind: 'found'; readonly node: NodeChoice } | { readonly kind: 'missing'; readonly tried: readonly string[] };

/** Where to look. */
export interface NodeSearchOptions {
  /** The project's folder. */
  readonly folder: string;
  /** The setting `treadle.nodePath`; relative to the project's folder. It is used or refused, never passed over. */
  readonly configured?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** The editor's own program, and the Node.js that is in it. */
  readonly editor: { readonly path: string; readonly version: string };
}

interface Candidate {
  readonly path: string;
  readonly why: string;
  readonly env?: { readonly [name: string]: string };
  /** Known without asking it. */
  readonly version?: string;
}

const answerLimitMs = 10_000;
const program = process.platform === 'win32' ? 'node.exe' : 'node';

/** Finds a Node.js that is new enough: the setting; the PATH; the login shell's PATH; version managers; the editor itself. */
export async function findNode(options: NodeSearchOptions): Promise<NodeSearch> {
  const tried: string[] = [];
  const seen = new Set<string>();
  for await (const candidate of candidates(options)) {
    const real = await realpath(candidate.path).catch(() => candidate.path);
    if (seen.has(real)) continue;
    seen.add(real);
    const answer = candidate.version === undefined ? await askVersion(candidate.path, options) : { version: candidate.version };
    const { version } = answer;
    if (version !== undefined && compareVersions(version, oldestNode) >= 0) {
      return { kind: 'found', node: { path: candidate.path, version, why: candidate.why, env: candidate.env ?? {} } };
    }
    const reason = version === undefined ? answer.failure : `${version} is older than ${oldestNode}`;
    tried.push(`${candidate.path} (${candidate.why}): ${reason}`);
  }
  if (tried.length === 0) tried.push('There is no node on the PATH, in the login shell, or from a version manager.');
  return { kind: 'missing', tried };
}

/** In the order of preference; what takes time is looked for only when nothing before it will do. */
async function* candidates(options: NodeSearchOptions): AsyncGenerator<Candidate> {
  const { configured, env, folder, home, editor } = options;
  if (configured !== undefined && configured !== '') {
    const path = resolve(folder, configured.replace(/^~(?=[\\/])/, home));
    const found = await stat(path).catch(() => undefined);
    yield { path: found?.isDirectory() === true ? join(path, program) : path, why: 'setting treadle.nodePath' };
    return;
  }
  const path = pathOf(env);
  for (const found of await programsOn(path)) yield { path: found, why: 'PATH' };
  const shellPath = await loginShellPath(env);
  if (shellPath !== undefined) {
    // Steps find npm and other programs where Node.js was found.
    for (const found of await programsOn(shellPath)) yield { path: found, why: "the login shell's PATH", env: { PATH: shellPath } };
  }
  for (const node of await managedNodes({ folder, home, env, platform: process.platform })) {
    yield { path: node.path, why: node.why, env: { PATH: [dirname(node.path), shellPath ?? path].join(delimiter) } };
  }
  yield { path: editor.path, why: 'the editor itself', version: editor.version, env: { ELECTRON_RUN_AS_NODE: '1' } };
}

function pathOf(env: NodeJS.ProcessEnv): string {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH');
  return (name === undefined ? undefined : env[name]) ?? '';
}

async function programsOn(path: string): Promise<readonly string[]> {
  // A relative entry would mean another program in each folder.
  const files = [...new Set(path.split(delimiter))].filter((folder) => isAbsolute(folder)).map((folder) => join(folder, program));
  const found = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.isFile() === true));
  return files.filter((_, index) => found[index] === true);
}

/** Asks a program for its version. In the project's folder: shims of version managers decide by it. */
function askVersion(path: string, { folder, env }: NodeSearchOptions): Promise<{ readonly version?: string; readonly failure?: string }> {
  return new Promise((answer) => {
    const { NODE_OPTIONS: _, ELECTRON_RUN_AS_NODE: __, ...clean } = env;
    execFile(path, ['--version'], { cwd: folder, env: clean, timeout: answerLimitMs, windowsHide: true }, (error, stdout, stderr) => {
      const version = /^v(\d+\.\d+\.\d+)/.exec(stdout.trim())?.[1];
      if (error === null && version !== undefined) return answer({ version });
      const [line = ''] = stderr.trim().split('\n');
      answer({ failure: failureOf(error, line) });
    });
  });
}

function failureOf(error: (Error & { readonly code?: unknown; readonly killed?: boolean }) | null, line: string): string {
  if (error === null) return 'it does not say a version of Node.js';
  if (error.code === 'ENOENT') return 'there is no such program';
  if (error.code === 'EACCES') return 'it may not be run';
  if (error.killed === true) return `it did not answer within ${answerLimitMs / 1000} s`;
  return line === '' ? (error.message.split('\n')[0] ?? 'it failed') : line;
}
