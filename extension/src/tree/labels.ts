import type { SerializedError } from '../../../core/contract/errors.ts';
import type { TestStatus } from '../../../core/contract/events.ts';
import type { NodeRecord, NodeState, RunSpan } from '../store/records.ts';
import type { Translate } from '../translate.ts';
import { formatDifference, formatDuration, formatElapsed } from './durations.ts';

/** The most of a message that a row shows; the tooltip has all of it. */
const longestMessage = 120;

/** Words for a state, such as `timed out`. */
export function stateWord(state: NodeState | RunSpan['state'], t: Translate): string {
  switch (state) {
    case 'idle':
      return t('not run yet');
    case 'queued':
      return t('queued');
    case 'running':
      return t('running');
    case 'passed':
      return t('passed');
    case 'failed':
      return t('failed');
    case 'timed-out':
      return t('timed out');
    case 'cancelled':
      return t('cancelled');
    case 'skipped':
      return t('skipped');
    case 'retried':
      return t('retried');
    case 'interrupted':
      return t('interrupted');
  }
}

/** The same for a test case. */
export function testWord(status: TestStatus, t: Translate): string {
  return status === 'todo' ? t('to do') : stateWord(status, t);
}

/** What the engine calls groups and sequences that nobody gave an id: `all(types,lint)`. */
const derivedId = /^(?:all|any|atLeast|sequence)\(.*\)(?:#\d+)?$/s;

/** What people call a node: its id, or what it is where nobody gave it one. */
export function nodeName(node: Pick<NodeRecord, 'kind' | 'id' | 'operator' | 'pipeline'>, t: Translate): string {
  if (node.kind === 'pipeline') return node.pipeline;
  if (node.kind === 'step' || !derivedId.test(node.id)) return node.id;
  if (node.kind === 'sequence') return t('sequence');
  if (node.operator === 'any') return t('alternatives');
  return node.operator === 'atLeast' ? t('quorum') : t('parallel');
}

/** What decides whether a group passes, such as `any of 2`. */
export function operatorLabel(node: NodeRecord, t: Translate): string | undefined {
  const count = node.children.length;
  if (node.kind === 'sequence') return t('in order');
  if (node.kind !== 'group') return undefined;
  if (node.operator === 'any') return t('any of {0}', count);
  if (node.operator === 'atLeast') return t('at least {0} of {1}', node.required ?? count, count);
  return t('all of {0}', count);
}

/** What is known of the pipeline that a node stands for. */
export interface PipelineFacts {
  readonly watched: boolean;
  /** In words: how long its run will still take. */
  readonly timeLeft: string | undefined;
  /** In words: what its run is about since it was stopped. */
  readonly stopping?: string | undefined;
}

/** What stands behind a node's name, such as `42% · uploading · 3s`. */
export function nodeDescription(node: NodeRecord, now: number, t: Translate, pipeline?: PipelineFacts): string {
  const stopping = pipeline?.stopping;
  const parts = [
    ...(stopping === undefined ? progressParts(node, now, t) : [stopping, elapsedOf(node, now)]),
    stopping === undefined ? pipeline?.timeLeft : undefined,
    pipeline?.watched === true ? t('reruns on save') : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

function progressParts(node: NodeRecord, now: number, t: Translate): readonly (string | undefined)[] {
  const operator = operatorLabel(node, t);
  const took = node.durationMs === undefined ? undefined : formatDuration(node.durationMs);
  switch (node.state) {
    case 'idle':
      return [operator, firstLine(node.description ?? node.uses)];
    case 'queued':
      return [operator, t('queued')];
    case 'running': {
      const attempt = node.attempt > 1 ? t('attempt {0}', node.attempt) : undefined;
      return [tellsProgress(node) ? `${Math.floor(node.percent)}%` : undefined, attempt, firstLine(node.message), elapsedOf(node, now)];
    }
    case 'passed':
      return [
        operator,
        node.cached ? t('cached') : undefined,
        node.flaky ? t('flaky') : undefined,
        took,
        versus(node, t),
        ...counts(node, t),
      ];
    case 'failed':
      return [node.kind === 'step' ? errorLine(node.error) : failures(node, t), took, ...counts(node, t)];
    case 'timed-out':
    case 'cancelled':
      return [stateWord(node.state, t), took, ...counts(node, t)];
    case 'skipped':
      return [t('skipped'), firstLine(node.reason)];
  }
}

function elapsedOf({ startedAt }: NodeRecord, now: number): string | undefined {
  return startedAt === undefined ? undefined : formatElapsed(now - startedAt);
}

/** Whether it has said how far it is: most programs never do, and 0% for minutes says nothing. */
export function tellsProgress({ kind, percent, message }: NodeRecord): boolean {
  return kind !== 'step' || percent > 0 || message !== undefined;
}

/**
 * How a step's time compares with that of its last run in this window, or with what earlier runs usually took; what groups took
 * depends on which of their steps ran.
 */
export function versus({ kind, cached, durationMs, lastDurationMs, usualDurationMs }: NodeRecord, t: Translate): string | undefined {
  if (kind !== 'step' || cached || durationMs === undefined) return undefined;
  const other = lastDurationMs ?? usualDurationMs;
  const difference = other === undefined ? undefined : formatDifference(durationMs, other);
  if (difference === undefined) return undefined;
  return lastDurationMs === undefined ? t('vs usual {0}', difference) : t('vs last {0}', difference);
}

function failures(node: NodeRecord, t: Translate): string | undefined {
  return node.failedSteps > 0 ? t('{0} failed', node.failedSteps) : errorLine(node.error);
}

function counts({ conflicts, warnings }: NodeRecord, t: Translate): readonly (string | undefined)[] {
  return [
    conflicts.length === 0 ? undefined : conflicts.length === 1 ? t('1 conflict') : t('{0} conflicts', conflicts.length),
    warnings.length === 0 ? undefined : warnings.length === 1 ? t('1 warning') : t('{0} warnings', warnings.length),
  ];
}

/** The same for those who listen, such as `lint, running, 40 percent`. */
export function nodeAriaLabel(node: NodeRecord, t: Translate, pipeline?: PipelineFacts): string {
  const hasTime = node.state !== 'running' && node.state !== 'skipped';
  const parts = [
    nodeName(node, t),
    operatorLabel(node, t),
    pipeline?.stopping ?? stateWord(node.state, t),
    pipeline?.stopping === undefined && node.state === 'running' && tellsProgress(node)
      ? t('{0} percent', Math.floor(node.percent))
      : undefined,
    node.flaky ? t('flaky') : undefined,
    node.cached ? t('cached') : undefined,
    node.durationMs !== undefined && hasTime ? formatDuration(node.durationMs) : undefined,
    node.kind === 'step' ? (errorLine(node.error) ?? firstLine(node.reason ?? node.message)) : failures(node, t),
    ...counts(node, t),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

/** What matters of an error in one line: of a command that failed, how it ended, and not first what it was. */
export function errorLine(error: SerializedError | undefined): string | undefined {
  if (error === undefined) return undefined;
  const { message, props } = error;
  const command = `\`${String(props?.['command'])}\` `;
  // What it said last follows on a line of its own.
  return firstLine(message.startsWith(command) ? message.slice(command.length).replace(/:\r?\n\s*/, ': ') : message);
}

/** The first line of a text that may be long, bounded. */
export function firstLine(text: string | undefined): string | undefined {
  const line = text?.trimStart().split(/\r?\n/, 1)[0]?.trim();
  return line !== undefined && line.length > longestMessage ? `${line.slice(0, longestMessage - 1)}…` : line;
}
