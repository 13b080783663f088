import type { KeptRunRecord, RunRecord, RunSpan } from '../store/records.ts';
import { formatDuration, formatElapsed } from '../tree/durations.ts';
import { stateWord } from '../tree/labels.ts';
import type { Translate } from '../translate.ts';

/** Whether it is one that its project has kept, and none of this window. */
export function isKept(run: RunRecord | KeptRunRecord): run is KeptRunRecord {
  return 'file' in run;
}

/** What stands behind a run's name, such as `14:05 · 12.3s · 2 failed, 3 passed · on save`. */
export function runDescription(run: RunRecord, now: number, t: Translate, timeLeft?: string): string {
  const parts =
    run.state === 'running'
      ? [`${Math.floor(run.overall)}%`, formatElapsed(now - run.startedAt), timeLeft]
      : [run.durationMs === undefined ? undefined : formatDuration(run.durationMs), outcome(run, t)];
  return [moment(run.startedAt, now), ...parts, trigger(run, t), ...(run.only.length === 0 ? [] : [t('only {0}', run.only.join(', '))])]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}

/** The same of a run that was kept, such as `Nov 24, 14:05 · 12.3s · interrupted, 3 passed`: why it ran is not known. */
export function keptRunDescription(run: KeptRunRecord, now: number, t: Translate): string {
  const { startedAt, state, durationMs } = run;
  const time = state === 'running' ? formatElapsed(now - startedAt) : durationMs === undefined ? undefined : formatDuration(durationMs);
  return [moment(startedAt, now), time, outcome(run, t)].filter((part) => part !== undefined && part !== '').join(' · ');
}

/** When it was, with the day where that is not today. */
function moment(ms: number, now: number): string {
  const date = new Date(ms);
  const today = new Date(now);
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  if (date.toDateString() === today.toDateString()) return date.toLocaleTimeString(undefined, time);
  const year = date.getFullYear() === today.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return date.toLocaleString(undefined, { month: 'short', day: 'numeric', ...year, ...time });
}

function outcome(run: Pick<KeptRunRecord, 'state'> & Pick<RunRecord, 'counts'>, t: Translate): string {
  const { counts } = run;
  if (counts === undefined || run.state === 'running') return stateWord(run.state, t);
  const failed = counts.failed + counts.timedOut;
  const parts = [
    run.state === 'interrupted' ? stateWord(run.state, t) : undefined,
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
export function runAriaLabel(run: RunRecord | KeptRunRecord, now: number, t: Translate): string {
  const description = isKept(run) ? keptRunDescription(run, now, t) : runDescription(run, now, t);
  return [run.pipeline, stateWord(run.state, t), description].join(', ');
}

/** The last attempt at each step of a run, in the order in which they began. */
export function stepsOfRun({ spans }: Pick<RunRecord, 'spans'>): readonly RunSpan[] {
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
