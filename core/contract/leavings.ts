import type { StepNode } from './plan.ts';

/** Built-in plugins that change neither the context nor, by themselves, a file, and start nothing that stays. */
const leaveNothing = new Set(['shell', 'wait-for', 'tests', 'assert']);

/** Whether steps that come after a step may need something that it leaves: results, files that it names, a service. */
export function mayLeaveSomething(step: StepNode): boolean {
  return mayChangeContext(step) || (step.outputs ?? []).length > 0;
}

/** Whether a step may leave something in the context, or something that stays up. */
export function mayChangeContext({ uses, with: options }: StepNode): boolean {
  return uses === undefined || !leaveNothing.has(uses) || (typeof options === 'object' && options !== null && 'saveAs' in options);
}
