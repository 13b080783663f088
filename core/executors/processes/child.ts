import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { serializeError } from '../../context/errors.ts';
import { TreadleError } from '../../contract/errors.ts';
import type { ExecListener, ExecRequest, Environment } from '../../contract/executor.ts';
import { LineSplitter, Tail } from './output.ts';

/** A listener that may want the output as it arrives. */
export type ChildListener = ExecListener & { output?(stream: 'stdout' | 'stderr', text: string): void };

/** How long a pipe that another process still holds can delay the end of a command, in milliseconds. */
const heldPipeMs = 100;

/** One command that was started, in a process group of its own. */
export class Child {
  readonly lifetime: 'step' | 'run';
  /** Settles when the command's own process has ended, or could not be started. */
  readonly ended: Promise<void>;
  private readonly process: ChildProcess;
  private hasEnded = false;

  constructor(request: ExecRequest, mark: Environment, listener: ChildListener) {
    this.lifetime = request.lifetime;
    const started = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    const [file = '', ...args] = typeof request.command === 'string' ? [request.command] : request.command;
    this.process = spawn(file, args, {
      cwd: request.cwd,
      env: { ...request.env, ...mark },
      shell: typeof request.command === 'string',
      // A group of its own, so that it can be stopped with all that it starts.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: [request.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const child = this.process;
    const tails = { stdout: new Tail(), stderr: new Tail() };
    const flush = (['stdout', 'stderr'] as const).map((name) => read(child, name, tails[name], request.lines, listener));
    let heldPipe: NodeJS.Timeout | undefined;
    let over = false;
    const finish = (exitCode: number | null, signal: string | null): void => {
      if (over) return;
      over = true;
      clearTimeout(heldPipe);
      for (const end of flush) end();
      this.hasEnded = true;
      listener.exit({
        exitCode,
        signal,
        stdout: tails.stdout.text,
        stderr: tails.stderr.text,
        durationMs: performance.now() - started,
      });
      resolve();
    };
    child.once('spawn', () => listener.started(child.pid ?? -1));
    child.once('error', (thrown) => {
      if (over) return;
      over = true;
      this.hasEnded = true;
      listener.error(serializeError(startError(file, request.cwd, thrown)));
      resolve();
    });
    child.once('exit', (exitCode, signal) => {
      // A daemon that it left may hold the pipes for ever.
      heldPipe = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        finish(exitCode, signal);
      }, heldPipeMs);
    });
    child.once('close', finish);
    if (request.input !== undefined) {
      // A command that does not read its input is no failure.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(request.input);
    }
  }

  /** Whether its own process or anything in its group lives. */
  get alive(): boolean {
    const { pid } = this.process;
    if (pid === undefined) return false;
    if (process.platform === 'win32') return !this.hasEnded;
    return !this.hasEnded || groupLives(pid);
  }

  /** Sends a signal to the whole group. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.process;
    if (pid === undefined) return;
    if (process.platform === 'win32') {
      if (!this.hasEnded) spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' });
      return;
    }
    sendSignal(-pid, signal);
  }
}

/** Sends a signal; a process that has ended is no error. */
export function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

function read(child: ChildProcess, name: 'stdout' | 'stderr', tail: Tail, lines: boolean, listener: ChildListener): () => void {
  const decoder = new StringDecoder('utf8');
  const splitter = lines ? new LineSplitter((line) => listener.line(line, name)) : undefined;
  const take = (text: string): void => {
    if (text === '') return;
    tail.add(text);
    listener.output?.(name, text);
    splitter?.add(text);
  };
  child[name]?.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  return () => {
    take(decoder.end());
    splitter?.end();
  };
}

function startError(file: string, cwd: string, thrown: Error): TreadleError {
  const code = 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT' && !existsSync(cwd)) {
    return new TreadleError('E_COMMAND_FAILED', `The folder ${cwd} does not exist, so "${file}" cannot run in it.`, {
      hint: 'Create the folder in an earlier step, or correct cwd.',
    });
  }
  if (code === 'ENOENT') return new TreadleError('E_COMMAND_NOT_FOUND', `There is no program "${file}".`, { cause: thrown });
  return new TreadleError('E_COMMAND_FAILED', `"${file}" could not be started: ${thrown.message}`, { cause: thrown });
}
