import type { Misuse } from './definition.ts';
import { describeValue } from './describe-value.ts';

/** Marks a factory of steps and a class of steps, whichever copy of Treadle made them. */
const pluginBrand = Symbol.for('treadle.plugin');
const stepBrand = Symbol.for('treadle.step');

const missingImport = 'An import that is missing, misspelt or circular gives undefined.';

/** What is wrong with the list that a builder was given, if anything. */
export function misusedList(call: string, steps: unknown): Misuse | undefined {
  if (Array.isArray(steps)) return undefined;
  const example = call === 'atLeast' ? 'atLeast(2, [ … ])' : `${call}([ … ])`;
  const hint = steps === undefined ? missingImport : `Write ${example}, with brackets around the steps.`;
  return { message: `${call}(…) takes a list of steps, not ${describeInput(steps)}.`, hint };
}

/** What is wrong with the work that `step()` was given, if anything. */
export function misusedStep(id: unknown, work: unknown): Misuse | undefined {
  const name = typeof id === 'string' ? id : 'id';
  const hint = `Write step('${name}', (context) => { … }), or step('${name}', { uses: 'plugin', with: { … } }).`;
  if (isPluginFactory(work)) {
    return {
      message: `Step "${name}" was given a plugin itself, not a function.`,
      hint: `Call the plugin instead: plugin('${name}', { … }).`,
    };
  }
  if (isStepClass(work)) {
    return { message: `Step "${name}" was given a class, not a function.`, hint: 'List an instance instead of step(…): new Step().' };
  }
  if (typeof work === 'function') return undefined;
  if (typeof work !== 'object' || work === null || Array.isArray(work)) {
    return { message: `Step "${name}" was given ${describeInput(work)} to run.`, hint: work === undefined ? missingImport : hint };
  }
  if (!('uses' in work) || work.uses === undefined) return { message: `Step "${name}" has nothing to run.`, hint };
  if (typeof work.uses === 'string' && work.uses.trim() !== '') return undefined;
  return { message: `"uses" of step "${name}" must be the name of a plugin, not ${describeInput(work.uses)}.`, hint };
}

/** What to say of an entry of a list of steps that can be none. */
export function misusedEntry(value: unknown): Misuse {
  const message = `is ${describeInput(value)}, not a step.`;
  if (value === undefined) return { message: 'is undefined.', hint: missingImport };
  if (typeof value === 'boolean')
    return { message, hint: "To run a step only sometimes, use its 'when', or spread: ...(condition ? [step] : [])." };
  if (typeof value === 'string') return { message, hint: "Write shell('id', { command: '…' }) to run a command." };
  if (isPluginFactory(value)) return { message, hint: "Call the plugin: plugin('id', { … })." };
  if (isStepClass(value)) return { message, hint: 'List an instance of the class: new Step().' };
  if (typeof value === 'function') return { message, hint: "Give it an id: step('id', (context) => { … })." };
  if (value instanceof Promise) return { message, hint: 'Await it.' };
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'pipeline') {
    return { message: 'is a pipeline; a pipeline cannot be part of another.', hint: 'Share the list of steps, and write sequence(steps).' };
  }
  return { message, hint: "Write step('id', { uses: 'plugin', with: { … } }), or call a plugin: plugin('id', { … })." };
}

function isPluginFactory(value: unknown): boolean {
  return typeof value === 'function' && pluginBrand in value;
}

function isStepClass(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return typeof prototype === 'object' && prototype !== null && (stepBrand in prototype || 'run' in prototype);
}

function describeInput(value: unknown): string {
  if (isPluginFactory(value)) return 'a plugin itself';
  if (isStepClass(value)) return `the class ${(value as { readonly name: string }).name}`;
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'step') return 'a single step';
  return describeValue(value);
}
