import type { PipelineContext } from '../contract/context.ts';
import { TreadleError } from '../contract/errors.ts';
import type { PluginImplementation } from '../model/definition.ts';
import { isStandardSchema } from './standard-schema.ts';

/** Marks the prototype of `PipelineStep`, whichever copy of Treadle it comes from. */
const stepBrand = Symbol.for('treadle.step');

interface StepInstance {
  run(context: PipelineContext): unknown;
}

/** A class of steps: one that extends `PipelineStep`, or has a `run` method like it. */
export type StepClass = (new (options: unknown) => StepInstance) & {
  readonly options?: unknown;
  readonly description?: unknown;
  readonly pluginName?: unknown;
};

/** Whether a function is a class of steps. */
export function isStepClass(value: unknown): value is StepClass {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  if (typeof prototype !== 'object' || prototype === null) return false;
  return stepBrand in prototype || ('run' in prototype && typeof prototype.run === 'function');
}

const implementations = new WeakMap<StepClass, PluginImplementation>();

/**
 * What a class of steps does as a plugin: each attempt gets an instance of its own, `new Class(options)`, with the step's id.
 * Statics tell the rest: `options` (a Standard Schema), `description`, `pluginName`.
 */
export function classImplementation(stepClass: StepClass): PluginImplementation {
  const known = implementations.get(stepClass);
  if (known !== undefined) return known;
  const implementation: PluginImplementation = {
    name: typeof stepClass.pluginName === 'string' ? stepClass.pluginName : undefined,
    description: typeof stepClass.description === 'string' ? stepClass.description : undefined,
    executor: 'threads',
    options: isStandardSchema(stepClass.options) ? stepClass.options : undefined,
    run(context, options) {
      const step: StepInstance = new stepClass(options);
      // It may be a field, so that only an instance shows whether there is one.
      if (typeof step.run !== 'function') {
        throw new TreadleError('E_PLUGIN_INVALID', `The class ${stepClass.name} has no run method.`, {
          hint: 'Add run(context) { … } to it.',
        });
      }
      // Defined, not assigned: a class may have an id that cannot be written, such as a getter.
      Object.defineProperty(step, 'id', { value: context.step.id, writable: true, enumerable: true, configurable: true });
      return step.run(context);
    },
  };
  implementations.set(stepClass, implementation);
  return implementation;
}
