import { readFileSync } from 'node:fs';
import type { ReportFormat } from '../../plugins/tests/detect-format.ts';
import { AutoReader, createReader } from '../../plugins/tests/detect-format.ts';
import type { ReportedTest, ReportListener } from '../../plugins/tests/report-reader.ts';

/** Everything that a reader found in a report. */
export interface ReadReport {
  readonly tests: readonly ReportedTest[];
  readonly problems: readonly string[];
  readonly output: readonly string[];
  readonly progress: readonly string[];
  /** In order, as one line each: `failed cart › removes: 1 == 2`, `| printed`, `! incomplete`. */
  readonly outline: readonly string[];
}

/** Reads a text as a report; the format is found out unless it is given. */
export function readReport(text: string, format?: ReportFormat): ReadReport {
  const tests: ReportedTest[] = [];
  const problems: string[] = [];
  const output: string[] = [];
  const progress: string[] = [];
  const outline: string[] = [];
  const listener: ReportListener = {
    test: (test) => {
      tests.push(test);
      const said = test.error === undefined ? '' : `: ${test.error.message.split('\n').join(' / ')}`;
      outline.push(`${test.status} ${[...test.path, test.name].join(' › ')}${said}`);
    },
    problem: (message) => {
      problems.push(message);
      outline.push(`! ${message}`);
    },
    output: (line) => {
      output.push(line);
      outline.push(`| ${line}`);
    },
    progress: (done, total) => progress.push(`${done}/${total}`),
  };
  const reader = format === undefined ? new AutoReader(listener) : createReader(format, listener);
  for (const line of text.replace(/\n$/, '').split('\n')) reader.line(line);
  reader.end();
  return { tests, problems, output, progress, outline };
}

/** A report of the folder `reports/`. */
export function reportText(name: string): string {
  return readFileSync(new URL(`reports/${name}`, import.meta.url), 'utf8');
}
