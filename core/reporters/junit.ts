import { casesOf, type Case, problemOf } from './cases.ts';
import type { Reporter, ReporterFactory, ReporterOptions, ReporterOutput } from './reporter.ts';
import { repositoryPath } from './repository-path.ts';
import { applyEvent, createRunView, type FailedAttempt, type RunView } from './run-view.ts';
import { tame } from './style.ts';
import { isBreakdown } from './verdicts.ts';
import { element, xmlText } from './xml.ts';

/** So much of what a step printed is in the report, from its end. */
const outputLimit = 64 * 1024;
/** Viewers show messages in one line. */
const messageLimit = 1000;

/** Which of two dialects to write. */
interface Dialect {
  /** Only what the schema of Jenkins' xUnit plugin has: no `file` and `line` of cases, no `skipped` of the whole. */
  readonly strict: boolean;
}

/** JUnit's XML, as GitLab, Jenkins, Azure and others read it, when the run has ended. */
export const createReporter: ReporterFactory = (output, options) => createJUnit(output, options, { strict: false });

/** {@link createReporter}, in either dialect. */
export function createJUnit(output: ReporterOutput, options: ReporterOptions, dialect: Dialect): Reporter {
  const view = createRunView();
  return {
    onEvent: (event) => applyEvent(view, event),
    close: () => output.write(renderJUnit(view, options, dialect)),
  };
}

function renderJUnit(view: RunView, options: ReporterOptions, dialect: Dialect): string {
  const suites = new Map<string, Case[]>();
  for (const each of uniquelyNamed(casesOf(view, options.cwd))) {
    const name = suiteName(each);
    const suite = suites.get(name);
    if (suite === undefined) suites.set(name, [each]);
    else suite.push(each);
  }
  const all = [...suites.values()].flat();
  const { skipped, ...counts } = countsOf(all);
  const durationMs = view.end?.durationMs ?? view.now - view.startedAt;
  const root = element(
    'testsuites',
    { name: oneLineName(view.pipeline), ...counts, ...(dialect.strict ? {} : { skipped }), time: seconds(durationMs) },
    [...suites].map(([name, cases]) => renderSuite(name, cases, options, dialect)),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

function renderSuite(name: string, cases: readonly Case[], options: ReporterOptions, dialect: Dialect): string {
  const began = cases.flatMap(({ startedAt }) => startedAt ?? []);
  const time = cases.reduce((sum, { durationMs }) => sum + durationMs, 0);
  // To the second and without a zone, in UTC: the form that every reader takes.
  const timestamp = began.length === 0 ? undefined : new Date(Math.min(...began)).toISOString().slice(0, 19);
  const attributes = { name, ...countsOf(cases), time: seconds(time), timestamp };
  return element(
    'testsuite',
    attributes,
    cases.map((each) => renderCase(each, options, dialect)),
  );
}

function renderCase(each: Case, options: ReporterOptions, { strict }: Dialect): string {
  const { location } = each;
  const place = strict || location === undefined ? {} : { file: repositoryPath(location.file, options), line: location.line };
  return element('testcase', { name: oneLineName(each.name), classname: suiteName(each), time: seconds(each.durationMs), ...place }, [
    outcome(each),
    ...each.failedAttempts.map((attempt) => earlierAttempt(attempt, each, options.cwd)),
    printed(each),
  ]);
}

function outcome({ status, problem, reason }: Case): string {
  if (status === 'skipped') return element('skipped', { message: reason === undefined ? undefined : shortened(reason) });
  if (problem === undefined) return '';
  const attributes = { message: shortened(problem.message), type: problem.type };
  // GitLab shows the body and not the message.
  return element(status === 'error' ? 'error' : 'failure', attributes, xmlText(problem.text));
}

/** In Surefire's words: flaky when the step passed in the end, else a rerun. */
function earlierAttempt({ error }: FailedAttempt, { flaky }: Case, cwd: string): string {
  const { type, message, text } = problemOf(error, cwd);
  const name = `${flaky ? 'flaky' : 'rerun'}${isBreakdown(error) ? 'Error' : 'Failure'}`;
  return element(name, { message: shortened(message), type }, element('stackTrace', {}, xmlText(text)));
}

/** What a step printed that did not just pass. */
function printed({ node, test, status, flaky, problem }: Case): string {
  if (node === undefined || test !== undefined || node.output.isEmpty) return '';
  if (status !== 'failed' && status !== 'error' && !flaky && problem === undefined) return '';
  const text = tame(node.output.toString(), false);
  const shown = text.length > outputLimit ? `… ${text.length - outputLimit} characters left out …\n${text.slice(-outputLimit)}` : text;
  return element('system-out', {}, xmlText(shown));
}

function countsOf(cases: readonly Case[]): Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped', number>> {
  const count = (wanted: Case['status']): number => cases.filter(({ status }) => status === wanted).length;
  return { tests: cases.length, failures: count('failed'), errors: count('error'), skipped: count('skipped') };
}

/** GitLab counts only the first of several cases of one class and name. */
function* uniquelyNamed(cases: Iterable<Case>): Iterable<Case> {
  const suites = new Map<string, Map<string, number>>();
  for (const each of cases) {
    const suite = suiteName(each);
    // By name, the number that the next case of that name is tried with.
    const names = suites.get(suite) ?? new Map<string, number>();
    suites.set(suite, names);
    const own = oneLineName(each.name);
    let name = own;
    let number = names.get(own) ?? 1;
    for (; names.has(name); number += 1) name = `${own} (${number + 1})`;
    names.set(own, number);
    names.set(name, names.get(name) ?? 1);
    yield { ...each, name };
  }
}

const suiteName = ({ path }: Case): string => path.map(oneLineName).join('.');
const oneLineName = (text: string): string => tame(text, false).replaceAll(/\s+/g, ' ').trim() || 'unnamed';
const seconds = (milliseconds: number): string => (Math.max(0, milliseconds) / 1000).toFixed(3);
const shortened = (text: string): string => (text.length > messageLimit ? `${text.slice(0, messageLimit)}…` : text);
