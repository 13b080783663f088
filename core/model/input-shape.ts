import type { GroupDefinition, SequenceDefinition, StepDefinition, StepInput, StepObject, StepSettings } from './definition.ts';

// The type of a list of steps is a promise that JavaScript does not keep: here its entries are told apart by what they are.

/** A group or sequence, or a nested list, which is a group of which all must pass. */
export function asBranch(input: unknown): GroupDefinition | SequenceDefinition | undefined {
  if (isList(input)) return { kind: 'group', operator: 'all', children: input, settings: {} };
  return isBranch(input) ? input : undefined;
}

/** A step, or an object that is one by having `run`. */
export function asStep(input: unknown): StepDefinition | undefined {
  if (isStep(input)) return input;
  return isStepObject(input) ? stepOfObject(input) : undefined;
}

function isList(input: unknown): input is readonly StepInput[] {
  return Array.isArray(input);
}

function isBranch(input: unknown): input is GroupDefinition | SequenceDefinition {
  if (typeof input !== 'object' || input === null || !('kind' in input)) return false;
  return (input.kind === 'group' || input.kind === 'sequence') && 'children' in input && Array.isArray(input.children);
}

function isStep(input: unknown): input is StepDefinition {
  return typeof input === 'object' && input !== null && 'kind' in input && input.kind === 'step' && 'settings' in input;
}

function isStepObject(input: unknown): input is StepObject {
  return typeof input === 'object' && input !== null && 'run' in input && typeof input.run === 'function';
}

function stepOfObject(step: StepObject): StepDefinition {
  const { description, timeout, retries, critical } = step;
  const settings: StepSettings = {
    ...(description === undefined ? {} : { description }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retries === undefined ? {} : { retries }),
    ...(critical === undefined ? {} : { critical }),
  };
  return { kind: 'step', id: step.id, settings, run: (context) => step.run(context) };
}
