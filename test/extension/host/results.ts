import { appendFileSync } from 'node:fs';

/** What became of one test, or of a hook that failed. */
export interface TestResult {
  /** Titles of the suites around it, outermost first. */
  readonly path: readonly string[];
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** Of failed ones: stack with the message, and the difference of what was compared. */
  readonly error?: string;
  /** What it measured, for people. */
  readonly notes?: readonly string[];
}

/** Variables by which a suite learns where its results go, and what to run. */
export const variables = { results: 'TREADLE_TEST_RESULTS', grep: 'TREADLE_TEST_GREP' } as const;

/** Appends one result to a file, at once: the process may be killed after the next statement. */
export function appendResult(file: string, result: TestResult): void {
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

/** Results of a file that may be growing: the last line counts once it is complete. */
export function parseResults(text: string): readonly TestResult[] {
  const lines = text.split('\n').slice(0, -1);
  // Written by `appendResult` above and by nothing else.
  return lines.map((line) => JSON.parse(line) as TestResult);
}
