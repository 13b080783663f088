import { appendFileSync, statSync } from 'node:fs';
import { foldingOf } from '../folding.ts';
import { createLine } from '../line.ts';
import type { ReporterFactory } from '../reporter.ts';
import { createRunView } from '../run-view.ts';
import { renderAnnotations } from './annotations.ts';
import { renderStepSummary } from './step-summary.ts';

/** What the summary of a job's step may have; at 1 MiB, GitHub refuses it. */
const summaryLimit = 900 * 1024;

/** For GitHub Actions: the log of `line` in groups, annotations at the lines of files, and a summary on the page of the job. */
export const createReporter: ReporterFactory = (output, options) => {
  const view = createRunView();
  const line = createLine(output, options, foldingOf('github'), view);
  return {
    onEvent: (event) => line.onEvent(event),
    onStopping: (remark) => line.onStopping?.(remark),
    close() {
      void line.close?.();
      output.write(renderAnnotations(view, options));
      const file = options.env?.['GITHUB_STEP_SUMMARY'];
      if (file === undefined || file === '') return;
      // Others may have written to it before.
      const taken = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      appendFileSync(file, renderStepSummary(view, options.cwd, summaryLimit - taken));
    },
  };
};
