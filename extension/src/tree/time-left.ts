import { remainingTime } from '../../../core/contract/remaining-time.ts';
import { hasEnded } from '../store/cells.ts';
import type { RunRecord, RunSpan, StoreView } from '../store/records.ts';
import type { Translate } from '../translate.ts';
import { formatElapsed } from './durations.ts';

/** What was worked out last: a row, a message and a tooltip ask at nearly the same moment. */
const known = new WeakMap<RunRecord, { readonly now: number; readonly left: number | undefined }>();
/** For so many milliseconds it holds. */
const holds = 100;

/**
 * How long a run will still take, by how long its steps took earlier: in milliseconds, rounded up to whole seconds. `undefined` where
 * nothing is known, where it may end at any moment, and where a person steps through it.
 */
export function timeLeft(run: RunRecord, store: Pick<StoreView, 'node' | 'nodeKey'>, now: number): number | undefined {
  if (run.state !== 'running' || run.expected === undefined || run.trigger.kind === 'debug') return undefined;
  const before = known.get(run);
  if (before !== undefined && Math.abs(now - before.now) < holds) return before.left;
  const left = sumOf(run, run.expected, store, now);
  known.set(run, { now, left });
  return left;
}

function sumOf(
  run: RunRecord,
  expected: { readonly [stepId: string]: number },
  store: Pick<StoreView, 'node' | 'nodeKey'>,
  now: number,
): number | undefined {
  const last = new Map<string, RunSpan>();
  for (const span of run.spans) if (span.kind === 'step') last.set(span.nodeId, span);
  const left = remainingTime(run.plan, new Map(Object.entries(expected)), (id) => {
    const span = last.get(id);
    if (span !== undefined) {
      if (span.state === 'running') return { state: 'running', elapsedMs: now - span.startedAt };
      return { state: span.state === 'retried' ? 'pending' : 'ended' };
    }
    // What is skipped never began, so that it has no span.
    const node = store.node(store.nodeKey(run.project, run.pipeline, id));
    return { state: node?.runId === run.runId && hasEnded(node) ? 'ended' : 'pending' };
  });
  return left === undefined || left <= 0 ? undefined : 1000 * Math.ceil(left / 1000);
}

/** Such as `~12s left`. */
export function timeLeftText(run: RunRecord, store: Pick<StoreView, 'node' | 'nodeKey'>, now: number, t: Translate): string | undefined {
  const left = timeLeft(run, store, now);
  return left === undefined ? undefined : t('~{0} left', formatElapsed(left));
}
