import type { ErrorCode, SerializedError } from '../contract/errors.ts';
import type { ChildNode } from '../contract/plan.ts';
import type { NodeView, RunView } from './run-view.ts';

/** Codes of steps that came to an end and said no; with any other, they did not get to say anything. */
const saidNo: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'E_STEP_FAILED',
  'E_TESTS_FAILED',
  'E_ASSERTION',
  'E_COMMAND_FAILED',
  'E_MERGE_CONFLICT',
  'E_GROUP_FAILED',
]);

/** Whether a step crashed, timed out or lost its thread, rather than finding something. */
export function isBreakdown(error: SerializedError): boolean {
  // A command that a signal ended was stopped before it could say anything.
  return !saidNo.has(error.code) || (error.code === 'E_COMMAND_FAILED' && typeof error.props?.['signal'] === 'string');
}

/** Whether a node has failed, or timed out. */
export function hasFailed({ state }: NodeView): boolean {
  return state === 'failed' || state === 'timed-out';
}

/**
 * Ids of nodes whose failure decides nothing: steps that are not critical, and those of groups that passed all the same.
 * So reports of failures agree with the exit code.
 *
 * @param of - the top of the part that is asked about; default: the whole plan
 */
export function toleratedNodes(view: RunView, of: readonly ChildNode[] = view.plan?.children ?? []): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (children: readonly ChildNode[], within: boolean): void => {
    for (const child of children) {
      const node = view.nodes.get(child.id);
      const tolerated = within || node?.state === 'passed' || (child.kind === 'step' && !child.critical);
      if (tolerated) found.add(child.id);
      if (child.kind !== 'step') visit(child.children, tolerated);
    }
  };
  visit(of, view.end?.status === 'passed');
  return found;
}

/** Errors of the run that belong to none of its nodes. */
export function errorsOfRun(view: RunView): readonly SerializedError[] {
  return (view.end?.errors ?? []).filter(({ stepId }) => stepId === undefined || !view.nodes.has(stepId));
}

/** Whether a node failed by itself, and not only because of what is in it. */
export function failedItself(view: NodeView, nodes: RunView['nodes']): boolean {
  if (!hasFailed(view)) return false;
  const { node, error } = view;
  if (node.kind === 'step') return true;
  if (error?.code !== 'E_GROUP_FAILED') return error !== undefined;
  // Too few of its steps passed though none failed: some were skipped, or there are none.
  return !node.children.some(({ id }) => isFailure(nodes.get(id)));
}

function isFailure(view: NodeView | undefined): boolean {
  return view !== undefined && hasFailed(view);
}

/** Groups and sequences above a node that a person has named. */
export function namedPath({ path }: NodeView): readonly string[] {
  return path.filter((id) => !id.includes('('));
}
