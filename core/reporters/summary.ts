import type { SerializedError } from '../contract/errors.ts';
import type { TestError, TestResult } from '../contract/events.ts';
import { callChain } from './call-chain.ts';
import { codeFrame } from './code-frame.ts';
import { hintMargin, indent } from './render-error.ts';
import type { ReporterOptions, ReporterOutput } from './reporter.ts';
import { type NodeView, type RunView, stepsOf } from './run-view.ts';
import { duration, icon, oneLine, painter, plural, tame, type Paint } from './style.ts';
import { failedItself } from './verdicts.ts';
import { wrapProse } from './wrap-words.ts';

const outputLines = 30;
const shownTests = 20;
const shownDiagnostics = 50;

interface Page {
  readonly paint: Paint;
  readonly color: boolean;
  readonly columns: number;
  /** Whether hints and warnings are broken between words: on a terminal. */
  readonly wraps: boolean;
  readonly cwd: string;
}

const within = (page: Page, indented: number): Page => ({ ...page, columns: page.columns - indented });
const prose = (text: string, { wraps, columns }: Page, hanging: number): string => (wraps ? wrapProse(text, columns - 1, hanging) : text);

/** What a terminal shows when a run has ended: failures in detail, warnings, and how many of what. */
export function renderSummary(view: RunView, output: ReporterOutput, { cwd }: ReporterOptions, withOutput: boolean): string {
  const page: Page = { paint: painter(output.color), color: output.color, columns: output.columns(), wraps: output.isTerminal, cwd };
  const blocks = [...view.nodes.values()].flatMap((node) => [...failure(node, view, page, withOutput), ...notes(node, page)]);
  const rootErrors = (view.end?.errors ?? []).filter(({ stepId }) => stepId === undefined || !view.nodes.has(stepId));
  for (const error of rootErrors) blocks.push(errorBlock(error, page));
  return [...blocks, totals(view, page)].join('\n\n') + '\n';
}

function failure(view: NodeView, { nodes }: RunView, page: Page, withOutput: boolean): string[] {
  // A group says no more than its steps do, unless the group itself was at fault.
  if (!failedItself(view, nodes)) return [];
  const { node, state, error } = view;
  const { paint } = page;
  const title = [...view.path.filter((id) => !id.includes('(')), node.id].join(paint('dim', ' › '));
  const attempts = view.attempt > 1 ? paint('dim', ` after ${view.attempt} attempts`) : '';
  const head = `${icon(state, paint)} ${paint('bold', title)}${attempts}`;
  const parts = [head];
  if (error !== undefined) parts.push(indent(errorBlock(error, within(page, 2)), 2));
  const failed = view.tests.filter(({ status }) => status === 'failed');
  for (const test of failed.slice(0, shownTests)) parts.push(indent(testBlock(test, page), 2));
  if (failed.length > shownTests) parts.push(`  … ${plural(failed.length - shownTests, 'more failed test')}`);
  if (view.diagnostics.length > 0) parts.push(indent(diagnosticsBlock(view, page), 2));
  else if (withOutput && failed.length === 0 && !view.output.isEmpty) parts.push(indent(lastOutput(view, page), 2));
  return [parts.join('\n')];
}

function notes(view: NodeView, page: Page): string[] {
  const { paint, color } = page;
  const lines = [
    ...view.warnings.map((message) => warning(view.node.id, message, { paint, color })),
    ...view.conflicts.map(
      ({ path, stepIds, kept }) =>
        `${paint('magenta', '⚠')} ${view.node.id}: ${stepIds.join(' and ')} left different values at ${oneLine(path)}; kept that of ${kept}`,
    ),
    ...(view.flaky ? [`${paint('magenta', '⚠')} ${view.node.id} is flaky: it passed at attempt ${view.attempt}`] : []),
  ];
  return lines.length === 0 ? [] : [lines.map((line) => prose(line, page, 2)).join('\n')];
}

/** A warning beside a step; further lines of it stand below the first, indented. */
export function warning(id: string, message: string, { paint, color }: Pick<Page, 'paint' | 'color'>): string {
  return `${paint('magenta', '⚠')} ${id}: ${indent(tame(message.trimEnd(), color), 2).trimStart()}`;
}

function errorBlock(error: SerializedError, page: Page): string {
  const { paint } = page;
  // The class of an error that a step threw tells more than that it threw one.
  const name = error.name === 'Error' || error.name === 'TreadleError' ? '' : error.name;
  const kind = error.code === 'E_STEP_FAILED' ? name : error.code;
  const [first = '', ...others] = (tame(error.message, page.color) || 'An error without a message.').split('\n');
  // What follows the first line may be a listing, a comparison or the output of a tool.
  const lines = [prose(`${kind === '' ? '' : `${paint('red', kind)} `}${first}`, page, 0), ...others];
  const { location } = error;
  if (location !== undefined) {
    lines.push(paint('underline', oneLine(`${location.file}:${location.line}:${location.column}`)));
    const frame = codeFrame(location, page.cwd, paint, page.columns - 2);
    if (frame !== undefined) lines.push(frame);
    lines.push(...callChain(error, page.cwd).map((call) => paint('dim', `at ${oneLine(call)}`)));
  }
  lines.push(...causes(error, page));
  if (error.hint !== undefined) lines.push(prose(`${paint('bold', 'hint')} ${tame(error.hint, page.color)}`, page, hintMargin));
  for (const inner of error.errors ?? []) lines.push(indent(errorBlock(inner, within(page, 2)), 2));
  return lines.join('\n');
}

/** What is behind an error, a line each; not what its message says already. */
function causes(error: SerializedError, page: Page): string[] {
  const { cause } = error;
  if (cause === undefined) return [];
  const said = cause.message === '' || error.message.includes(cause.message);
  const { location } = cause;
  const place = location === undefined ? '' : ` ${page.paint('dim', oneLine(`${location.file}:${location.line}:${location.column}`))}`;
  const line = `${page.paint('dim', 'caused by')} ${oneLine(cause.name)}: ${tame(cause.message, page.color)}${place}`;
  return [...(said ? [] : [line]), ...causes(cause, page)];
}

function testBlock(test: TestResult, page: Page): string {
  const { paint } = page;
  const lines = [`${icon('failed', paint)} ${oneLine([...test.path, test.name].join(' › '))}`];
  if (test.error !== undefined) lines.push(indent(`${className(test.error, paint)}${tame(test.error.message.trimEnd(), page.color)}`, 2));
  const { expected, actual } = test.error ?? {};
  if (expected !== undefined || actual !== undefined) {
    lines.push(indent(`${compared('expected', expected, page, 'green')}\n${compared('actual', actual, page, 'red')}`, 2));
  }
  if (test.location !== undefined) lines.push(`  ${paint('underline', oneLine(`${test.location.file}:${test.location.line}`))}`);
  return lines.join('\n');
}

/** Nothing where it is what a test that fails throws, or where the message says it. */
function className({ name = 'Error', message }: TestError, paint: Paint): string {
  return /^(?:\w*Assertion\w*|Error)$/.test(name) || message.startsWith(name) ? '' : `${paint('red', oneLine(name))} `;
}

/** A value that a test compared; further lines of it stand below the first. */
function compared(label: string, value: string | undefined, { paint }: Page, colour: 'green' | 'red'): string {
  const [first = '', ...others] = tame(value ?? '—', false).split('\n');
  return [`${label.padEnd(10)}${first}`, ...others.map((line) => `${' '.repeat(10)}${line}`)].map((line) => paint(colour, line)).join('\n');
}

function diagnosticsBlock(view: NodeView, { paint, color }: Page): string {
  const byFile = new Map<string, string[]>();
  for (const { file, line, column, severity, message, code } of view.diagnostics.slice(0, shownDiagnostics)) {
    const list = byFile.get(file) ?? [];
    byFile.set(file, list);
    const mark = severity === 'error' ? paint('red', 'error') : severity === 'warning' ? paint('magenta', 'warning') : 'info';
    list.push(
      `  ${paint('dim', `${line}:${column}`.padEnd(8))} ${mark} ${indent(tame(message.trimEnd(), color), 11).trimStart()}${code === undefined ? '' : paint('dim', ` ${oneLine(code)}`)}`,
    );
  }
  const lines = [...byFile].flatMap(([file, list]) => [paint('underline', oneLine(file)), ...list]);
  if (view.diagnostics.length > shownDiagnostics) lines.push(`… ${view.diagnostics.length - shownDiagnostics} more`);
  return lines.join('\n');
}

function lastOutput(view: NodeView, { paint, color }: Page): string {
  const lines = tame(view.output.toString().trimEnd(), color).split('\n');
  const shown = lines.slice(-outputLines);
  const more = lines.length - shown.length;
  return [
    ...(more > 0 ? [paint('dim', `… ${plural(more, 'line')} before`)] : []),
    ...shown.map((line) => `${paint('dim', '│')} ${line}`),
  ].join('\n');
}

function totals(view: RunView, { paint }: Page): string {
  const { end } = view;
  if (end === undefined) return paint('red', 'The run was stopped before it could end.');
  const { counts } = end;
  const steps = [
    counts.passed > 0
      ? paint('green', `${counts.passed} passed`) + (counts.cached > 0 ? paint('dim', `, ${counts.cached} of them cached`) : '')
      : '',
    counts.failed > 0 ? paint('red', `${counts.failed} failed`) : '',
    counts.timedOut > 0 ? paint('red', `${counts.timedOut} timed out`) : '',
    counts.cancelled > 0 ? paint('magenta', `${counts.cancelled} cancelled`) : '',
    counts.skipped > 0 ? paint('dim', `${counts.skipped} skipped`) : '',
  ].filter((part) => part !== '');
  const tests = stepsOf(view).flatMap((step) => step.tests);
  const count = (status: TestResult['status']): number => tests.filter((test) => test.status === status).length;
  const testParts = [
    count('passed') > 0 ? paint('green', `${count('passed')} passed`) : '',
    count('failed') > 0 ? paint('red', `${count('failed')} failed`) : '',
    count('skipped') + count('todo') > 0 ? paint('dim', `${count('skipped') + count('todo')} skipped`) : '',
  ].filter((part) => part !== '');
  const bar = paint('dim', ' | ');
  const label = (text: string): string => paint('dim', text.padStart(9));
  const verdict = end.status === 'passed' ? paint(['green', 'bold'], 'passed') : paint(['red', 'bold'], end.status.replace('-', ' '));
  return [
    `${label('Pipeline')}  ${oneLine(view.pipeline)} ${verdict}`,
    `${label('Steps')}  ${[steps.join(bar), paint('dim', `(${counts.steps})`)].filter((part) => part !== '').join(' ')}`,
    ...(tests.length > 0 ? [`${label('Tests')}  ${testParts.join(bar)} ${paint('dim', `(${tests.length})`)}`] : []),
    `${label('Duration')}  ${duration(end.durationMs)}`,
  ].join('\n');
}
