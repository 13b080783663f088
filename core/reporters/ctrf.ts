import { type Case, casesOf, problemOf } from './cases.ts';
import type { ReporterFactory, ReporterOptions } from './reporter.ts';
import { repositoryPath } from './repository-path.ts';
import { applyEvent, createRunView, type RunView } from './run-view.ts';
import { tame } from './style.ts';

/** So many lines of what a step printed are in the report, from its end. */
const outputLines = 500;

type CtrfStatus = 'passed' | 'failed' | 'skipped' | 'pending' | 'other';

/** The Common Test Report Format, as one JSON document when the run has ended. */
export const createReporter: ReporterFactory = (output, options) => {
  const view = createRunView();
  return {
    onEvent: (event) => applyEvent(view, event),
    close: () => output.write(`${JSON.stringify(document(view, options), null, 2)}\n`),
  };
};

function document(view: RunView, options: ReporterOptions): object {
  const cases = casesOf(view, options.cwd);
  const tests = cases.map((each) => toTest(each, options));
  const count = (wanted: CtrfStatus): number => tests.filter(({ status }) => status === wanted).length;
  const stop = Math.round(view.startedAt + (view.end?.durationMs ?? view.now - view.startedAt));
  return {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    timestamp: new Date(view.startedAt).toISOString(),
    generatedBy: 'treadle',
    results: {
      tool: { name: 'treadle' },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: count('pending'),
        other: count('other'),
        flaky: cases.filter(({ flaky }) => flaky).length,
        suites: new Set(cases.map(({ path }) => path.join('\0'))).size,
        start: view.startedAt,
        stop,
        duration: Math.max(0, stop - view.startedAt),
      },
      tests,
      environment: { reportName: view.pipeline },
    },
  };
}

function toTest(each: Case, options: ReporterOptions): { readonly status: CtrfStatus } & Readonly<Record<string, unknown>> {
  const { path, name, status, problem, reason, startedAt, durationMs, location, node, test, failedAttempts, flaky } = each;
  const failed = status === 'failed' || status === 'error';
  const message = failed ? problem?.message : reason;
  return {
    name,
    status: failed
      ? 'failed'
      : test?.status === 'todo' || node?.state === 'pending'
        ? 'pending'
        : status === 'skipped'
          ? 'skipped'
          : 'passed',
    duration: Math.round(durationMs),
    ...(startedAt === undefined || test !== undefined ? {} : { start: startedAt, stop: Math.round(startedAt + durationMs) }),
    suite: path,
    ...(message === undefined ? {} : { message }),
    ...(problem === undefined ? {} : { trace: problem.text }),
    rawStatus: test?.status ?? node?.state ?? status,
    type: test === undefined ? 'step' : 'unit',
    ...(location === undefined ? {} : { filePath: repositoryPath(location.file, options), line: location.line }),
    retries: failedAttempts.length,
    ...(failedAttempts.length === 0 ? {} : { retryAttempts: failedAttempts.map((attempt) => toAttempt(attempt, options.cwd)) }),
    flaky,
    ...(failed && test === undefined && node !== undefined && !node.output.isEmpty ? { stdout: lastLines(node.output.toString()) } : {}),
  };
}

function toAttempt({ attempt, error, startedAt, endedAt }: Case['failedAttempts'][number], cwd: string): object {
  const { message, text } = problemOf(error, cwd);
  return { attempt, status: 'failed', duration: endedAt - startedAt, message, trace: text, start: startedAt, stop: endedAt };
}

function lastLines(text: string): readonly string[] {
  return tame(text.trimEnd(), false).split('\n').slice(-outputLines);
}
