import type { RunRecord, RunSpan } from '../store/records.ts';
import { formatDuration, formatElapsed } from '../tree/durations.ts';
import { stateWord } from '../tree/labels.ts';
import type { Translate } from '../translate.ts';

/** What stands behind a run's name, such as `14:05 · 12.3s · 2 failed, 3 passed · on save`. */
export function runDescription(run: RunRecord, now: number, t: Translate, timeLeft?: string): string {
  const parts =
    run.state === 'running'
      ? [`${Math.floor(run.overall)}%`, formatElapsed(now - run.startedAt), timeLeft]
      : [run.durationMs === undefined ? undefined : formatDuration(run.durationMs), outcome(run, t)];
  return [clockTime(run.startedAt), ...parts, trigger(run, t), ...(run.only.length === 0 ? [] : [t('only {0}', run.only.join(', '))])]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}

function clockTime(ms: number): string {
  return new Date(ms).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

function outcome(run: RunRecord, t: Translate): string {
  const { counts } = run;
  if (counts === undefined || run.state === 'running') return stateWord(run.state, t);
  const failed = counts.failed + counts.timedOut;
  const parts = [
    failed === 0 ? undefined : t('{0} failed', failed),
    t('{0} passed', counts.passed),
    counts.cancelled === 0 ? undefined : t('{0} cancelled', counts.cancelled),
    counts.skipped === 0 ? undefined : t('{0} skipped', counts.skipped),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function trigger({ trigger: why }: RunRecord, t: Translate): string | undefined {
  if (why.kind === 'debug') return t('debugging');
  if (why.kind !== 'save') return undefined;
  const [first] = why.files;
  if (first === undefined) return t('on save');
  return why.files.length === 1 ? t('on save of {0}', first) : t('on save of {0} and {1} more', first, why.files.length - 1);
}

/** The same for those who listen. */
export function runAriaLabel(run: RunRecord, now: number, t: Translate): string {
  return [run.pipeline, stateWord(run.state, t), runDescription(run, now, t)].join(', ');
}

/** The last attempt at each step of a run, in the order in which they began. */
export function stepsOfRun({ spans }: RunRecord): readonly RunSpan[] {
  const last = new Map<string, RunSpan>();
  for (const span of spans) if (span.kind === 'step') last.set(span.nodeId, span);
  return [...last.values()];
}

export function spanDescription({ startedAt, endedAt, attempt, state, cached }: RunSpan, now: number, t: Translate): string {
  const time = endedAt === undefined ? formatElapsed(now - startedAt) : formatDuration(endedAt - startedAt);
  const word = state === 'passed' ? (attempt > 1 ? t('flaky') : cached ? t('cached') : undefined) : stateWord(state, t);
  return [state === 'running' ? undefined : word, time, attempt > 1 ? t('attempt {0}', attempt) : undefined]
    .filter((part) => part !== undefined)
    .join(' · ');
}
