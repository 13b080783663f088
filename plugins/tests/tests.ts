import * as v from 'valibot';
import { definePlugin, TreadleError, type ExecResult, type PipelineContext } from '../../core/index.ts';
import { command, commandOptions, lastOutput, placeOf, showCommand, showEnd } from '../command-options.ts';
import { shorthand } from '../forms.ts';
import { AutoReader, createReader, type ReportFormat } from './detect-format.ts';
import { reportsBefore, writtenReports } from './report-files.ts';
import type { ReportListener, ReportReader } from './report-reader.ts';
import { runnerNames } from './runners.ts';
import { toTestCommand } from './test-command.ts';
import { toTestResult, type TestPlace } from './test-result.ts';

const reportFile = v.pipe(v.string(), v.nonEmpty());

const fullOptions = v.strictObject({
  ...commandOptions,
  runner: v.optional(
    v.pipe(
      v.picklist(['auto', 'none', ...runnerNames]),
      v.description(
        "The runner that the command starts: it is given what it needs to report. Default: 'auto', which looks at the command.",
      ),
    ),
    'auto',
  ),
  format: v.optional(
    v.pipe(v.picklist(['auto', 'tap', 'junit', 'ndjson']), v.description("What the command reports. Default: 'auto'.")),
    'auto',
  ),
  file: v.optional(
    v.pipe(
      v.union([reportFile, v.pipe(v.array(reportFile), v.minLength(1))]),
      v.description('Report files that the command writes, relative to its folder; * and ** are wildcards. Default: its output.'),
    ),
  ),
  allowEmpty: v.optional(v.pipe(v.boolean(), v.description('Whether no tests at all is a success. Default: false.')), false),
});

type TestsOptions = v.InferOutput<typeof fullOptions>;

/** Options of {@link tests}: an object, or only the command. */
export const testsOptions = shorthand(
  v.pipe(
    command,
    v.transform((value) => v.parse(fullOptions, { command: value })),
  ),
  fullOptions,
);

/**
 * Runs a command that runs tests, and reports each test case as soon as it has run. mocha, node:test, vitest, jest and
 * playwright are made to report by themselves; any other runner must write TAP, JUnit or NDJSON.
 *
 * @throws `E_TESTS_FAILED` when tests fail, when there are none, or when the report is incomplete; `E_COMMAND_FAILED` when the command fails though no test did.
 * @example
 * tests('unit', 'npx mocha')
 * tests('java', { command: 'mvn -q test', file: 'target/surefire-reports/TEST-*.xml' })
 */
export const tests = definePlugin({
  name: 'tests',
  description: 'Run tests and report each test case',
  executor: 'inline',
  options: testsOptions,
  run: runTests,
});

async function runTests(context: PipelineContext, options: TestsOptions): Promise<void> {
  const place = placeOf(context, options);
  const report = new Report(context, { root: context.cwd, cwd: place.cwd });
  const result =
    options.file === undefined ? await readOutput(context, options, report) : await readFiles(context, options, options.file, report);
  judge(options, result, report);
}

/** What has been reported. */
class Report implements ReportListener {
  readonly problems: string[] = [];
  count = 0;
  failed = 0;
  /** Whether what stands beside the report is what tests printed. */
  showsOutput = true;
  private readonly context: PipelineContext;
  private readonly place: TestPlace;

  constructor(context: PipelineContext, place: TestPlace) {
    this.context = context;
    this.place = place;
  }

  test(test: Parameters<ReportListener['test']>[0]): void {
    this.count += 1;
    if (test.status === 'failed') this.failed += 1;
    this.context.test(toTestResult(test, this.place));
  }

  progress(done: number, total: number): void {
    this.context.updateStepProgress((done / total) * 100, `${done} of ${total}`);
  }

  problem(message: string): void {
    this.problems.push(message);
  }

  output(line: string): void {
    if (this.showsOutput) this.context.log('%s', line);
  }
}

/** Runs a command that writes its report to its output. */
async function readOutput(context: PipelineContext, options: TestsOptions, report: Report): Promise<ExecResult> {
  const { cwd, env } = placeOf(context, options);
  const { command: adapted, format, nodeOptions } = toTestCommand(options.command, { cwd, runner: options.runner });
  const reader = readerOf(options.format === 'auto' ? format : options.format, report);
  const inherited = env['NODE_OPTIONS'] ?? context.env['NODE_OPTIONS'] ?? '';
  const result = await context.exec(adapted, {
    cwd,
    env: nodeOptions === undefined ? env : { ...env, NODE_OPTIONS: `${inherited} ${nodeOptions}`.trim() },
    check: false,
    show: false,
    onLine: (line, stream) => (stream === 'stdout' ? reader.line(line) : report.output(line)),
  });
  reader.end();
  return result;
}

/** Runs a command that writes its report to files. */
async function readFiles(
  context: PipelineContext,
  options: TestsOptions,
  file: string | readonly string[],
  report: Report,
): Promise<ExecResult> {
  const { cwd, env } = placeOf(context, options);
  const place = { root: context.cwd, cwd, patterns: typeof file === 'string' ? [file] : file };
  report.showsOutput = false;
  const before = await reportsBefore(place);
  const result = await context.exec(options.command, { cwd, env, check: false });
  try {
    for (const text of await writtenReports(place, before)) {
      const reader = readerOf(options.format === 'auto' ? undefined : options.format, report);
      for (const line of text.split(/\r?\n/)) reader.line(line);
      reader.end();
    }
  } catch (error) {
    // That the command failed says more than that there is no report.
    if (result.exitCode === 0) throw error;
  }
  return result;
}

function readerOf(format: ReportFormat | undefined, report: Report): ReportReader {
  return format === undefined ? new AutoReader(report) : createReader(format, report);
}

/** Fails the step where failed test cases do not do so already. */
function judge(options: TestsOptions, result: ExecResult, report: Report): void {
  if (report.failed > 0) return;
  const shown = showCommand(options.command);
  const [problem] = report.problems;
  if (result.exitCode !== 0) {
    const despite = report.count === 0 ? 'and reported no tests' : 'but no test failed';
    const said = problem === undefined ? lastOutput(result) : `\n  ${problem}`;
    throw new TreadleError('E_COMMAND_FAILED', `\`${shown}\` ${showEnd(result)} ${despite}${said === '' ? '' : `:${said}`}`, {
      props: { command: shown, exitCode: result.exitCode, signal: result.signal },
    });
  }
  if (problem !== undefined) throw new TreadleError('E_TESTS_FAILED', `\`${shown}\`: ${problem}`);
  if (report.count === 0 && !options.allowEmpty) {
    throw new TreadleError('E_TESTS_FAILED', `\`${shown}\` reported no tests.`, {
      hint: 'Set runner, or make the command write TAP, JUnit or NDJSON; allowEmpty: true accepts a run without tests.',
    });
  }
}
