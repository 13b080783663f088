import { TreadleError } from './contract/errors.ts';
import type { RunEvent } from './contract/events.ts';
import type { PipelineContext } from './contract/context.ts';
import type { LiveStep, StepCode } from './contract/executor.ts';
import type { Plan } from './contract/plan.ts';
import { baseEnvironment, ExecutorSet, listenerOf, newRunId } from './engine.ts';
import { ProcessSupervisor } from './executors/processes/supervisor.ts';
import { StepTimes } from './history/step-times.ts';
import type { PipelineSettings, StepDefinition } from './model/definition.ts';
import { builtInRegistry } from './plugins/registry.ts';
import { validateOptions } from './plugins/validate-options.ts';
import { Run } from './run/run.ts';

/** What one run of a live pipeline may be given. */
export interface LiveRunOptions {
  /** Results to begin with. */
  readonly results?: { readonly [key: string]: unknown };
  /** Laid over the pipeline's own `config`. */
  readonly config?: { readonly [key: string]: unknown };
  /** Whether the run is kept in `.treadle/runs` of the current folder, and judged by what is kept there. Default: false. */
  readonly keep?: boolean;
  readonly onEvent?: (event: RunEvent) => void;
}

/** A pipeline whose steps are objects and functions of this process. */
export interface LivePipeline {
  readonly plan: Plan;
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly settings: PipelineSettings;
}

/**
 * Starts a run of steps that live in this process; `close` when it is over.
 *
 * @param onStart - told before the first event, also of how long steps usually take, in milliseconds by id
 */
export async function startLiveRun(
  pipeline: LivePipeline,
  options: LiveRunOptions,
  onStart: (run: Run, expected: ReadonlyMap<string, number>) => void,
): Promise<{ readonly run: Run; readonly close: () => Promise<void> }> {
  const { plan, settings, steps } = pipeline;
  const { code, whenCode } = await codeOf(steps);
  const executors = new ExecutorSet();
  const runId = newRunId();
  const cwd = process.cwd();
  const name = settings.name ?? 'pipeline';
  const expected = options.keep === true ? StepTimes.read(cwd, name).expected(plan) : new Map<string, number>();
  const run = new Run({
    runId,
    pipeline: name,
    plan,
    code,
    whenCode,
    whenExecutor: 'inline',
    config: { ...settings.config, ...options.config },
    ...(options.results === undefined ? {} : { results: options.results }),
    cwd,
    env: baseEnvironment(cwd),
    executor: (name) => executors.get(name),
    processes: new ProcessSupervisor(runId, { root: cwd }),
    outlook: expected.size === 0 ? {} : { expected: Object.fromEntries(expected) },
    onEvent: listenerOf(options, cwd, plan),
  });
  onStart(run, expected);
  return { run, close: () => executors.close() };
}

/** Code of this process, which no other thread could find. */
async function codeOf(steps: LivePipeline['steps']): Promise<{ code: Map<string, StepCode>; whenCode: Map<string, StepCode> }> {
  const code = new Map<string, StepCode>();
  const whenCode = new Map<string, StepCode>();
  for (const [id, definition] of steps) {
    code.set(id, { kind: 'live', step: await liveStep(id, definition) });
    const { when } = definition.settings;
    if (typeof when === 'function') whenCode.set(id, { kind: 'live', step: { run: (context: PipelineContext) => when(context) } });
  }
  return { code, whenCode };
}

async function liveStep(id: string, definition: StepDefinition): Promise<LiveStep> {
  const { run, uses } = definition;
  if (run !== undefined) return { run: (context) => run(context) };
  let implementation = definition.plugin;
  if (implementation === undefined && uses !== undefined) {
    const registry = builtInRegistry();
    await registry.loadBuiltIns();
    implementation = registry.get(uses)?.implementation;
  }
  if (implementation === undefined) {
    throw new TreadleError('E_PLUGIN_UNKNOWN', `Step "${id}" uses the plugin "${uses ?? ''}", which is not built in.`, {
      hint: 'Import the plugin and call its factory, or load a pipeline file with createEngine.',
      stepId: id,
    });
  }
  const plugin = implementation;
  const options = await validateOptions(plugin, definition.with, { stepId: id });
  return { run: (context) => plugin.run(context, options) };
}
