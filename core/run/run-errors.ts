import { serializeError } from '../context/errors.ts';
import { TreadleError, type SerializedError } from '../contract/errors.ts';
import type { Conflict } from '../contract/events.ts';
import type { GroupNode, PlanNode } from '../contract/plan.ts';
import { formatDuration } from './format-duration.ts';
import type { StopCause } from './schedule-types.ts';

/** What is said of a group, sequence or pipeline that took too long. */
export function tookTooLong(kind: PlanNode['kind'], id: string, ms: number): string {
  const what = kind === 'pipeline' ? 'The pipeline' : `The ${kind} "${id}"`;
  return `${what} timed out after ${formatDuration(ms)}.`;
}

/** The error of a step, group or pipeline that took too long. */
export function timeoutError(message: string, stepId: string): SerializedError {
  return plainError(new TreadleError('E_TIMEOUT', message, { stepId }));
}

/** The error of a step that was asked to stop. */
function cancelledError(message: string, stepId: string): SerializedError {
  return plainError(new TreadleError('E_CANCELLED', message, { stepId }));
}

/** The error of a step that was stopped for a reason of the schedule's. */
export function stopError(cause: StopCause, id: string): SerializedError {
  return cause.kind === 'timeout'
    ? timeoutError(cause.message, id)
    : cancelledError(cause.message.startsWith('Stopped') ? cause.message : `Stopped: ${cause.message}`, id);
}

/** What is wrong with a group or sequence itself, beyond what is wrong with its steps. */
export function branchError(
  node: PlanNode | undefined,
  cause: StopCause | undefined,
  refused: readonly Conflict[],
): SerializedError | undefined {
  if (node === undefined || node.kind === 'step' || node.kind === 'pipeline') return undefined;
  if (cause?.kind === 'timeout') return cause.by === node.id ? timeoutError(cause.message, node.id) : undefined;
  if (refused.length > 0) {
    const list = refused.map(({ path, stepIds }) => `${path} (${stepIds.join(', ')})`).join('; ');
    return plainError(
      new TreadleError('E_MERGE_CONFLICT', `Steps of the group "${node.id}" left different values at ${list}.`, { stepId: node.id }),
    );
  }
  return node.kind === 'group' ? plainError(groupFailed(node)) : undefined;
}

/** The error of a run that must not have flaky steps, and has. */
export function flakyError(ids: readonly string[]): SerializedError {
  const which = ids.length === 1 ? `The step "${ids.join()}"` : `${ids.length} steps (${ids.join(', ')})`;
  // Those steps have passed: it is the run that fails.
  return plainError(new TreadleError('E_FLAKY', `${which} passed only after a retry.`));
}

function groupFailed(node: GroupNode): TreadleError {
  const message =
    node.operator === 'all'
      ? `Not every step of the group "${node.id}" passed.`
      : node.children.length < node.required
        ? `The group "${node.id}" needs ${node.required} that pass, and has ${node.children.length}.`
        : `Fewer than ${node.required} of the ${node.children.length} steps of the group "${node.id}" passed.`;
  return new TreadleError('E_GROUP_FAILED', message, { stepId: node.id });
}

/** Without its stack, which would lead into the engine. */
function plainError(error: TreadleError): SerializedError {
  const { stack: _, ...plain } = serializeError(error);
  return plain;
}
