import type { Plan, PlanNode, StepNode } from '../contract/plan.ts';
import { matchesPatterns } from '../files/file-patterns.ts';

/**
 * The steps that depend on one of the files, each with the first such file. A step without `inputs` depends on every
 * file that is not some step's output.
 *
 * @param files - relative to the project, with `/`
 */
export function affectedBy(files: readonly string[], plan: Plan): ReadonlyMap<string, string> {
  const steps = stepsOf(plan);
  const outputs = steps.flatMap((step) => step.outputs ?? []);
  const sources = files.filter((file) => !matchesPatterns(outputs, file));
  const affected = new Map<string, string>();
  for (const { id, inputs } of steps) {
    const file = inputs === undefined ? sources[0] : files.find((each) => matchesPatterns(inputs, each));
    if (file !== undefined) affected.set(id, file);
  }
  return affected;
}

function stepsOf(node: PlanNode): readonly StepNode[] {
  return node.kind === 'step' ? [node] : node.children.flatMap(stepsOf);
}
