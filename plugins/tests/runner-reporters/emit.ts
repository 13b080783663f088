// The reporters of this folder are loaded by test runners, in their processes: they import nothing but this file.
import { inspect } from 'node:util';

/** A test case as Treadle's NDJSON says it. */
export interface EmittedTest {
  readonly name: string;
  readonly path: readonly string[];
  readonly status: 'passed' | 'failed' | 'skipped' | 'todo';
  readonly durationMs: number;
  readonly error?: EmittedError | undefined;
  readonly location?: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

export interface EmittedError {
  readonly name?: string | undefined;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
}

export function emitTest(test: EmittedTest): void {
  write({ treadle: 'test', ...test });
}

/** Says how many tests are still to come, in addition to what was said before. */
export function emitTotal(count: number): void {
  write({ treadle: 'total', count });
}

/** Says that the runner came to its end, so that a report without this is known to be cut off. */
export function emitEnd(): void {
  write({ treadle: 'end' });
}

/** A failure outside of all test cases. */
export function emitFailure(name: string, path: readonly string[], error: EmittedError): void {
  emitTest({ name, path, status: 'failed', durationMs: 0, error });
}

/** Passes on what a test printed. */
export function emitOutput(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** A compared value as text. */
export function showValue(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 8, sorted: true });
}

/** The class that the text of an error begins with. */
export function nameIn(text: string): { readonly name?: string } {
  const name = /^\w*(?:Error|Exception)(?=:|\s*$)/.exec(text.split('\n', 1)[0] ?? '')?.[0];
  return name === undefined ? {} : { name };
}

function write(fields: object): void {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}
