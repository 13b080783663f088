import { relative } from 'node:path';
import { emitEnd, type EmittedError, emitFailure, emitOutput, emitTest, nameIn } from './emit.ts';

/** What jest tells of a test case. */
interface JestCase {
  readonly title: string;
  readonly ancestorTitles: readonly string[];
  readonly status: string;
  readonly duration?: number | null;
  readonly failureMessages?: readonly string[];
  readonly failureDetails?: readonly unknown[];
  readonly location?: { readonly line: number; readonly column: number } | null;
}

interface JestFile {
  readonly testFilePath: string;
  readonly testResults: readonly JestCase[];
  readonly failureMessage?: string | null;
  readonly testExecError?: { readonly message?: string; readonly stack?: string } | null;
  readonly console?: readonly { readonly message: string }[] | null;
}

/** A reporter for jest that streams test cases to Treadle. */
export default class JestReporter {
  private readonly streamed = new Map<string, string[]>();
  private readonly verbose: boolean | undefined;
  private printsAtOnce = false;

  constructor(config: { readonly verbose?: boolean }) {
    this.verbose = config.verbose;
  }

  onRunStart(results: { readonly numTotalTestSuites: number }): void {
    // Then jest prints what tests print at once, and keeps it as well.
    this.printsAtOnce = this.verbose ?? results.numTotalTestSuites === 1;
  }

  onTestCaseResult(test: { readonly path: string }, result: JestCase): void {
    const known = this.streamed.get(test.path);
    if (known === undefined) this.streamed.set(test.path, [keyOf(result)]);
    else known.push(keyOf(result));
    emitCase(test.path, result);
  }

  onTestResult(_test: unknown, file: JestFile): void {
    if (!this.printsAtOnce) for (const { message } of file.console ?? []) emitOutput(message);
    const streamed = this.streamed.get(file.testFilePath) ?? [];
    this.streamed.delete(file.testFilePath);
    // What was left out is told only here, and by runners other than jest-circus everything.
    for (const result of file.testResults) {
      const at = streamed.indexOf(keyOf(result));
      if (at < 0) emitCase(file.testFilePath, result);
      else streamed.splice(at, 1);
    }
    const failedAlone =
      file.testExecError ?? (file.testResults.length === 0 && file.failureMessage ? { message: file.failureMessage } : undefined);
    if (failedAlone)
      emitFailure('the file could not be run', [shownFile(file.testFilePath)], toError(failedAlone.stack ?? failedAlone.message ?? ''));
  }

  onRunComplete(): void {
    emitEnd();
  }
}

function keyOf({ ancestorTitles, title }: JestCase): string {
  return JSON.stringify([...ancestorTitles, title]);
}

function emitCase(path: string, result: JestCase): void {
  const { title, ancestorTitles, status, duration, failureMessages = [], failureDetails = [], location } = result;
  const [message] = failureMessages;
  emitTest({
    name: title,
    path: [shownFile(path), ...ancestorTitles],
    status: status === 'passed' || status === 'failed' || status === 'todo' ? status : 'skipped',
    durationMs: duration ?? 0,
    ...(message === undefined ? {} : { error: { ...toError(message), ...compared(failureDetails[0]) } }),
    ...(location ? { location: { file: path, line: location.line, column: location.column } } : {}),
  });
}

/** jest gives the message and the stack as one text. */
function toError(text: string): EmittedError {
  const stackStart = text.search(/\n\s+at /);
  const message = (stackStart < 0 ? text : text.slice(0, stackStart)).replace(/^(?:Error|JestAssertionError): /, '').trimEnd();
  return { ...nameIn(text), message, stack: text };
}

function compared(details: unknown): Pick<EmittedError, 'expected' | 'actual'> {
  const found = typeof details === 'object' && details !== null && 'matcherResult' in details ? details.matcherResult : undefined;
  if (typeof found !== 'object' || found === null || !('expected' in found) || !('actual' in found)) return {};
  return { expected: text(found.expected), actual: text(found.actual) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? String(value));
}

function shownFile(path: string): string {
  return relative(process.cwd(), path).replaceAll('\\', '/');
}
