import type { SerializedError } from '../../../core/contract/errors.ts';
import type { TestResult } from '../../../core/contract/events.ts';
import type { NodeRecord } from '../store/records.ts';
import type { Translate } from '../translate.ts';
import { formatDuration, formatElapsed } from './durations.ts';
import { nodeName, operatorLabel, stateWord, tellsProgress, testWord, versus } from './labels.ts';
import { codeBlock, codeSpan, escapeMarkdown } from './markdown.ts';

/** The most of an error that a tooltip shows; the output has all of it. */
const longestText = 2000;
const mostEntries = 10;

/**
 * All that is known of a node, as Markdown.
 *
 * @param stopping - of a pipeline whose run was stopped: what it is about
 */
export function nodeTooltip(node: NodeRecord, now: number, t: Translate, stopping?: string): string {
  const { error } = node;
  return [
    headline(node, now, t),
    stopping,
    // All of it: the row has room for its beginning.
    node.state === 'running' && node.message !== undefined ? escapeMarkdown(node.message) : undefined,
    node.description === undefined ? undefined : escapeMarkdown(node.description),
    details(node, t),
    node.why === undefined || node.state === 'idle'
      ? undefined
      : escapeMarkdown(node.cached ? t('Why it did not run: {0}', node.why) : t('Why it ran: {0}', node.why)),
    node.reason === undefined ? undefined : t('Skipped: {0}', escapeMarkdown(node.reason)),
    error === undefined ? undefined : errorMarkdown({ ...error, message: named(error.message, node, t) }, t),
    list(
      t('Conflicts'),
      node.conflicts.map(({ path, stepIds, kept }) =>
        t('{0}: {1} left different values; that of {2} was kept', codeSpan(path), stepIds.map(codeSpan).join(', '), codeSpan(kept)),
      ),
      t,
    ),
    list(t('Warnings'), node.warnings.map(escapeMarkdown), t),
    testSummary(node, t),
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n');
}

function headline(node: NodeRecord, now: number, t: Translate): string {
  const state = node.flaky ? `${stateWord(node.state, t)}, ${t('flaky')}` : stateWord(node.state, t);
  const word = node.cached ? `${state}, ${t('cached')}` : state;
  const name = escapeMarkdown(nodeName(node, t));
  if (node.state === 'running') {
    const percent = tellsProgress(node) ? `${Math.floor(node.percent)}%` : undefined;
    const elapsed = node.startedAt === undefined ? undefined : formatElapsed(now - node.startedAt);
    return `**${name}**: ${[word, percent, elapsed].filter((part) => part !== undefined).join(', ')}`;
  }
  if (node.durationMs === undefined || node.state === 'skipped') return `**${name}**: ${word}`;
  const compared = versus(node, t);
  return `**${name}**: ${word}, ${formatDuration(node.durationMs)}${compared === undefined ? '' : ` (${compared})`}`;
}

/** A message with the name that the tree has for a group, in place of the id that the engine gave it. */
function named(message: string, node: NodeRecord, t: Translate): string {
  const name = nodeName(node, t);
  return node.kind === 'step' || name === node.id ? message : message.replace(`"${node.id}"`, `"${name}"`);
}

function details(node: NodeRecord, t: Translate): string | undefined {
  const parts = [
    node.kind === 'pipeline' || nodeName(node, t) === node.id ? undefined : codeSpan(node.id),
    node.uses === undefined ? undefined : t('Plugin {0}', codeSpan(node.uses)),
    operatorLabel(node, t),
    node.attempt > 1 ? t('attempt {0}', node.attempt) : undefined,
    node.thread === undefined ? undefined : t('thread {0}', node.thread),
    node.location === undefined ? undefined : codeSpan(`${node.location.file}:${node.location.line}`),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' · ');
}

/** An error with its hint and what is behind it. */
export function errorMarkdown(error: SerializedError, t: Translate): string {
  const parts = [codeBlock(bounded(error.message))];
  if (error.hint !== undefined) parts.push(`${t('Hint')}: ${escapeMarkdown(error.hint)}`);
  const behind = (error.errors ?? []).slice(0, mostEntries).map(({ message }) => codeBlock(bounded(message)));
  if (error.cause !== undefined && error.cause.message !== error.message)
    behind.push(`${t('Caused by')}:\n${codeBlock(bounded(error.cause.message))}`);
  parts.push(...behind, codeSpan(error.code));
  return parts.join('\n\n');
}

/** Why a test case failed, as Markdown. */
export function testTooltip(test: TestResult, t: Translate): string {
  const name = [...test.path, test.name].map(escapeMarkdown).join(' › ');
  const parts = [`**${name}**: ${testWord(test.status, t)}, ${formatDuration(test.durationMs)}`];
  if (test.error !== undefined) {
    parts.push(codeBlock(bounded(test.error.message)));
    if (test.error.expected !== undefined) parts.push(`${t('Expected')}:\n${codeBlock(bounded(test.error.expected))}`);
    if (test.error.actual !== undefined) parts.push(`${t('Actual')}:\n${codeBlock(bounded(test.error.actual))}`);
  }
  return parts.join('\n\n');
}

function testSummary(node: NodeRecord, t: Translate): string | undefined {
  if (node.tests.length === 0) return undefined;
  const failed = node.tests.filter(({ status }) => status === 'failed').length;
  return failed === 0 ? t('{0} test cases', node.tests.length) : t('{0} of {1} test cases failed', failed, node.tests.length);
}

function list(title: string, entries: readonly string[], t: Translate): string | undefined {
  if (entries.length === 0) return undefined;
  const more = entries.length > mostEntries ? [t('and {0} more', entries.length - mostEntries)] : [];
  return [`${title}:`, '', ...[...entries.slice(0, mostEntries), ...more].map((entry) => `- ${entry}`)].join('\n');
}

function bounded(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
