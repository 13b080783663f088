import type { KeptRunRecord, RunRecord, RunSpan } from '../store/records.ts';
import { formatDuration, formatElapsed } from '../tree/durations.ts';
import { stateWord } from '../tree/labels.ts';
import { escapeMarkdown } from '../tree/markdown.ts';
import { stoppingText } from '../tree/stopping.ts';
import { errorMarkdown } from '../tree/tooltips.ts';
import type { Translate } from '../translate.ts';

/** Whether it is one that its project has kept, and none of this window. */
export function isKept(run: RunRecord | KeptRunRecord): run is KeptRunRecord {
  return 'file' in run;
}

/** What stands behind a run's name, such as `14:05 · 12.3s · 2 failed, 3 passed · on save`. */
export function runDescription(run: RunRecord, now: number, t: Translate, timeLeft?: string): string {
  const stopping = stoppingText(run, t);
  const parts =
    run.state === 'running'
      ? [stopping ?? `${Math.floor(run.overall)}%`, formatElapsed(now - run.startedAt), stopping === undefined ? timeLeft : undefined]
      : [run.durationMs === undefined ? undefined : formatDuration(run.durationMs), outcome(run, t)];
  return [moment(run.startedAt, now), ...parts, trigger(run, t), ...(run.only.length === 0 ? [] : [t('only {0}', run.only.join(', '))])]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}

/** The same of a run that was kept, such as `Nov 24, 14:05 · 12.3s · interrupted, 3 passed · on save`. */
export function keptRunDescription(run: KeptRunRecord, now: number, t: Translate): string {
  const { startedAt, state, durationMs } = run;
  const time = state === 'running' ? formatElapsed(now - startedAt) : durationMs === undefined ? undefined : formatDuration(durationMs);
  return [moment(startedAt, now), time, outcome(run, t), trigger(run, t)].filter((part) => part !== undefined && part !== '').join(' · ');
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

type Trigger = RunRecord['trigger'] | NonNullable<KeptRunRecord['trigger']>;

/** Why it ran, in few words; nothing where somebody asked for it. */
function trigger({ trigger: why }: { readonly trigger?: Trigger }, t: Translate): string | undefined {
  if (why?.kind === 'debug') return t('debugging');
  if (why?.kind === 'ci') return t('in CI');
  return why?.kind === 'save' ? saved(why, t) : undefined;
}

function saved({ files, more = 0 }: Extract<Trigger, { kind: 'save' }> & { readonly more?: number }, t: Translate): string {
  const [first] = files;
  if (first === undefined) return t('on save');
  const others = files.length - 1 + more;
  return others === 0 ? t('on save of {0}', first) : t('on save of {0} and {1} more', first, others);
}

/** Most files that a tooltip names. */
const mostFiles = 10;

/** Why it ran, in a sentence; nothing where that is not known. */
export function triggerText({ trigger: why }: { readonly trigger?: Trigger }, t: Translate): string | undefined {
  switch (why?.kind) {
    case undefined:
      return undefined;
    case 'person':
    case 'editor':
      return t('Started by hand, in an editor');
    case 'command':
      return t('Started at the command line');
    case 'ci':
      return t('Started in CI');
    case 'debug':
      return t('Started under the debugger');
    case 'save': {
      const { files, more = 0 }: { readonly files: readonly string[]; readonly more?: number } = why;
      const others = Math.max(0, files.length - mostFiles) + more;
      const named = [...files.slice(0, mostFiles), ...(others === 0 ? [] : [t('and {0} more', others)])];
      return files.length === 0 ? t('Started by a save') : t('Started by a save of {0}', named.join(', '));
    }
  }
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

export function spanDescription(span: RunSpan, now: number, t: Translate): string {
  const { startedAt, endedAt, attempt, state, cached } = span;
  const time = endedAt === undefined ? formatElapsed(now - startedAt) : formatDuration(endedAt - startedAt);
  const word = state === 'passed' ? (attempt > 1 ? t('flaky') : cached ? t('cached') : undefined) : stateWord(state, t);
  return [state === 'running' ? undefined : word, time, attempt > 1 ? t('attempt {0}', attempt) : undefined, testsText(span, t)]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** How many test cases a step has told of, and how many of them failed. */
export function testsText({ tests }: RunSpan, t: Translate): string | undefined {
  if (tests === undefined) return undefined;
  if (tests.failed > 0) return t('{0} of {1} test cases failed', tests.failed, tests.all);
  return tests.all === 1 ? t('1 test case') : t('{0} test cases', tests.all);
}

/** More of a step in a run, as Markdown. */
export function spanTooltip(span: RunSpan, description: string, t: Translate): string {
  const { nodeId, why, error, cached } = span;
  return [
    `**${escapeMarkdown(nodeId)}**: ${escapeMarkdown(description)}`,
    why === undefined ? undefined : escapeMarkdown(cached === true ? t('Why it did not run: {0}', why) : t('Why it ran: {0}', why)),
    error === undefined ? undefined : errorMarkdown(error, t),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}
