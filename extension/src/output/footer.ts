import type { SerializedError } from '../../../core/contract/errors.ts';
import type { TestError } from '../../../core/contract/events.ts';
import type { NodeRecord, NodeState, RunSpan } from '../store/records.ts';
import { formatDuration } from '../tree/durations.ts';
import { stateWord } from '../tree/labels.ts';
import type { Translate } from '../translate.ts';

/** What is known of a step's end. */
type Ending = Pick<NodeRecord, 'id' | 'durationMs'> & { readonly state: NodeState | RunSpan['state'] } & Partial<
    Pick<NodeRecord, 'reason' | 'error' | 'warnings'>
  >;

/** As terminals have it: what failed in red, what passed in green, the rest in grey. */
const colors: { readonly [state in Ending['state']]?: string } = { passed: '\x1b[32m', failed: '\x1b[1;31m', 'timed-out': '\x1b[1;31m' };

/**
 * How a step ended, for the end of its output: a function that throws has written nothing, and its error is what counts.
 *
 * @param root - the project's folder
 */
export function outputFooter(node: Ending, root: string | undefined, t: Translate): string {
  if (node.state === 'idle') return t('{0} has not run yet.', node.id);
  if (node.state === 'queued' || node.state === 'running') return '';
  const took = node.durationMs === undefined ? '' : `, ${formatDuration(node.durationMs)}`;
  const headline = `${colors[node.state] ?? '\x1b[2m'}── ${node.id}: ${stateWord(node.state, t)}${took}\x1b[0m`;
  const parts = [headline];
  if (node.reason !== undefined) parts.push(node.reason);
  if (node.error !== undefined) parts.push(errorText(node.error, root, t));
  parts.push(...(node.warnings ?? []).map((warning) => `${t('Warning')}: ${warning}`));
  return `${parts.join('\n')}\n`;
}

/**
 * An error in full, for the output and the clipboard.
 *
 * @param root - the folder of the project that it comes from
 */
export function errorText(error: SerializedError, root: string | undefined, t: Translate): string {
  const { message, hint, code, cause } = error;
  const stack = ownStack(error, root);
  // A stack begins with the message, as a rule.
  const frames = stack === undefined ? [] : stack.includes(message) ? [stack] : [message, stack];
  const parts = frames.length === 0 ? [message] : frames;
  const causes = cause === undefined ? [] : [`${t('Caused by')}: ${errorText(cause, root, t)}`];
  const behind = (error.errors ?? []).map((one) => errorText(one, root, t));
  return [...parts, ...behind, ...causes, ...(hint === undefined ? [] : [`${t('Hint')}: ${hint}`]), `(${code})`].join('\n');
}

/** The stack down to the project's own code; what called that is Treadle's. An error of Treadle's own says all in its message. */
function ownStack({ name, stack }: Pick<TestError, 'name' | 'stack'>, root: string | undefined): string | undefined {
  if (stack === undefined || root === undefined) return stack;
  const lines = stack.split('\n');
  const isOwn = (line: string): boolean =>
    /^\s+at /.test(line) && line.includes(`${root}/`.replaceAll('//', '/')) && !line.includes('node_modules');
  const last = lines.findLastIndex((line) => isOwn(line.replaceAll('\\', '/')));
  if (last !== -1) return lines.slice(0, last + 1).join('\n');
  return name === 'TreadleError' ? undefined : stack;
}

/** What "Copy Error" copies: the error of a step and those of its test cases. */
export function nodeErrorText(node: NodeRecord, root: string | undefined, t: Translate): string {
  const tests = node.tests.filter(({ status }) => status === 'failed');
  return [
    ...(node.error === undefined ? [] : [`${node.id}: ${errorText(node.error, root, t)}`]),
    ...tests.map(({ path, name, error }) =>
      [[...path, name].join(' › '), error === undefined ? '' : testErrorText(error, root)].join('\n'),
    ),
  ].join('\n\n');
}

/** Why a test case failed, for the clipboard. */
export function testErrorText(error: TestError, root: string | undefined): string {
  return ownStack(error, root) ?? error.message;
}
