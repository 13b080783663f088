import { TreadleError, type ExecResult, type PipelineContext } from '../../core/index.ts';
import { isNotFound, lastOutput, placeOf, showCommand, showEnd } from '../command-options.ts';
import { AutoReader, createReader, type ReportFormat } from './detect-format.ts';
import type { TestsOptions } from './options.ts';
import { reportsBefore, writtenReports } from './report-files.ts';
import type { ReportListener, ReportReader } from './report-reader.ts';
import { toTestCommand } from './test-command.ts';
import { toTestResult, type TestPlace } from './test-result.ts';

/** Runs the command of a tests step and reports its test cases. */
export async function runTests(context: PipelineContext, options: TestsOptions): Promise<void> {
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
  /** The last lines that stand beside the report. */
  lastLines: readonly string[] = [];
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
    this.lastLines = [...this.lastLines.slice(-9), line];
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
  // Lines of the report are nothing to show where it is said why the command failed.
  return { ...result, stdout: report.lastLines.join('\n') };
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
    const code = isNotFound(result) ? 'E_COMMAND_NOT_FOUND' : 'E_COMMAND_FAILED';
    throw new TreadleError(code, `\`${shown}\` ${showEnd(result)} ${despite}${said === '' ? '' : `:${said}`}`, {
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
