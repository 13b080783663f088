import type { StepRun } from '../../history/step-statistics.ts';
import type { Paint } from '../../reporters/style.ts';

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** How long a step took over its last runs, the oldest first: bars from 0 to the longest, and a cross where it failed. */
export function sparkline(runs: readonly StepRun[], length: number, paint: Paint): string {
  const shown = runs.slice(0, length).toReversed();
  const longest = Math.max(...shown.map(({ step }) => (step.status === 'passed' ? step.durationMs : 0)), 1);
  return shown
    .map(({ step }) => {
      if (step.status !== 'passed') return paint('red', '✖');
      const bar = bars[Math.min(bars.length - 1, Math.floor((step.durationMs / longest) * bars.length))] ?? '';
      return step.flaky ? paint('magenta', bar) : bar;
    })
    .join('');
}
