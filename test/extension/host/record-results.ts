import { findSourceMap } from 'node:module';
import Mocha from 'mocha';
import { takeNotes } from './notes.ts';
import type { TestResult } from './results.ts';

/** A reporter for mocha that hands on each result. */
export function recordResults(record: (result: TestResult) => void): Mocha.ReporterConstructor {
  return class extends Mocha.reporters.Base {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
      super(runner, options);
      const tell = (runnable: Mocha.Runnable, status: TestResult['status'], error?: unknown): void =>
        record({
          path: runnable.parent?.titlePath() ?? [],
          title: runnable.title,
          status,
          durationMs: runnable.duration ?? 0,
          ...withNotes(takeNotes()),
          ...(error === undefined ? {} : { error: mapPlaces(explain(error)) }),
        });
      runner.on('pass', (test) => tell(test, 'passed'));
      runner.on('pending', (test) => tell(test, 'skipped'));
      runner.on('fail', (test, error) => tell(test, 'failed', error));
    }
  };
}

function withNotes(notes: readonly string[]): Pick<TestResult, 'notes'> {
  return notes.length === 0 ? {} : { notes };
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack?.includes(error.message) === true ? error.stack : `${error.name}: ${error.message}\n${error.stack ?? ''}`;
  // The message of an AssertionError without an own message holds the difference already.
  const difference = 'generatedMessage' in error && error.generatedMessage === false && 'expected' in error && 'actual' in error;
  return difference ? `${stack}\n${Mocha.reporters.Base.generateDiff(text(error.actual), text(error.expected))}` : stack;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? String(value));
}

/** An extension host prepares stacks by itself, and leaves out Node's mapping to the sources. */
function mapPlaces(stack: string): string {
  return stack.replaceAll(/((?:\/|[A-Za-z]:\\)[^():]+):(\d+):(\d+)/g, (place: string, file: string, line: string, column: string) => {
    const origin = findSourceMap(file)?.findOrigin(Number(line), Number(column));
    return origin !== undefined && 'fileName' in origin ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}` : place;
  });
}
