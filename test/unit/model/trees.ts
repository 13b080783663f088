import fc from 'fast-check';
import { all, any, atLeast, definePipeline, sequence, step } from '../../../core/model/builders.ts';
import type { PipelineDefinition, StepInput } from '../../../core/model/definition.ts';
import type { ChildNode, PlanNode, StepNode } from '../../../core/contract/plan.ts';

/** The shape of a node, without ids. */
export type Shape =
  | { readonly kind: 'step'; readonly weight: number | undefined }
  | {
      readonly kind: 'list' | 'all' | 'any' | 'atLeast' | 'sequence';
      readonly weight: number | undefined;
      readonly children: readonly Shape[];
    };

const weight = fc.option(fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(0, -5, 250)), { nil: undefined, freq: 2 });

const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('step' as const), weight }),
    fc.record({
      kind: fc.constantFrom('list' as const, 'all' as const, 'any' as const, 'atLeast' as const, 'sequence' as const),
      weight,
      children: fc.array(tie('shape'), { maxLength: 5 }),
    }),
  ),
}));

/** Children of a pipeline: any tree, empty groups and all. */
export const arbitraryShapes: fc.Arbitrary<readonly Shape[]> = fc.array(shape, { maxLength: 6 });

/** A pipeline of such a shape, whose steps are called s0, s1, … in declared order. */
export function pipelineOf(shapes: readonly Shape[]): PipelineDefinition {
  let number = 0;
  const inputOf = (node: Shape): StepInput => {
    const settings = node.weight === undefined ? {} : { weight: node.weight };
    if (node.kind === 'step') return step(`s${number++}`, () => undefined, settings);
    const children = node.children.map(inputOf);
    if (node.kind === 'list') return children;
    if (node.kind === 'atLeast') return children.length === 0 ? all(children, settings) : atLeast(children.length, children, settings);
    return { all, any, sequence }[node.kind](children, settings);
  };
  return definePipeline(shapes.map(inputOf));
}

/** All nodes below the root, in declared order. */
export function nodesOf(node: PlanNode): readonly ChildNode[] {
  return node.kind === 'step' ? [] : node.children.flatMap((child) => [child, ...nodesOf(child)]);
}

export function stepsOf(node: PlanNode): readonly StepNode[] {
  return nodesOf(node).filter((child) => child.kind === 'step');
}

export function idsOf(node: PlanNode): readonly string[] {
  return nodesOf(node).map(({ id }) => id);
}
