import type { CommandKind } from './scripts/tools.ts';

/** A step as it will be written down. */
export interface StepDraft {
  readonly id: string;
  readonly kind: CommandKind;
  readonly plugin: 'shell' | 'tests';
  readonly command: string;
  readonly problemMatcher?: string;
  /** The test runner, where the command does not tell. */
  readonly runner?: string;
  /** Folder that it runs in, relative to the project. */
  readonly cwd?: string;
  readonly inputs?: readonly string[];
}

/** A draft of a step that is not known in full yet. */
type Sketch = Omit<StepDraft, 'plugin'> & { readonly reportsTests?: boolean };

export function makeStep({ reportsTests = false, ...step }: Sketch): StepDraft {
  return { ...step, plugin: reportsTests ? 'tests' : 'shell' };
}

/** Gives steps of the same id one of their own each. */
export function withUniqueIds(steps: readonly StepDraft[], taken: Set<string>): readonly StepDraft[] {
  return steps.map((step) => {
    let id = step.id;
    for (let count = 2; taken.has(id); count += 1) id = `${step.id} ${count}`;
    taken.add(id);
    return id === step.id ? step : { ...step, id };
  });
}
