import type { SerializedError } from '../../../core/contract/errors.ts';
import type { NodeRecord } from '../store/records.ts';
import { formatDuration } from '../tree/durations.ts';
import { stateWord } from '../tree/labels.ts';
import type { Translate } from '../translate.ts';

/** How a step ended, for the end of its output: a function that throws has written nothing, and its error is what counts. */
export function outputFooter(node: NodeRecord, t: Translate): string {
  if (node.state === 'idle') return t('{0} has not run yet.', node.id);
  if (node.state === 'queued' || node.state === 'running') return '';
  const took = node.durationMs === undefined ? '' : `, ${formatDuration(node.durationMs)}`;
  const headline = `── ${node.id}: ${stateWord(node.state, t)}${took}`;
  const parts = [headline];
  if (node.reason !== undefined) parts.push(node.reason);
  if (node.error !== undefined) parts.push(errorText(node.error, t));
  parts.push(...node.warnings.map((warning) => `${t('Warning')}: ${warning}`));
  return `${parts.join('\n')}\n`;
}

/** An error in full, for the output and the clipboard. */
export function errorText(error: SerializedError, t: Translate): string {
  const { message, stack, hint, code, cause } = error;
  // A stack begins with the message, as a rule.
  const frames = stack === undefined ? [] : stack.includes(message) ? [stack] : [message, stack];
  const parts = frames.length === 0 ? [message] : frames;
  const causes = cause === undefined ? [] : [`${t('Caused by')}: ${errorText(cause, t)}`];
  const behind = (error.errors ?? []).map((one) => errorText(one, t));
  return [...parts, ...behind, ...causes, ...(hint === undefined ? [] : [`${t('Hint')}: ${hint}`]), `(${code})`].join('\n');
}

/** What "Copy Error" copies: the error of a step and those of its test cases. */
export function nodeErrorText(node: NodeRecord, t: Translate): string {
  const tests = node.tests.filter(({ status }) => status === 'failed');
  return [
    ...(node.error === undefined ? [] : [`${node.id}: ${errorText(node.error, t)}`]),
    ...tests.map(({ path, name, error }) => [[...path, name].join(' › '), error?.stack ?? error?.message ?? ''].join('\n')),
  ].join('\n\n');
}
