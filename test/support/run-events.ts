import type { SerializedError } from '../../core/contract/errors.ts';
import type { RunEvent, RunEventBody } from '../../core/contract/events.ts';
import type { Plan, PlanNode } from '../../core/contract/plan.ts';
import type { Status } from '../../core/contract/status.ts';
import { Schedule } from '../../core/run/schedule.ts';
import type { ScheduleEffect } from '../../core/run/schedule-types.ts';

/** What happens in an imagined run: each call decides one thing. */
export interface Fate {
  /** A whole number below `count`. */
  pick(count: number): number;
}

/** What a person sees of a step that goes wrong. */
export const someError: SerializedError = { code: 'E_STEP_FAILED', name: 'Error', message: 'It broke.' };

/** The events of a run as the engine's own schedule orders them, with outcomes that the fate decides. */
export function imagineRun(plan: Plan, runId: string, fate: Fate, startedAt = 1_000_000): RunEvent[] {
  const events: RunEvent[] = [];
  const emit = (body: RunEventBody): void => {
    events.push({ v: 1, seq: events.length, ts: startedAt + 10 * events.length, runId, ...body });
  };
  const nodes = new Map<string, PlanNode>();
  const index = (node: PlanNode): void => {
    nodes.set(node.id, node);
    if (node.kind !== 'step') node.children.forEach(index);
  };
  index(plan);
  const steps = [...nodes.values()].filter(({ kind }) => kind === 'step');
  const counts = { steps: steps.length, passed: 0, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 };
  const began = new Map<string, number>();
  const running: string[] = [];
  const delayed: string[] = [];
  let status: Status = 'passed';
  let overall = 0;
  const schedule = new Schedule(plan);

  const perform = (effect: ScheduleEffect): void => {
    switch (effect.type) {
      case 'open':
        began.set(effect.id, events.length);
        if (nodes.get(effect.id)?.kind === 'group') emit({ type: 'group:start', id: effect.id });
        break;
      case 'start-attempt':
        running.push(effect.id);
        if (!began.has(effect.id)) began.set(effect.id, events.length);
        emit({ type: 'step:start', id: effect.id, attempt: effect.attempt, executor: 'inline' });
        break;
      case 'delay-retry':
        delayed.push(effect.id);
        emit({ type: 'step:retry', id: effect.id, attempt: effect.attempt, delayMs: effect.delayMs, error: someError });
        break;
      case 'drop-retry':
        delayed.splice(delayed.indexOf(effect.id), 1);
        break;
      case 'step-ended': {
        const { id, status, attempts, flaky, reason } = effect;
        counts[status === 'timed-out' ? 'timedOut' : status] += 1;
        overall += 100 / steps.length;
        emit({
          type: 'step:end',
          id,
          status,
          durationMs: durationOf(id),
          attempts,
          flaky,
          cached: false,
          overall,
          ...(status === 'failed' || status === 'timed-out' ? { error: someError } : {}),
          ...(reason === undefined ? {} : { reason }),
        });
        break;
      }
      case 'merge':
        apply({ type: 'merged', id: effect.id, ok: true });
        break;
      case 'close': {
        const node = nodes.get(effect.id);
        if (node?.kind !== 'group') break;
        const durationMs = durationOf(node.id);
        emit({ type: 'group:end', id: node.id, operator: node.operator, status: effect.status, durationMs, conflicts: [] });
        break;
      }
      case 'run-ended':
        status = effect.status;
        break;
      default:
    }
  };
  const durationOf = (id: string): number => {
    const from = began.get(id);
    return from === undefined ? 0 : 10 * (events.length - from);
  };
  const waiting: Parameters<Schedule['apply']>[0][] = [];
  const apply = (event: Parameters<Schedule['apply']>[0]): void => {
    waiting.push(event);
    if (waiting.length > 1) return;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      for (const effect of schedule.apply(next)) perform(effect);
      waiting.shift();
    }
  };

  emit({ type: 'run:start', pipeline: 'ci', plan, cwd: '/project' });
  apply({ type: 'start' });
  while (schedule.statusOf(plan.id) === undefined) {
    const id = running[fate.pick(running.length)];
    if (delayed.length > 0 && (id === undefined || fate.pick(2) === 0)) {
      const due = delayed.shift() ?? '';
      apply({ type: 'retry-due', id: due });
      continue;
    }
    if (id === undefined) throw new Error('The imagined run is stuck.');
    const happening = fate.pick(12);
    if (happening === 0) emit({ type: 'step:output', id, stream: 'stdout', text: `${id} says ${events.length}\n` });
    else if (happening === 1)
      emit({ type: 'step:test', id, name: `test ${events.length}`, path: ['suite'], status: 'passed', durationMs: 1 });
    else if (happening === 2) {
      emit({
        type: 'step:diagnostic',
        id,
        file: 'a.ts',
        line: 1,
        column: 1,
        severity: 'error',
        message: `bad ${events.length}`,
        source: 'tsc',
      });
    } else if (happening === 3) emit({ type: 'step:warning', id, message: `careful ${events.length}` });
    else if (happening < 7) emit({ type: 'step:progress', id, percent: fate.pick(101), overall });
    else if (happening === 7 && fate.pick(8) === 0) apply({ type: 'cancel', message: 'stopped by a person' });
    else {
      running.splice(running.indexOf(id), 1);
      apply({ type: 'attempt-ended', id, status: (['passed', 'passed', 'failed', 'timed-out'] as const)[fate.pick(4)] ?? 'passed' });
    }
  }
  emit({ type: 'run:end', status, durationMs: 10 * events.length, counts, results: {}, errors: [] });
  return events;
}
