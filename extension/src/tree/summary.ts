import { isKillable } from '../store/is-stopping.ts';
import type { RunRecord, StoreView } from '../store/records.ts';
import type { Translate } from '../translate.ts';
import { formatDuration, formatElapsed } from './durations.ts';
import { stateWord } from './labels.ts';
import { stoppingText } from './stopping.ts';
import { timeLeftText } from './time-left.ts';

/** What the whole window is doing, for the places that have room for one line. */
export interface Summary {
  /** How many runs go on. */
  readonly running: number;
  /** Whether to stop all of these once more is to kill them. */
  readonly killable: boolean;
  /** What a run that was stopped is about, where it is the only one. */
  readonly stoppingText?: string | undefined;
  /** 0 to 100, of all runs that go on. */
  readonly percent: number;
  /** Steps that failed or timed out when they ran last. */
  readonly failedSteps: number;
  /** Whether steps have failed only where their pipelines passed all the same: they are not critical. */
  readonly failedLightly: boolean;
  /** Whether any pipeline has passed, and none failed. */
  readonly passed: boolean;
  /** How many of the pipelines run again on a save. */
  readonly watched: 'none' | 'some' | 'all';
  /** Such as `storefront: 42%, ~30s left`, or how long it has run where that is not known; how the last run ended, when none goes on. */
  readonly progress: string;
}

export function summarise(store: StoreView, now: number, t: Translate): Summary {
  const pipelines = store.projects.flatMap((project) => project.pipelines);
  const watched = pipelines.filter((pipeline) => pipeline.watched).length;
  const active = store.runs.filter(({ state }) => state === 'running');
  const roots = pipelines.map(({ node }) => store.node(node));
  const failedSteps = roots.reduce((sum, node) => sum + (node?.failedSteps ?? 0), 0);
  const percent = active.length === 0 ? 0 : Math.floor(active.reduce((sum, { overall }) => sum + overall, 0) / active.length);
  return {
    running: active.length,
    killable: active.length > 0 && active.every((run) => isKillable(run, now)),
    stoppingText: active.length === 1 ? stoppingText(active[0], t) : undefined,
    percent,
    failedSteps,
    failedLightly: failedSteps > 0 && roots.every((node) => node === undefined || node.failedSteps === 0 || node.state === 'passed'),
    watched: watched === 0 ? 'none' : watched === pipelines.length ? 'all' : 'some',
    passed: failedSteps === 0 && roots.some((node) => node?.state === 'passed'),
    // Not everyone asks for it, and the time left is a sum over all steps.
    get progress() {
      return progressOf(active, percent, store, now, t);
    },
  };
}

function progressOf(active: readonly RunRecord[], percent: number, store: StoreView, now: number, t: Translate): string {
  const [run] = active;
  if (run === undefined) return lastRun(store, t);
  if (active.length > 1) return t('{0} runs: {1}%', active.length, percent);
  const stopping = stoppingText(run, t);
  if (stopping !== undefined) return t('{0}: {1}, {2}', run.pipeline, stopping, formatElapsed(now - run.startedAt));
  // Not both: a second line in a narrow sidebar would move the rows.
  return t('{0}: {1}%, {2}', run.pipeline, percent, timeLeftText(run, store, now, t) ?? formatElapsed(now - run.startedAt));
}

function lastRun({ runs }: StoreView, t: Translate): string {
  const last = runs.reduce<RunRecord | undefined>(
    (latest, run) => (latest === undefined || run.startedAt > latest.startedAt ? run : latest),
    undefined,
  );
  if (last === undefined) return t('Nothing has run yet.');
  const failed = (last.counts?.failed ?? 0) + (last.counts?.timedOut ?? 0);
  // Short, as a second line would move the rows; these say the rest.
  const what =
    failed > 0 ? t('{0} failed', failed) : last.state === 'passed' ? t('{0} passed', last.counts?.steps ?? 0) : stateWord(last.state, t);
  return last.durationMs === undefined ? `${last.pipeline}: ${what}` : `${last.pipeline}: ${what}, ${formatDuration(last.durationMs)}`;
}

export function failedStepsText(count: number, t: Translate): string {
  return count === 1 ? t('1 step has failed') : t('{0} steps have failed', count);
}
