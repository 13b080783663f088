import { emitEnd, type EmittedError, emitFailure, emitOutput, emitTest, emitTotal, nameIn } from './emit.ts';

interface PlaywrightError {
  readonly message?: string;
  readonly stack?: string;
  readonly value?: string;
}

/** What playwright tells of a test. */
interface PlaywrightTest {
  readonly title: string;
  readonly retries: number;
  readonly location: { readonly file: string; readonly line: number; readonly column: number };
  readonly expectedStatus: string;
  titlePath(): string[];
}

interface PlaywrightResult {
  readonly status: string;
  readonly retry: number;
  readonly duration: number;
  readonly errors: readonly PlaywrightError[];
}

type Chunk = string | Uint8Array;

/** A reporter for playwright that streams test cases to Treadle. */
export default class PlaywrightReporter {
  onBegin(_config: unknown, suite: { allTests(): readonly unknown[] }): void {
    emitTotal(suite.allTests().length);
  }

  onTestEnd(test: PlaywrightTest, result: PlaywrightResult): void {
    const status = statusOf(test, result);
    // It is going to be tried again, and the last word counts.
    if (status === 'failed' && result.retry < test.retries && result.status !== 'interrupted') return;
    emitTest({
      name: test.title,
      path: test
        .titlePath()
        .slice(0, -1)
        .filter((title) => title !== ''),
      status,
      durationMs: result.duration,
      location: { file: test.location.file, line: test.location.line, column: test.location.column },
      ...(status === 'failed'
        ? { error: toError(result.errors, `it ${result.status} and was expected to have ${test.expectedStatus}`) }
        : {}),
    });
  }

  onError(error: PlaywrightError): void {
    emitFailure('an error outside of the tests', [], toError([error], 'unknown error'));
  }

  onStdOut(chunk: Chunk): void {
    emitOutput(Buffer.from(chunk).toString());
  }

  onStdErr(chunk: Chunk): void {
    emitOutput(Buffer.from(chunk).toString());
  }

  onEnd(): void {
    emitEnd();
  }

  /** Without this, playwright adds a reporter of its own for the terminal. */
  printsToStdio(): boolean {
    return true;
  }
}

function statusOf(test: PlaywrightTest, result: PlaywrightResult): 'passed' | 'failed' | 'skipped' {
  if (result.status === 'skipped') return 'skipped';
  return result.status === test.expectedStatus ? 'passed' : 'failed';
}

function toError(errors: readonly PlaywrightError[], fallback: string): EmittedError {
  const [first] = errors;
  const text = first?.message ?? first?.value;
  return { ...nameIn(first?.stack ?? text ?? ''), message: text ?? fallback, stack: first?.stack };
}
