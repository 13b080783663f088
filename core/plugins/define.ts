import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { PipelineContext } from '../contract/context.ts';
import { TreadleError } from '../contract/errors.ts';
import type { ExecutorName } from '../contract/plan.ts';
import { callSiteOf } from '../model/call-site.ts';
import type { PluginImplementation, StepDefinition, StepSettings } from '../model/definition.ts';
import { suggest } from '../model/suggest.ts';
import { classImplementation, isStepClass } from './class-plugin.ts';
import { isStandardSchema } from './standard-schema.ts';

/** Marks a factory of steps, whichever copy of Treadle made it. */
const pluginBrand: unique symbol = Symbol.for('treadle.plugin');

interface PluginSpecBase {
  /** Default: the name of the plugin's file or folder, or of its package without `treadle-plugin-`. */
  readonly name?: string;
  /** One line, for `treadle plugins`. */
  readonly description?: string;
  /** `'inline'` for a plugin that only waits, as for a process or the network. Default: `'threads'`. */
  readonly executor?: ExecutorName;
}

/** A plugin whose options a schema validates; the schema's output is what `run` gets. */
export interface PluginSpec<Schema extends StandardSchemaV1> extends PluginSpecBase {
  /** Any Standard Schema: of zod, valibot, arktype, … */
  readonly options: Schema;
  run(context: PipelineContext, options: StandardSchemaV1.InferOutput<Schema>): unknown;
}

/** A plugin whose options, if it has any, are not validated. */
export interface UncheckedPluginSpec<Options> extends PluginSpecBase {
  readonly options?: undefined;
  run(context: PipelineContext, options: Options): unknown;
}

/** What follows the id: options may be left out where `{}` or nothing will do. */
export type PluginArguments<Input> =
  Record<never, never> extends Input
    ? [options?: Input, settings?: StepSettings]
    : undefined extends Input
      ? [options?: Input, settings?: StepSettings]
      : [options: Input, settings?: StepSettings];

/** A plugin, callable as a factory of steps. */
export interface Plugin<Input> {
  (id: string, ...rest: PluginArguments<Input>): StepDefinition;
  readonly [pluginBrand]: PluginImplementation;
}

/**
 * Defines a plugin: a kind of step. Make it the default export of a file in `plugins/`.
 *
 * @returns A typed factory, `plugin(id, options, settings?)`, for pipeline files.
 * @throws `E_PLUGIN_INVALID` when `run` is missing or the name cannot be one.
 * @example
 * export default definePlugin({
 *   description: 'Say hello',
 *   options: z.object({ who: z.string() }),
 *   async run(context, options) { context.results.greeting = `hello ${options.who}`; },
 * });
 */
export function definePlugin<Schema extends StandardSchemaV1>(spec: PluginSpec<Schema>): Plugin<StandardSchemaV1.InferInput<Schema>>;
export function definePlugin<Options = undefined>(spec: UncheckedPluginSpec<Options>): Plugin<Options>;
export function definePlugin(spec: AnyPluginSpec): Plugin<unknown> {
  checkSpec(spec);
  const implementation: PluginImplementation = {
    name: spec.name,
    description: spec.description,
    executor: spec.executor ?? 'threads',
    options: spec.options,
    run: (context, options) => spec.run(context, options),
  };
  const factory = (id: string, options?: unknown, settings: StepSettings = {}): StepDefinition => {
    const callSite = callSiteOf();
    return { kind: 'step', id, settings, plugin: implementation, with: options, ...(callSite === undefined ? {} : { callSite }) };
  };
  return Object.assign(factory, { [pluginBrand]: implementation } as const);
}

interface AnyPluginSpec extends PluginSpecBase {
  readonly options?: StandardSchemaV1 | undefined;
  run(context: PipelineContext, options: unknown): unknown;
}

/**
 * The implementation behind a plugin's default export: of `definePlugin`, or of a class that extends `PipelineStep`.
 * The same export always gives the same object.
 */
export function implementationOf(exported: unknown): PluginImplementation | undefined {
  if (typeof exported !== 'function') return undefined;
  if (pluginBrand in exported) return brandedImplementation(exported[pluginBrand]);
  return isStepClass(exported) ? classImplementation(exported) : undefined;
}

/** Gives a plugin that has no name of its own the name of its file. */
export function adoptName(implementation: PluginImplementation, name: string): void {
  if (implementation.name === undefined) Object.assign(implementation, { name });
}

function brandedImplementation(value: unknown): PluginImplementation | undefined {
  const complete = typeof value === 'object' && value !== null && 'run' in value && 'executor' in value;
  // The brand is Treadle's own, so what it marks has the shape of an implementation, of this version or another.
  return complete ? (value as PluginImplementation) : undefined;
}

const namePattern = /^[\w@][\w./@-]*$/;

/** Whether a text can be the name of a plugin. */
export function isPluginName(name: unknown): name is string {
  return typeof name === 'string' && namePattern.test(name);
}

const specKeys: readonly (keyof AnyPluginSpec)[] = ['name', 'description', 'executor', 'options', 'run'];

function checkSpec(spec: unknown): void {
  if (typeof spec !== 'object' || spec === null || !('run' in spec) || typeof spec.run !== 'function') {
    throw new TreadleError('E_PLUGIN_INVALID', 'definePlugin needs an object with a run function.', {
      hint: 'Write definePlugin({ async run(context, options) { … } }).',
    });
  }
  // Anything else in it may be the plugin's own business; a slip of the pen is not.
  for (const key of Object.keys(spec)) {
    const meant = specKeys.some((known) => known === key) ? undefined : suggest(key, specKeys);
    if (meant !== undefined && !(meant in spec))
      throw new TreadleError('E_PLUGIN_INVALID', `definePlugin does not know "${key}".`, { hint: `Did you mean "${meant}"?` });
  }
  if ('name' in spec && spec.name !== undefined && !isPluginName(spec.name)) {
    throw new TreadleError('E_PLUGIN_INVALID', `A plugin cannot be called ${JSON.stringify(spec.name)}.`, {
      hint: 'Use letters, digits, "-", "_", "." and "/".',
    });
  }
  if ('options' in spec && spec.options !== undefined && !isStandardSchema(spec.options)) {
    throw new TreadleError('E_PLUGIN_INVALID', 'The options of a plugin must be a Standard Schema.', {
      hint: 'Use a schema of zod (3.24 or later), valibot (1.0 or later), arktype or another library that implements Standard Schema.',
    });
  }
  if ('executor' in spec && spec.executor !== undefined && spec.executor !== 'inline' && spec.executor !== 'threads') {
    throw new TreadleError('E_PLUGIN_INVALID', `The executor of a plugin is 'inline' or 'threads', not ${JSON.stringify(spec.executor)}.`, {
      hint: "Leave it out for 'threads'.",
    });
  }
}
