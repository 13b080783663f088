import type { ChildNode, GroupNode, PipelineNode, SequenceNode, StepNode } from '../../core/contract/plan.ts';

/** A step node with the defaults of a plan; for tests of what follows a plan. */
export function stepNode(id: string, settings: Partial<StepNode> = {}): StepNode {
  return {
    kind: 'step',
    id,
    weight: 0,
    executor: 'inline',
    retries: 0,
    backoff: { delayMs: 0, factor: 2, maxMs: 30_000 },
    critical: true,
    when: 'on-success',
    ...settings,
  };
}

export function groupNode(id: string, children: readonly ChildNode[], settings: Partial<GroupNode> = {}): GroupNode {
  return {
    kind: 'group',
    id,
    weight: 0,
    operator: 'all',
    required: children.length,
    settle: 'all',
    onConflict: 'last',
    children,
    ...settings,
  };
}

export function sequenceNode(id: string, children: readonly ChildNode[], settings: Partial<SequenceNode> = {}): SequenceNode {
  return { kind: 'sequence', id, weight: 0, children, ...settings };
}

export function pipelineNode(children: readonly ChildNode[], settings: Partial<PipelineNode> = {}): PipelineNode {
  return { kind: 'pipeline', id: 'pipeline', weight: 100, failFast: true, children, ...settings };
}
