import type { RunEvent, RunEventOf } from '../../../core/contract/events.ts';
import type { NodeRecord, NodeState } from './records.ts';

/** An event that belongs to a step or group. */
export type NodeEvent = Exclude<RunEvent, RunEventOf<'run:start' | 'run:end'>>;

/** Lists that were made in the present batch: nobody has seen them, so that they may grow in place. */
export class GrowingLists {
  private readonly own = new Set<readonly unknown[]>();

  add<Entry>(list: readonly Entry[], entry: Entry): readonly Entry[] {
    if (!this.own.has(list)) {
      const copy = [...list, entry];
      this.own.add(copy);
      return copy;
    }
    // Ours, made above as an array of the same entries.
    (list as Entry[]).push(entry);
    return list;
  }
}

/**
 * What an event changes in the record of its node.
 *
 * @param usualMs - how long the step usually takes, where that is known
 */
export function nodeChanges(record: NodeRecord, event: NodeEvent, lists: GrowingLists, usualMs?: number): Partial<NodeRecord> {
  switch (event.type) {
    case 'group:start':
      return { state: 'running', startedAt: event.ts, conflicts: [], error: undefined };
    case 'group:end':
      return {
        state: event.status,
        durationMs: event.durationMs,
        conflicts: event.conflicts,
        error: event.error,
      };
    case 'step:start': {
      if (event.attempt > 1 && record.state === 'running') return { attempt: event.attempt, percent: 0, message: undefined };
      const lastDurationMs = record.state === 'queued' ? record.lastDurationMs : lastDuration(record);
      return {
        state: 'running',
        why: event.why,
        lastDurationMs,
        usualDurationMs: lastDurationMs === undefined ? usualMs : undefined,
        startedAt: event.ts,
        durationMs: undefined,
        attempt: event.attempt,
        percent: 0,
        message: undefined,
        error: undefined,
        reason: undefined,
        flaky: false,
        cached: false,
        failedSteps: 0,
        tests: [],
        diagnostics: [],
        warnings: [],
      };
    }
    case 'step:progress':
      return { percent: Math.min(100, Math.max(0, event.percent)), message: event.message ?? record.message };
    case 'step:test': {
      const { name, path, status, durationMs, error, location } = event;
      return { tests: lists.add(record.tests, { name, path, status, durationMs, error, location }) };
    }
    case 'step:diagnostic': {
      const { file, line, column, endLine, endColumn, severity, message, source, code } = event;
      const diagnostic = { file, line, column, endLine, endColumn, severity, message, source, code };
      return { diagnostics: lists.add(record.diagnostics, diagnostic) };
    }
    case 'step:warning':
      return { warnings: lists.add(record.warnings, event.message) };
    case 'step:retry':
      // What the earlier attempt found is not the step's result.
      return { error: event.error, tests: [], diagnostics: [] };
    case 'step:end':
      return {
        state: event.status,
        percent: 100,
        durationMs: event.durationMs,
        attempt: event.attempts,
        flaky: event.flaky,
        cached: event.cached,
        error: event.error,
        reason: event.reason,
        thread: event.thread,
        failedSteps: isFailure(event.status) ? 1 : 0,
      };
    default:
      return {};
  }
}

/** A node that waits for its turn in a new run: what its last run found stays until it starts. */
export function queuedRecord(record: NodeRecord, runId: string | undefined): NodeRecord {
  return {
    ...record,
    state: 'queued',
    percent: 0,
    message: undefined,
    startedAt: undefined,
    durationMs: undefined,
    lastDurationMs: lastDuration(record),
    attempt: 0,
    flaky: false,
    cached: false,
    why: undefined,
    reason: undefined,
    error: undefined,
    failedSteps: 0,
    runId: runId ?? record.runId,
    thread: undefined,
  };
}

/** What a node is to be again if a new run does not come to it: its earlier run is not waited for. */
export function settledRecord(record: NodeRecord): NodeRecord {
  return record.state === 'running' ? { ...record, state: 'cancelled', percent: 100 } : record;
}

function isFailure(state: NodeState): boolean {
  return state === 'failed' || state === 'timed-out';
}

/** How long it took when it ran to its end last: only then does that say how long it takes. */
function lastDuration({ state, cached, durationMs, lastDurationMs }: NodeRecord): number | undefined {
  const ranToItsEnd = !cached && (state === 'passed' || state === 'failed' || state === 'timed-out');
  return ranToItsEnd ? durationMs : lastDurationMs;
}
