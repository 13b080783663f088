import { hasEnded, type Cell } from './cells.ts';
import type { NodeRecord, NodeState } from './records.ts';

/** What a group, sequence or pipeline has from its children: the parts of its record that follow from theirs. */
export function branchChanges(cell: Cell): Partial<NodeRecord> {
  const changes = ownChanges(cell);
  // A run of some steps has passed, but another one below still shows that it failed earlier.
  const isContradicted = (changes.state ?? cell.record.state) === 'passed' && failedEarlier(cell, cell.record.runId);
  return isContradicted ? { ...changes, state: 'failed' } : changes;
}

/** Whether something that all above it need has failed, and was no part of a run. */
function failedEarlier({ node, record, children }: Cell, runId: string | undefined): boolean {
  if (record.runId !== runId) return (record.state === 'failed' || record.state === 'timed-out') && (node.kind !== 'step' || node.critical);
  return (node.kind !== 'group' || node.operator === 'all') && children.some((child) => failedEarlier(child, runId));
}

function ownChanges(cell: Cell): Partial<NodeRecord> {
  const { record } = cell;
  let failedSteps = 0;
  for (const child of cell.children) failedSteps += child.record.failedSteps;
  if (record.runId === undefined) return { failedSteps };
  // A run of one step leaves its siblings, with what their last run said, out of the account.
  const part = cell.children.filter((child) => child.record.runId === record.runId);
  if (cell.node.kind !== 'sequence') return { failedSteps, percent: hasEnded(record) ? 100 : percentOf(part) };
  // The run has not come to it yet, and may leave it as it is.
  if (part.length === 0 && cell.children.length > 0) return { failedSteps };
  return { failedSteps, percent: percentOf(part), ...sequenceChanges(part) };
}

/** By weight; told by what is missing, so that it comes out at exactly 100. */
function percentOf(part: readonly Cell[]): number {
  let total = 0;
  let missing = 0;
  for (const { node, record } of part) {
    total += node.weight;
    missing += node.weight * (100 - record.percent);
  }
  if (total > 0) return 100 - missing / total;
  return part.length > 0 && part.every(({ record }) => record.percent === 100) ? 100 : 0;
}

/** Sequences have no events of their own: they begin with their first child and end with their last. */
function sequenceChanges(part: readonly Cell[]): Partial<NodeRecord> {
  let startedAt: number | undefined;
  let endedAt = 0;
  for (const { record } of part) {
    if (record.startedAt === undefined) continue;
    startedAt = Math.min(startedAt ?? record.startedAt, record.startedAt);
    endedAt = Math.max(endedAt, record.startedAt + (record.durationMs ?? 0));
  }
  const state = sequenceState(part);
  const durationMs = state === 'queued' || state === 'running' || startedAt === undefined ? undefined : endedAt - startedAt;
  return { state, startedAt, durationMs };
}

function sequenceState(part: readonly Cell[]): NodeState {
  if (part.length === 0) return 'passed';
  if (!part.every(({ record }) => hasEnded(record))) {
    const begun = part.some(({ record }) => record.state !== 'queued' && record.state !== 'skipped');
    return begun ? 'running' : 'queued';
  }
  const worst = (['timed-out', 'failed', 'cancelled'] as const).find((state) =>
    part.some(({ node, record }) => record.state === state && (node.kind !== 'step' || node.critical)),
  );
  return worst ?? (part.every(({ record }) => record.state === 'skipped') ? 'skipped' : 'passed');
}
