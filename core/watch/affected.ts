import type { Plan, PlanNode, StepNode } from '../contract/plan.ts';
import { matchesPatterns } from '../files/file-patterns.ts';

/** Files of which some do not count for steps that do not say what they read. */
export interface ChangedFiles {
  /** Relative to the project, with `/`. */
  readonly files: readonly string[];
  /** Whether version control ignores one of them. Default: it does not. */
  readonly isIgnored?: (file: string) => boolean;
}

/**
 * The steps that depend on one of the files, each with the first such file. A step without `inputs` depends on every
 * file that is neither ignored nor some step's output.
 */
export function affectedBy({ files, isIgnored = () => false }: ChangedFiles, plan: Plan): ReadonlyMap<string, string> {
  const steps = stepsOf(plan);
  const outputs = steps.flatMap((step) => step.outputs ?? []);
  const source = files.find((file) => !isIgnored(file) && !matchesPatterns(outputs, file));
  const affected = new Map<string, string>();
  for (const { id, inputs } of steps) {
    const file = inputs === undefined ? source : files.find((each) => matchesPatterns(inputs, each));
    if (file !== undefined) affected.set(id, file);
  }
  return affected;
}

/**
 * Whether steps write a file, and people do not: it is in the `outputs` of a step whose `inputs` do not have it, as
 * those of a formatter would.
 */
export function isGenerated(file: string, plan: Plan): boolean {
  return stepsOf(plan).some(
    ({ inputs = [], outputs = [] }) => outputs.length > 0 && matchesPatterns(outputs, file) && !matchesPatterns(inputs, file),
  );
}

/** The steps of a plan, in order. */
export function stepsOf(node: PlanNode): readonly StepNode[] {
  return node.kind === 'step' ? [node] : node.children.flatMap(stepsOf);
}
