import type { StepStatistics } from '../../history/step-statistics.ts';
import { duration, type Paint } from '../../reporters/style.ts';
import { sparkline } from './sparkline.ts';
import { renderTable, type Column } from './table.ts';
import { statusText, when } from './words.ts';

const columns: readonly Column[] = [
  { title: 'STEP', shrinks: true },
  { title: 'RUNS', align: 'right' },
  { title: 'PASSED', align: 'right' },
  { title: 'FLAKY', align: 'right' },
  { title: 'MEDIAN', align: 'right' },
  { title: 'SLOWEST', align: 'right' },
  { title: 'TREND' },
];
const trendLength = 12;
/** Runs of a step that are listed one by one. */
const listedRuns = 15;

/** Steps as a table, the slowest first. */
export function renderSteps(steps: readonly StepStatistics[], { paint, width }: { paint: Paint; width: number }): string {
  const several = new Set(steps.map(({ pipeline }) => pipeline)).size > 1;
  const sorted = steps.toSorted((a, b) => (b.medianMs ?? 0) - (a.medianMs ?? 0));
  const rows = sorted.map((step) => ({
    cells: [
      several ? `${paint('dim', `${step.pipeline} › `)}${step.id}` : step.id,
      String(step.runs.length),
      painted(percent(step), step.failed > 0 ? 'red' : undefined, paint),
      painted(step.flaky === 0 ? '' : String(step.flaky), 'magenta', paint),
      time(step.medianMs),
      time(step.slowestMs),
      sparkline(step.runs, trendLength, paint),
    ],
  }));
  return renderTable(columns, rows, { paint, width });
}

/** One step at length: what is typical of it, and its last runs. */
export function renderStep(step: StepStatistics, { paint, width }: { paint: Paint; width: number }): string {
  const { runs, flaky, medianMs, fastestMs, slowestMs } = step;
  const facts = [
    runs.length === 1 ? 'ran once' : `ran ${runs.length} times`,
    `${percent(step)} passed`,
    ...(flaky === 0 ? [] : [`${flaky} of them after a retry`]),
    ...(medianMs === undefined
      ? []
      : [`takes ${duration(medianMs)}${runs.length < 2 ? '' : ` (${time(fastestMs)} to ${time(slowestMs)})`}`]),
  ];
  const now = new Date();
  const rows = runs.slice(0, listedRuns).map(({ run, step: { status, durationMs, attempts, message } }) => ({
    cells: [when(run.startedAt, now), statusText(status, paint), duration(durationMs), String(attempts), paint('dim', run.runId)],
    below: message === undefined ? [] : [paint('dim', `    ${message}`)],
  }));
  const head = `${paint('bold', step.id)} ${paint('dim', `in ${step.pipeline}`)}\n${facts.join(', ')}\n`;
  const trend = runs.length < 2 ? '' : `${sparkline(runs, Math.min(60, width), paint)}\n`;
  const list = renderTable(
    [{ title: 'WHEN' }, { title: 'STATUS' }, { title: 'TOOK', align: 'right' }, { title: 'ATTEMPTS', align: 'right' }, { title: 'RUN' }],
    rows,
    { paint, width },
  );
  return `${head}${trend}\n${list}`;
}

function percent({ passed, runs }: StepStatistics): string {
  // 199 of 200 are not 100 %.
  const share = (100 * passed) / runs.length;
  return `${share > 99 && share < 100 ? 99 : Math.round(share)}%`;
}

function time(ms: number | undefined): string {
  return ms === undefined ? '–' : duration(ms);
}

function painted(text: string, format: 'red' | 'magenta' | undefined, paint: Paint): string {
  return format === undefined ? text : paint(format, text);
}
