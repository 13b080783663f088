import type { JsonValue } from './json.ts';
import type { SourceLocation } from './status.ts';

/** What the process exits with when nothing worse happened: the table behind `E_…` codes. */
export type ExitCode = 0 | 1 | 2 | 3 | 130 | 143;

interface ErrorCodeEntry {
  readonly exitCode: 1 | 2 | 3;
  /** What a person can do about it, where that does not depend on the case at hand. */
  readonly hint?: string;
}

/** Every code that Treadle gives an error, with the exit code that it leads to. */
export const errorCodes = {
  // The pipeline failed (exit 1).
  E_STEP_FAILED: { exitCode: 1 },
  E_TESTS_FAILED: { exitCode: 1 },
  E_ASSERTION: { exitCode: 1 },
  E_COMMAND_FAILED: { exitCode: 1 },
  E_COMMAND_NOT_FOUND: { exitCode: 1, hint: 'Install the program, or check the spelling; node_modules/.bin is already on the PATH.' },
  E_TIMEOUT: { exitCode: 1, hint: 'Raise the timeout of the step, group or pipeline, or find out what it waits for.' },
  E_CANCELLED: { exitCode: 1 },
  E_PROCESS_EXIT: { exitCode: 1, hint: 'Throw an error instead of calling process.exit() in a step.' },
  E_UNCAUGHT: { exitCode: 1, hint: 'The error was thrown outside the promise that the step returned: await that work, or catch it.' },
  E_UNHANDLED_REJECTION: { exitCode: 1, hint: 'A promise was rejected and nobody awaited it: await it, or catch it.' },
  E_OUT_OF_MEMORY: { exitCode: 1, hint: 'Keep less in memory at a time, or raise memoryLimitMb.' },
  E_WORKER_LOST: { exitCode: 1 },
  E_UNSERIALISABLE: { exitCode: 1, hint: 'Results are data: store plain values, not functions, sockets or class instances.' },
  E_MERGE_CONFLICT: { exitCode: 1, hint: "Write to different keys, or set the group's onConflict to 'last'." },
  E_GROUP_FAILED: { exitCode: 1 },
  E_FLAKY: { exitCode: 1, hint: 'Make the step pass at its first attempt, or leave failOnFlaky out.' },
  E_INLINE_ONLY: { exitCode: 1, hint: 'Put the function in a pipeline file or a plugin, or leave its executor at inline.' },
  // Usage, configuration or plugin errors (exit 2).
  E_USAGE: { exitCode: 2, hint: 'Run treadle --help.' },
  E_CONFIG_NOT_FOUND: { exitCode: 2, hint: 'Run treadle init to write one, or name a file with --config.' },
  E_CONFIG_LOAD: { exitCode: 2 },
  E_CONFIG_INVALID: { exitCode: 2 },
  E_PIPELINE_UNKNOWN: { exitCode: 2 },
  E_STEP_UNKNOWN: { exitCode: 2 },
  E_NO_STEPS: { exitCode: 2, hint: 'Add a step to the pipeline, or allow that there is none with --pass-with-no-steps.' },
  E_STEP_DUPLICATE: { exitCode: 2, hint: 'Give each step of a pipeline an id of its own.' },
  E_EXECUTOR_UNKNOWN: { exitCode: 2 },
  E_PARAM_INVALID: { exitCode: 2 },
  E_PATH_OUTSIDE: { exitCode: 2, hint: 'Paths must stay inside the project.' },
  E_PLUGIN_UNKNOWN: { exitCode: 2 },
  E_PLUGIN_LOAD: { exitCode: 2 },
  E_PLUGIN_INVALID: { exitCode: 2, hint: 'Export definePlugin({ … }) or a class that extends PipelineStep as the default export.' },
  E_PLUGIN_DUPLICATE: { exitCode: 2, hint: 'Rename one, or set name in definePlugin.' },
  E_PLUGIN_OPTIONS: { exitCode: 2 },
  E_INIT: { exitCode: 2 },
  E_WATCH: { exitCode: 2 },
  // The engine itself failed (exit 3).
  E_INTERNAL: { exitCode: 3, hint: 'This is a bug in Treadle: please report it with the text above.' },
} as const satisfies Record<string, ErrorCodeEntry>;

/** A code of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** The hint that belongs to a code, if it has one. */
export function hintOf(code: ErrorCode): string | undefined {
  const entry: ErrorCodeEntry = errorCodes[code];
  return entry.hint;
}

/** An error as it travels between threads, in events and in reports: always plain JSON. */
export interface SerializedError {
  /** Treadle's own code; the error's own `code` is in `props`. */
  readonly code: ErrorCode;
  readonly message: string;
  /** The step (or group) that it belongs to. */
  readonly stepId?: string;
  readonly hint?: string;
  /** The class of the original error, such as `TypeError`. */
  readonly name: string;
  /** With source-mapped positions. */
  readonly stack?: string;
  /** Where the error arose, when it lies in code that the project owns. */
  readonly location?: SourceLocation;
  /** The original error's own fields. */
  readonly props?: { readonly [key: string]: JsonValue };
  readonly cause?: SerializedError;
  /** Several errors behind this one: an AggregateError, or all problems of a file. */
  readonly errors?: readonly SerializedError[];
}

/** Errors that arose one after the other. The same chunk each time, so that it travels to a thread once. */
export type ErrorChunk = readonly SerializedError[];

/** What a {@link TreadleError} can say beyond its message. */
export interface TreadleErrorDetails {
  readonly hint?: string;
  readonly stepId?: string;
  readonly location?: SourceLocation;
  readonly cause?: unknown;
  readonly errors?: readonly SerializedError[];
  readonly props?: { readonly [key: string]: JsonValue };
}

/**
 * An error with one of Treadle's codes. Tell errors apart by `code`, not by class: they cross threads.
 *
 * @example
 * throw new TreadleError('E_STEP_UNKNOWN', 'There is no step "lnt".', { hint: 'Did you mean "lint"?' });
 */
export class TreadleError extends Error {
  override readonly name = 'TreadleError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly stepId: string | undefined;
  readonly location: SourceLocation | undefined;
  readonly errors: readonly SerializedError[] | undefined;
  readonly props: { readonly [key: string]: JsonValue } | undefined;

  constructor(code: ErrorCode, message: string, details: TreadleErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? hintOf(code);
    this.stepId = details.stepId;
    this.location = details.location;
    this.errors = details.errors;
    this.props = details.props;
  }
}

/** Whether a value is a {@link TreadleError}, whichever copy of Treadle made it. */
export function isTreadleError(value: unknown): value is TreadleError {
  return (
    value instanceof Error && value.name === 'TreadleError' && 'code' in value && typeof value.code === 'string' && value.code in errorCodes
  );
}
