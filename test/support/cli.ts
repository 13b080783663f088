import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunEvent, RunEventOf, RunEventType } from '../../core/contract/events.ts';
import type { WatchEvent, WatchEventType } from '../../core/contract/watch-events.ts';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** The program under test; `TREADLE_BIN=dist/bin.cjs` tests what the build made. */
const program = resolve(repository, process.env['TREADLE_BIN'] ?? 'core/bin.cts');
/** When to give up on a process; far beyond what any test needs, and less than mocha's limit. */
const deadlineMs = 18_000;

/** How a run of the command line ended. */
export interface CliResult {
  /** `null` when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of standard output that are run events. */
  readonly events: readonly RunEvent[];
  readonly durationMs: number;
}

/** How to start the command line. */
export interface CliOptions {
  /** On top of an environment without CI, colour and terminal settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project. */
  readonly cwd?: string;
}

/** A command line that is running. */
export interface CliProcess {
  readonly pid: number;
  /** Resolves when the process has ended; rejects when it does not within 18 s. */
  readonly ended: Promise<CliResult>;
  /** The first event of a type (that fits), whether it has come already or is still to come. */
  event<T extends RunEventType>(type: T, fits?: (event: RunEventOf<T>) => boolean): Promise<RunEventOf<T>>;
  /** The events so far. */
  readonly events: readonly RunEvent[];
  /** The watch event of a type (that fits) that comes as the given one, counted from 1. */
  watchEvent<T extends WatchEventType>(
    type: T,
    count?: number,
    fits?: (event: Extract<WatchEvent, { readonly type: T }>) => boolean,
  ): Promise<Extract<WatchEvent, { readonly type: T }>>;
  /** Waits until standard output or standard error holds a text. */
  output(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Closes our end of standard output, as `| head` does. */
  closeStdout(): void;
}

/** A project in a folder of its own, which is removed at the end. */
export interface CliProject {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /** The script under test, for starting it by other means. */
  readonly program: string;
  path(...parts: readonly string[]): string;
  read(file: string): Promise<string>;
  write(file: string, content: string): Promise<void>;
  start(args: readonly string[], options?: CliOptions): CliProcess;
  /** Starts, and waits for the end. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
}

/** The environment of a person at a terminal, wherever the tests run. */
export function baseEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !/^(CI|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|MOCHA_.*|GITHUB_.*|GITLAB_CI|TF_BUILD|TEAMCITY_VERSION|COLUMNS|TREADLE_.*)$/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), TERM: 'xterm-256color' };
}

function isEvent(value: unknown): value is RunEvent {
  return typeof value === 'object' && value !== null && 'type' in value && 'seq' in value && 'runId' in value;
}

function isWatchEvent(value: unknown): value is WatchEvent {
  return typeof value === 'object' && value !== null && 'type' in value && String(value.type).startsWith('watch:');
}

function parseLine(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function launch(root: string, args: readonly string[], options: CliOptions, started: Set<CliProcess>): CliProcess {
  const begun = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    cwd: resolve(root, options.cwd ?? '.'),
    env: { ...baseEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: RunEvent[] = [];
  const watchEvents: WatchEvent[] = [];
  const watchers = new Set<() => void>();
  const text = { stdout: '', stderr: '' };
  let unparsed = '';
  let over = false;
  const notify = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
    const lines = (unparsed + chunk).split('\n');
    unparsed = lines.pop() ?? '';
    for (const line of lines) {
      const value = parseLine(line);
      if (isEvent(value)) events.push(value);
      else if (isWatchEvent(value)) watchEvents.push(value);
    }
    notify();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
    notify();
  });
  const transcript = (): string => `treadle ${args.join(' ')}\n--- stdout\n${text.stdout}\n--- stderr\n${text.stderr}`;
  const ended = new Promise<CliResult>((settle, fail) => {
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`still running after ${deadlineMs} ms: ${transcript()}`));
    }, deadlineMs);
    child.on('error', fail);
    child.on('close', (exitCode, signal) => {
      clearTimeout(deadline);
      over = true;
      notify();
      settle({ exitCode, signal, ...text, events, durationMs: performance.now() - begun });
    });
  });
  // A test may only look at events; the failure reaches those who await.
  ended.catch(() => {});
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((settle, fail) => {
      const look = (): void => {
        const found = find();
        if (found === undefined && !over) return;
        watchers.delete(look);
        if (found === undefined) fail(new Error(`ended without ${what}: ${transcript()}`));
        else settle(found);
      };
      watchers.add(look);
      look();
    });
  const handle: CliProcess = {
    pid: child.pid ?? 0,
    ended,
    event: <T extends RunEventType>(type: T, fits: (event: RunEventOf<T>) => boolean = () => true) => {
      const matches = (event: RunEvent): event is RunEventOf<T> & RunEvent => event.type === type;
      return until(() => events.filter(matches).find((event) => fits(event)), `an event ${type}`);
    },
    events,
    watchEvent: <T extends WatchEventType>(
      type: T,
      count = 1,
      fits: (event: Extract<WatchEvent, { readonly type: T }>) => boolean = () => true,
    ) => {
      const matches = (event: WatchEvent): event is Extract<WatchEvent, { readonly type: T }> => event.type === type;
      return until(() => watchEvents.filter(matches).filter(fits)[count - 1], `${count} events ${type}`);
    },
    output: async (wanted) => {
      await until(() => (text.stdout.includes(wanted) || text.stderr.includes(wanted) ? true : undefined), `the output "${wanted}"`);
    },
    signal: (name) => {
      child.kill(name);
    },
    closeStdout: () => {
      child.stdout.destroy();
    },
  };
  started.add(handle);
  void ended.finally(() => started.delete(handle)).catch(() => {});
  return handle;
}

async function writeAll(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/**
 * Writes a project into a temporary folder, hands it to a test, and removes it, together with whatever still runs.
 *
 * @example
 * await withProject({ 'treadle.config.ts': '…' }, async (project) => {
 *   const { exitCode } = await project.run(['run', '--reporter', 'ndjson']);
 *   assert.equal(exitCode, 0);
 * });
 */
export async function withProject<T>(files: Readonly<Record<string, string>>, test: (project: CliProject) => Promise<T>): Promise<T> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'treadle-cli-')));
  const started = new Set<CliProcess>();
  const start: CliProject['start'] = (args, options = {}) => launch(root, args, options, started);
  try {
    await writeAll(root, files);
    return await test({
      root,
      program,
      path: (...parts) => join(root, ...parts),
      read: (file) => readFile(join(root, file), 'utf8'),
      write: (file, content) => writeAll(root, { [file]: content }),
      start,
      run: (args, options) => start(args, options).ended,
    });
  } finally {
    for (const { signal, ended } of [...started]) {
      signal('SIGKILL');
      await ended.catch(() => {});
    }
    await rm(root, { recursive: true, force: true });
  }
}

/** Starts the command line in a folder that stays, such as a fixture. */
export function startCli(root: string, args: readonly string[], options: CliOptions = {}): CliProcess {
  return launch(root, args, options, new Set());
}
