import type { SerializedError } from './errors.ts';
import type { Diagnostic, TestResult } from './events.ts';

/** What steps leave for those that follow. Augment this interface to type your own keys. */
export interface Results {
  [key: string]: unknown;
}

/** The pipeline's `config`, read-only. Augment this interface to type your own keys. */
export interface Config {
  readonly [key: string]: unknown;
}

/** A command: a string for the shell, or argv for a program started directly. */
export type Command = string | readonly string[];

/** Options of {@link PipelineContext.exec}. */
export interface ExecOptions {
  /** Relative to the step's `cwd`, which is the default. */
  readonly cwd?: string;
  /** Added to the step's `env`; `undefined` removes a variable. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Written to standard input, which is then closed. Default: empty. */
  readonly input?: string;
  /**
   * How long the process may live. `'step'` (default): it is stopped when the step ends.
   * `'run'`: it serves the steps that follow and is stopped when the run ends.
   */
  readonly lifetime?: 'step' | 'run';
  /** Whether what it prints is shown as the step's output. Default: true. */
  readonly show?: boolean;
  /** Throw `E_COMMAND_FAILED` unless it exits with 0. Default: true. */
  readonly check?: boolean;
  /** Called with each line, without its end, as it arrives. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** How a command ended. */
export interface ExecResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What it printed: the last 1 MiB of each stream. */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** A running command: await it for its {@link ExecResult}. */
export interface RunningCommand extends PromiseLike<ExecResult> {
  /** The process id, once it has started; rejects when it could not be started. */
  readonly pid: Promise<number>;
  /** Stops the command and its whole process tree. */
  kill(): void;
}

/** The context that a step works on: its own isolated view. */
export interface PipelineContext {
  /** What earlier steps left, and what this step leaves: an ordinary object with copies of its own. */
  readonly results: Results;
  readonly config: Config;
  /** Errors of the run so far. */
  readonly errors: readonly SerializedError[];
  readonly step: { readonly id: string; readonly attempt: number; readonly description?: string };
  /** Aborts on timeout and cancellation; the thread is terminated after a grace (500 ms). */
  readonly signal: AbortSignal;
  /** The project's folder, absolute. */
  readonly cwd: string;
  /** Environment of the step: the process's, with the step's `env` on top. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Reports how far the step has come, 0 to 100. Cheap: call it as often as you like. */
  updateStepProgress(percent: number, message?: string): void;
  /** Prints a line of output, formatted as `console.log` does. */
  log(...values: readonly unknown[]): void;
  /**
   * Runs a command in a process of the engine's own, which also stops it.
   *
   * @throws `E_COMMAND_FAILED` when it exits with anything but 0 (see `check`), `E_COMMAND_NOT_FOUND` when there is no such program.
   * @example
   * const { stdout } = await context.exec(['git', 'rev-parse', 'HEAD'], { show: false });
   */
  exec(command: Command, options?: ExecOptions): RunningCommand;
  /** Runs a test case inside the step. A failing one is reported and fails the step at its end. */
  test(name: string, body: () => unknown): Promise<boolean>;
  /** Reports a test case that ran elsewhere. */
  test(result: TestResult): void;
  /** Reports a finding at a place in a file. */
  diagnostic(problem: Diagnostic): void;
  /** Keeps a file with the run, under `.treadle/attachments`. */
  attach(name: string, content: string | Uint8Array): void;
  /** Shows a warning with the step. */
  warn(message: string): void;
}
