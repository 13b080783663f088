import { spawn, type ChildProcess } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { serializeError } from '../../context/errors.ts';
import type { CommandListener, Environment, ExecExit, ExecRequest } from '../../contract/executor.ts';
import { commandLine, howItEnded, lastWords } from '../command-end.ts';
import { EndOfText } from '../../contract/end-of-text.ts';
import { LineSplitter, tailLimit } from './output.ts';
import { processRow } from './process-table.ts';
import { startError } from './start-error.ts';

const streams = ['stdout', 'stderr'] as const;
/** How long a command that has ended is listened to when another process holds its pipes but says nothing, in milliseconds. */
const quietMs = 100;
/** The same when it goes on talking. */
const talkingMs = 1000;
/** So much is repeated of what a service said before it ended. */
const lastLines = 10;

/** One command that was started, in a process group (on POSIX also a session) of its own. */
export class Child {
  /** Unique in its run. */
  readonly command: number;
  readonly lifetime: 'step' | 'run';
  /** Settles when the command's own process has ended, or could not be started. */
  readonly exited: Promise<void>;
  /** Settles when the listener has heard how it ended. */
  readonly reported: Promise<void>;
  private readonly process: ChildProcess | undefined;
  private readonly listener: CommandListener;
  private readonly onExited = Promise.withResolvers<void>();
  private readonly onReported = Promise.withResolvers<void>();
  private readonly started = performance.now();
  private readonly tails = { stdout: new EndOfText(tailLimit), stderr: new EndOfText(tailLimit) };
  private readonly readers: (() => void)[] = [];
  private hasExited = false;
  private hasReported = false;
  private isGone = false;
  private isReleased = false;
  private wasSignalled = false;
  private chunks = 0;

  constructor(command: number, request: ExecRequest, env: Environment, listener: CommandListener) {
    this.command = command;
    this.lifetime = request.lifetime;
    this.listener = listener;
    this.exited = this.onExited.promise;
    this.reported = this.onReported.promise;
    this.process = this.start(request, env);
  }

  /** Its process group; absent when it could not be started. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Whether its own process or anything in its group exists. Once it is gone it stays so, although pids are used again. */
  get alive(): boolean {
    if (this.isGone || this.pid === undefined) return false;
    if (this.hasExited && (process.platform === 'win32' || !groupExists(this.pid))) this.isGone = true;
    return !this.isGone;
  }

  /** Says that what is left of the group are zombies. */
  forget(): void {
    if (this.hasExited) this.isGone = true;
  }

  /** Whether its own process has ended, and Node does not know yet. */
  get isZombie(): boolean {
    return !this.hasExited && this.pid !== undefined && processRow(this.pid)?.zombie === true;
  }

  get ended(): boolean {
    return this.hasExited;
  }

  /** Sends a signal to the whole group. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.pid === undefined || !this.alive) return;
    // Of a process that has just ended, Node tells later than the system knows.
    if (!this.isZombie) this.wasSignalled = true;
    if (process.platform !== 'win32') return sendSignal(-this.pid, signal);
    spawn('taskkill', ['/pid', String(this.pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).on('error', () => undefined);
  }

  /** Reads no further what a process that it left behind may write. */
  release(): void {
    this.isReleased = true;
    for (const name of streams) this.process?.[name]?.destroy();
  }

  private start(request: ExecRequest, env: Environment): ChildProcess | undefined {
    const [file = '', ...args] = typeof request.command === 'string' ? [request.command] : request.command;
    let child: ChildProcess;
    try {
      child = spawn(file, args, {
        cwd: request.cwd,
        env,
        shell: typeof request.command === 'string',
        // A group of its own, so that it can be stopped with all that it starts.
        detached: process.platform !== 'win32',
        windowsHide: true,
        stdio: [request.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
    } catch (thrown) {
      // Node refuses some arguments, such as text with a NUL, before it tries. The caller has no handle yet: tell it later.
      queueMicrotask(() => this.failed(request, thrown));
      return undefined;
    }
    for (const name of streams) this.read(child, name, request.lines);
    child.once('spawn', () => this.listener.started(child.pid ?? -1));
    child.once('error', (thrown) => this.failed(request, thrown));
    child.once('exit', (exitCode, signal) => {
      this.hasExited = true;
      // What is signalled from now on has ended before.
      const byItself = request.lifetime === 'run' && !this.wasSignalled;
      this.onExited.resolve();
      this.waitForPipes(() => this.report(exitCode, signal));
      if (byItself) void this.reported.then(() => this.tellOfEnd(request, { exitCode, signal }));
    });
    child.once('close', (exitCode, signal) => this.report(exitCode, signal));
    if (request.input !== undefined) {
      // A command that does not read its input is no failure.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(request.input);
    }
    return child;
  }

  private read(child: ChildProcess, name: 'stdout' | 'stderr', lines: boolean): void {
    const decoder = new StringDecoder('utf8');
    const splitter = lines ? new LineSplitter((line) => this.listener.line(line, name)) : undefined;
    const take = (text: string): void => {
      if (text === '' || this.isReleased) return;
      this.listener.output?.(name, text);
      if (this.hasReported) return;
      this.tails[name].add(text);
      splitter?.add(text);
    };
    child[name]?.on('data', (chunk: Buffer) => {
      this.chunks += 1;
      take(decoder.write(chunk));
    });
    this.readers.push(() => {
      take(decoder.end());
      splitter?.end();
    });
  }

  /** A process that the command left behind may hold its pipes for ever: what is in them is read, and then no longer waited for. */
  private waitForPipes(done: () => void): void {
    const until = performance.now() + talkingMs;
    let seen = this.chunks;
    // The poll for data comes after timers: look only after it, or a busy moment would cost the last output.
    const look = (): void =>
      void setImmediate(() => {
        if (this.hasReported) return;
        if (this.chunks === seen || performance.now() > until) return done();
        seen = this.chunks;
        setTimeout(look, quietMs);
      });
    const timer = setTimeout(look, quietMs);
    void this.reported.then(() => clearTimeout(timer));
  }

  private report(exitCode: number | null, signal: string | null): void {
    if (this.hasReported) return;
    for (const end of this.readers) end();
    this.hasReported = true;
    this.listener.exit({ exitCode, signal, ...this.said, durationMs: performance.now() - this.started });
    this.onReported.resolve();
  }

  private get said(): Pick<ExecExit, 'stdout' | 'stderr'> {
    return { stdout: String(this.tails.stdout), stderr: String(this.tails.stderr) };
  }

  private tellOfEnd({ command }: ExecRequest, end: Pick<ExecExit, 'exitCode' | 'signal'>): void {
    if (this.isReleased) return;
    const words = lastWords(this.said, lastLines);
    const how = `\`${commandLine(command)}\` was to serve the steps that follow, but ${howItEnded(end)}`;
    this.listener.endedByItself?.(end.exitCode, words === '' ? `${how}.` : `${how}:\n${words}`);
  }

  private failed(request: ExecRequest, thrown: unknown): void {
    if (this.hasReported) return;
    this.hasReported = true;
    this.hasExited = true;
    this.isGone = true;
    this.listener.error(serializeError(startError(request, thrown)));
    this.onExited.resolve();
    this.onReported.resolve();
  }
}

/** Sends a signal; a process that has ended, or is not ours to stop, is no error. */
export function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

/** Not for groups that may not be signalled: they cannot be stopped, so there is no use in waiting for them. */
function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}
