import type { ReporterFactory } from './reporter.ts';

/** One event a line, written at once: a run that is killed can still be read. */
export const createReporter: ReporterFactory = (output) => ({
  onEvent: (event) => output.write(`${JSON.stringify(event)}\n`),
});
