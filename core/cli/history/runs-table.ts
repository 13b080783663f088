import type { RunDigest } from '../../history/run-digest.ts';
import { duration, oneLine, type Paint } from '../../reporters/style.ts';
import { renderTable, type Column, type Row } from './table.ts';
import { failuresOf, statusText, when } from './words.ts';

const columns: readonly Column[] = [
  { title: 'WHEN' },
  { title: 'PIPELINE', shrinks: true },
  { title: 'STATUS' },
  { title: 'TOOK', align: 'right' },
  { title: 'PASSED', align: 'right' },
  { title: 'RUN' },
];
/** So many failed steps are named of a run. */
const namedFailures = 3;

/** Runs as a table, each with what failed in it. */
export function renderRuns(runs: readonly RunDigest[], { paint, width }: { paint: Paint; width: number }): string {
  const now = new Date();
  const rows = runs.map((run): Row => {
    const { counts } = run;
    const cells = [
      when(run.startedAt, now),
      oneLine(run.pipeline),
      statusText(run.status, paint),
      duration(run.durationMs),
      `${counts.passed}/${counts.steps}`,
      paint('dim', run.runId),
    ];
    return { cells, below: failureLines(run, paint) };
  });
  return renderTable(columns, rows, { paint, width });
}

function failureLines(run: RunDigest, paint: Paint): readonly string[] {
  const failures = failuresOf(run);
  const named = failures.length > namedFailures ? failures.slice(0, namedFailures - 1) : failures;
  const lines = named.map(({ id, message = '' }) => `    ${paint('red', id)} ${paint('dim', oneLine(message))}`);
  const more = failures.length - named.length;
  const verb = run.status === 'running' ? 'runs' : 'did not end';
  const { unfinished } = run;
  return [
    ...lines,
    ...(more === 0 ? [] : [paint('dim', `    and ${more} more`)]),
    ...(unfinished.length === 0 ? [] : [`    ${paint('dim', `${verb}:`)} ${unfinished.slice(0, 10).join(', ')}`]),
  ];
}
