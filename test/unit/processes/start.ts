import type { SerializedError } from '../../../core/contract/errors.ts';
import type { ExecExit, ExecRequest } from '../../../core/contract/executor.ts';
import { ProcessSupervisor, type SupervisorOptions } from '../../../core/executors/processes/supervisor.ts';
import { markProcesses, type ProcessMark } from '../../support/processes.ts';
import { makeProject } from '../../support/project.ts';

let runs = 0;

/** A command under test. */
export interface Started {
  readonly pid: Promise<number>;
  /** Rejects with the error of a command that could not be started. */
  readonly exit: Promise<ExecExit>;
  readonly lines: readonly string[];
  /** What was forwarded so far, of both streams. */
  output(): string;
  /** Waits until a text was forwarded. */
  says(text: string): Promise<void>;
  stop(): void;
}

/** An error that a listener received. */
export class ListenerError extends Error {
  readonly error: SerializedError;

  constructor(error: SerializedError) {
    super(error.message);
    this.error = error;
  }
}

/** A supervisor with a mark of the test's own on all that it starts. */
export interface Rig {
  readonly root: string;
  readonly mark: ProcessMark;
  readonly supervisor: ProcessSupervisor;
  /** Starts a command; the owner's attempt is opened with the first. */
  exec(command: ExecRequest['command'], more?: Partial<ExecRequest> & { readonly owner?: string }): Started;
}

/** Makes a run with nothing running yet. */
export function openRig(options: Partial<SupervisorOptions> & { readonly mark?: ProcessMark } = {}): Rig {
  const root = options.root ?? makeProject({});
  const { mark = markProcesses() } = options;
  runs += 1;
  const supervisor = new ProcessSupervisor(`test-${process.pid}-${runs}`, { ...options, root });
  const opened = new Set<string>();
  const exec: Rig['exec'] = (command, { owner = 'step', ...more } = {}) => {
    if (!opened.has(owner)) supervisor.environment(owner);
    opened.add(owner);
    return start(supervisor, root, mark, command, { owner, ...more });
  };
  return { root, mark, supervisor, exec };
}

function start(
  supervisor: ProcessSupervisor,
  root: string,
  mark: ProcessMark,
  command: ExecRequest['command'],
  { owner, ...more }: Partial<ExecRequest> & { readonly owner: string },
): Started {
  const pid = Promise.withResolvers<number>();
  const exit = Promise.withResolvers<ExecExit>();
  pid.promise.catch(() => undefined);
  exit.promise.catch(() => undefined);
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  let output = '';
  const { PATH = '' } = process.env;
  const request: ExecRequest = {
    command,
    cwd: root,
    lifetime: 'step',
    show: true,
    lines: false,
    ...more,
    env: { PATH, ...mark.env, ...more.env },
  };
  const stop = supervisor.exec(owner, request, {
    started: pid.resolve,
    line: (line) => lines.push(line),
    output: (_stream, text) => {
      // Only what tests look at, or a test of long output would measure itself.
      if (output.length < 1_000_000) output += text;
      for (const watcher of [...watchers]) watcher();
    },
    exit: exit.resolve,
    error: (error) => {
      pid.reject(new ListenerError(error));
      exit.reject(new ListenerError(error));
    },
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!output.includes(text)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  return { pid: pid.promise, exit: exit.promise, lines, output: () => output, says, stop };
}

/** A command that runs JavaScript. */
export function node(script: string): readonly string[] {
  return [process.execPath, '-e', script];
}

/** Starts a process in a session of its own, of which neither group nor parent tells where it came from; then goes on. */
export function leaveSession(then: string, stdio: 'ignore' | 'inherit' = 'ignore'): readonly string[] {
  return node(`
    const { spawn } = require('node:child_process');
    const inner = 'require("node:child_process").spawn("sleep", ["60"], { detached: true, stdio: ${JSON.stringify(stdio)} }).unref()';
    const middle = spawn(process.execPath, ['-e', inner], { detached: true, stdio: ${JSON.stringify(stdio)} });
    middle.on('close', () => {}).on('exit', () => { console.log('left'); ${then} });
  `);
}
