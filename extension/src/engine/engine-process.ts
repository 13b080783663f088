import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** How to start an engine. */
export interface EngineCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** How an engine's process ended. */
export type EngineExit =
  | { readonly kind: 'not-started'; readonly message: string }
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly lastWords: string };

/** How much of standard error is kept, to say why an engine ended. */
const lastWordsLength = 4000;

/**
 * One engine process, the leader of a process group of its own. It ends when its standard input does, which happens
 * when this process is gone, however it went.
 */
export class EngineProcess {
  /** Absent when it could not be started. */
  readonly pid: number | undefined;
  readonly exit: Promise<EngineExit>;
  private readonly child: ChildProcessWithoutNullStreams;
  private lastWords = '';
  private ended = false;

  constructor({ file, args, cwd, env }: EngineCommand, onStderr: (text: string) => void) {
    this.child = spawn(file, args, { cwd, env, detached: process.platform !== 'win32', windowsHide: true, stdio: 'pipe' });
    this.pid = this.child.pid;
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.lastWords = (this.lastWords + text).slice(-lastWordsLength);
      onStderr(text);
    });
    // A write that the engine no longer reads is not news: its exit is.
    this.child.stdin.on('error', () => undefined);
    this.exit = new Promise((resolve) => {
      this.child.on('error', (error) => {
        if (this.child.pid !== undefined) return;
        this.ended = true;
        resolve({ kind: 'not-started', message: error.message });
      });
      this.child.on('exit', (code, signal) => {
        this.ended = true;
        // What it wrote last may still be under way; a grandchild that holds the pipe is not waited for.
        const finish = (): void => {
          clearTimeout(timer);
          this.child.stdout.destroy();
          this.child.stderr.destroy();
          resolve({ kind: 'exited', code, signal, lastWords: this.lastWords.trim() });
        };
        const timer = setTimeout(finish, 100);
        this.child.on('close', finish);
      });
    });
  }

  get input(): Writable {
    return this.child.stdin;
  }

  get output(): Readable {
    return this.child.stdout;
  }

  /** Asks it to end by closing its standard input; kills its whole group when it is still there after the grace. */
  async end(graceMs: number): Promise<EngineExit> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.kill(), graceMs);
    const exit = await this.exit;
    clearTimeout(timer);
    return exit;
  }

  /** Kills it and its group at once. The engine's own guard stops what its steps started. */
  kill(): void {
    if (this.ended || this.pid === undefined) return;
    if (process.platform === 'win32') {
      spawn('taskkill', ['/pid', String(this.pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).on('error', () => undefined);
      return;
    }
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}

/** Says how an engine ended, for a person. */
export function describeExit(exit: EngineExit): string {
  if (exit.kind === 'not-started') return `The engine could not be started: ${exit.message}`;
  const how = exit.signal === null ? `with exit code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
  const words = exit.lastWords.split('\n').findLast((line) => line.trim() !== '');
  return words === undefined ? `The engine ended ${how}.` : `The engine ended ${how}: ${words.trim()}`;
}
