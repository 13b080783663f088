import { decodeSegment } from '../context/segment.ts';
import type { PipelineContext } from '../contract/context.ts';
import { TreadleError } from '../contract/errors.ts';
import type { StepCode } from '../contract/executor.ts';
import type { PluginImplementation, StepDefinition, StepObject } from '../model/definition.ts';
import { implementationOf } from './define.ts';
import { importModule } from './import-module.ts';
import { isStepDefinition, pipelinesIn, stepsIn } from './pipeline-exports.ts';
import { validateOptions } from './validate-options.ts';

export { forgoCallSites } from '../model/call-site.ts';

/** A step's code, ready to run; a context is all that it needs. */
export type Runnable = (context: PipelineContext) => unknown;

/**
 * Finds the code of a step, on whichever thread this is. Modules are imported once a thread.
 *
 * @throws `E_INTERNAL` when the code is not where the plan says, and whatever a module throws while it loads.
 */
export async function loadRunnable(code: StepCode, stepId: string): Promise<Runnable> {
  switch (code.kind) {
    case 'live':
      return (context) => code.step.run(context);
    case 'plugin': {
      const implementation = await pluginAt(code.module);
      // Decoded for each attempt: a step may change its options.
      if (code.asWritten !== true) return (context) => implementation.run(context, decodeSegment(code.options));
      return async (context) => implementation.run(context, await validateOptions(implementation, decodeSegment(code.options), { stepId }));
    }
    case 'pipeline-step':
      return runnableOf(await stepAt(code.module, code.pipeline, stepId), code.plugin);
    case 'pipeline-when': {
      const step = await stepAt(code.module, code.pipeline, stepId);
      const when = isStepDefinition(step) ? step.settings.when : undefined;
      if (typeof when !== 'function') throw lost(`the when function of step "${stepId}"`, code.module);
      return (context) => when(context);
    }
  }
}

async function runnableOf(step: StepDefinition | StepObject, pluginModule: string | undefined): Promise<Runnable> {
  if (!isStepDefinition(step)) return (context) => step.run(context);
  const { run, plugin } = step;
  if (run !== undefined) return (context) => run(context);
  const implementation = plugin ?? (pluginModule === undefined ? undefined : await pluginAt(pluginModule));
  if (implementation === undefined) throw lost(`the code of step "${step.id}"`, 'the pipeline file');
  // Validated again: what validation gave on the main thread could not travel.
  return async (context) => implementation.run(context, await validateOptions(implementation, step.with, { stepId: step.id }));
}

const plugins = new Map<string, Promise<PluginImplementation>>();

function pluginAt(module: string): Promise<PluginImplementation> {
  const known = plugins.get(module);
  if (known !== undefined) return known;
  const loading = importPlugin(module);
  plugins.set(module, loading);
  return loading;
}

async function importPlugin(module: string): Promise<PluginImplementation> {
  // The fragment must not reach the import: with it, the module would be another instance.
  const [url = module, exportName = 'default'] = module.split('#');
  const exported = await importModule(url);
  const implementation = implementationOf(exported[exportName]);
  if (implementation === undefined) throw lost(`the plugin "${exportName}"`, url);
  return implementation;
}

/** By pipeline and module. Promises: the steps of a large group all ask before the first has its answer. */
const pipelines = new Map<string, Promise<ReadonlyMap<string, StepDefinition | StepObject>>>();

async function stepAt(module: string, pipeline: string, stepId: string): Promise<StepDefinition | StepObject> {
  const key = `${pipeline}\n${module}`;
  let loading = pipelines.get(key);
  if (loading === undefined) pipelines.set(key, (loading = stepsAt(module, pipeline)));
  const steps = await loading;
  const step = steps.get(stepId);
  if (step === undefined) {
    throw lost(
      `step "${stepId}" of pipeline "${pipeline}"`,
      module,
      'Make the pipeline file give the same steps each time that it is loaded.',
    );
  }
  return step;
}

async function stepsAt(module: string, pipeline: string): Promise<ReadonlyMap<string, StepDefinition | StepObject>> {
  const exported = await importModule(module);
  const definition = pipelinesIn(await exported['default'])?.get(pipeline);
  return new Map([...stepsIn(definition?.children ?? [])].map((step) => [step.id, step]));
}

function lost(what: string, where: string, hint?: string): TreadleError {
  return new TreadleError('E_INTERNAL', `Treadle cannot find ${what} in ${where}.`, hint === undefined ? {} : { hint });
}
