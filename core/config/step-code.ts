import { encodeSegment } from '../context/segment.ts';
import { TreadleError, isTreadleError } from '../contract/errors.ts';
import type { StepCode } from '../contract/executor.ts';
import type { Segment } from '../contract/snapshot.ts';
import type { SourceLocation } from '../contract/status.ts';
import type { PipelineDefinition, StepDefinition, StepObject } from '../model/definition.ts';
import { suggest } from '../model/suggest.ts';
import { explainIssues } from '../plugins/explain-issues.ts';
import { isStepDefinition, stepsIn } from '../plugins/pipeline-exports.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { Locate } from '../plugins/source-positions.ts';
import { describeStep, validateOptions } from '../plugins/validate-options.ts';

/** Where the steps of a pipeline are found by a thread; `undefined` when they live in this process only. */
export interface PipelineHome {
  /** URL of the compiled pipeline file. */
  readonly module: string;
  /** Name of the pipeline in it. */
  readonly pipeline: string;
}

export interface StepCodeRequest {
  readonly definition: PipelineDefinition;
  readonly home: PipelineHome | undefined;
  readonly registry: PluginRegistry;
  readonly locate: Locate;
}

/** The code of steps that hold it themselves: the same for all of a pipeline. */
type HeldCode = StepCode & { readonly kind: 'pipeline-step' };

export interface ResolvedSteps {
  readonly code: ReadonlyMap<string, StepCode>;
  readonly whenCode: ReadonlyMap<string, StepCode>;
  /** One error for each step whose plugin or options are wrong. */
  readonly problems: readonly TreadleError[];
}

/** Finds the code of each step, and validates the options of those that use a plugin. */
export async function resolveSteps(request: StepCodeRequest): Promise<ResolvedSteps> {
  const code = new Map<string, StepCode>();
  const whenCode = new Map<string, StepCode>();
  const problems: TreadleError[] = [];
  const held: HeldCode | undefined = request.home === undefined ? undefined : { kind: 'pipeline-step', ...request.home };
  await Promise.all(
    Array.from(stepsIn(request.definition.children), async (step) => {
      // Steps that were written wrongly are reported with the plan.
      if (isStepDefinition(step) && step.misuse !== undefined) return;
      const when = isStepDefinition(step) ? step.settings.when : undefined;
      if (typeof when === 'function') {
        whenCode.set(
          step.id,
          request.home === undefined ? { kind: 'live', step: { run: when } } : { kind: 'pipeline-when', ...request.home },
        );
      }
      try {
        code.set(step.id, await codeOf(step, held, request));
      } catch (error) {
        if (!isTreadleError(error)) throw error;
        problems.push(error);
      }
    }),
  );
  return { code, whenCode, problems };
}

async function codeOf(
  step: StepDefinition | StepObject,
  held: HeldCode | undefined,
  { registry, locate }: StepCodeRequest,
): Promise<StepCode> {
  if (!isStepDefinition(step)) return held ?? { kind: 'live', step };
  const { run } = step;
  if (run !== undefined) return held ?? { kind: 'live', step: { run } };
  const location = step.callSite === undefined ? undefined : locate(step.callSite);
  const owner = { stepId: step.id, location };
  const plugin = step.plugin === undefined ? registry.get(step.uses ?? '') : registry.owner(step.plugin);
  const implementation = step.plugin ?? plugin?.implementation;
  if (implementation === undefined) throw unknownPlugin(step, location, registry);
  const options = await validateOptions(implementation, step.with, owner, explainIssues);
  if (plugin !== undefined) {
    const travelling = travellingOptions(options, step.with);
    if (travelling !== undefined) return { kind: 'plugin', module: plugin.module, ...travelling };
  }
  if (held === undefined) return { kind: 'live', step: { run: (context) => implementation.run(context, options) } };
  return plugin === undefined ? held : { ...held, plugin: plugin.module };
}

/** Options as a thread can be given them; `undefined` when they hold something that cannot travel, such as a function. */
function travellingOptions(validated: unknown, written: unknown): Pick<StepCode & { kind: 'plugin' }, 'options' | 'asWritten'> | undefined {
  const options = encodeOptions(validated);
  if (options !== undefined) return { options };
  const original = encodeOptions(written);
  return original === undefined ? undefined : { options: original, asWritten: true };
}

function encodeOptions(options: unknown): Segment | undefined {
  try {
    return encodeSegment(options, 'options');
  } catch (error) {
    if (isTreadleError(error) && error.code === 'E_UNSERIALISABLE') return undefined;
    throw error;
  }
}

function unknownPlugin(step: StepDefinition, location: SourceLocation | undefined, registry: PluginRegistry): TreadleError {
  const { uses = '' } = step;
  const who = describeStep({ stepId: step.id, location });
  const place = { stepId: step.id, ...(location === undefined ? {} : { location }) };
  const broken = registry.problemOf(uses);
  if (broken !== undefined) {
    return new TreadleError(broken.code, `${who} uses "${uses}", which cannot be loaded: ${broken.message}`, {
      stepId: step.id,
      cause: broken,
      ...(broken.hint === undefined ? {} : { hint: broken.hint }),
      ...(broken.location === undefined ? {} : { location: broken.location }),
    });
  }
  const meant = suggest(uses, registry.names);
  const hint =
    meant === undefined ? `Put it into a plugins folder, or use one of: ${registry.names.join(', ')}.` : `Did you mean "${meant}"?`;
  const others = registry.problems.map((problem) => `\n  Not loaded: ${problem.message}`).join('');
  return new TreadleError('E_PLUGIN_UNKNOWN', `${who} uses "${uses}", and there is no plugin of that name.${others}`, { hint, ...place });
}
