import type { SourceLocation, TestError, TestStatus } from '../../core/index.ts';

/** A test case as a report tells it. */
export interface ReportedTest {
  readonly name: string;
  readonly path: readonly string[];
  readonly status: TestStatus;
  readonly durationMs: number;
  readonly error?: TestError;
  /** Its file is as the report names it. */
  readonly location?: SourceLocation;
}

/** What a reader finds in a report. */
export interface ReportListener {
  test(test: ReportedTest): void;
  /** How many of how many have been run. */
  progress(done: number, total: number): void;
  /** Why the report cannot be trusted: it ends too early, or says that the run was given up. */
  problem(message: string): void;
  /** A line that belongs to the tests' own output. */
  output(line: string): void;
}

/** Reads a report of one format, line by line, as it is written. */
export interface ReportReader {
  line(text: string): void;
  /** There are no more lines. */
  end(): void;
}
