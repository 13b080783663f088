import { dirname } from 'node:path';
import { encodeSegment } from '../context/segment.ts';
import { TreadleError, isTreadleError } from '../contract/errors.ts';
import type { StepCode } from '../contract/executor.ts';
import type { ExecutorName, Plan } from '../contract/plan.ts';
import { buildPlan } from '../model/build-plan.ts';
import type { PipelineDefinition, StepDefinition } from '../model/definition.ts';
import { isBuiltIn } from '../plugins/built-ins.ts';
import { whyElsewhere } from '../plugins/compiled-folder.ts';
import { keptPositions } from '../plugins/kept-positions.ts';
import { isStepDefinition, stepsIn } from '../plugins/pipeline-exports.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { type Locate, shownPath } from '../plugins/source-positions.ts';
import { whyReadOnly } from '../files/own-files.ts';
import { findConfig } from './find-config.ts';
import { joinProblems } from './problems.ts';
import { readPipelineFile } from './read-pipelines.ts';
import { type PipelineHome, resolveSteps } from './step-code.ts';

/** A pipeline that is ready to run. */
export interface LoadedPipeline {
  readonly name: string;
  readonly definition: PipelineDefinition;
  readonly plan: Plan;
  /** Code of each step, by id. */
  readonly code: ReadonlyMap<string, StepCode>;
  /** Code of the `when` functions, by step id. */
  readonly whenCode: ReadonlyMap<string, StepCode>;
  readonly config: Readonly<Record<string, unknown>>;
  /** Steps that run inline unless they themselves say otherwise: their plugin only waits. */
  readonly waiting: ReadonlySet<string>;
}

/** A pipeline file with all that belongs to it. */
export interface Project {
  /** Folder of the pipeline file, absolute and without symbolic links. */
  readonly root: string;
  /** The pipeline file, absolute. */
  readonly configFile: string;
  readonly pipelines: ReadonlyMap<string, LoadedPipeline>;
  readonly plugins: PluginRegistry;
  /** Files whose change calls for loading the project again, absolute. */
  readonly dependencies: readonly string[];
  /** Why nothing can be kept in its `.treadle`; absent where it can. */
  readonly readOnly?: string;
}

/**
 * Finds, compiles, loads and checks a pipeline file and the plugins of its project.
 *
 * @throws What is wrong, all problems of its steps together; codes with exit code 2.
 */
export async function loadProject(options: { readonly cwd: string; readonly configFile?: string }): Promise<Project> {
  const configFile = findConfig(options.cwd, options.configFile);
  const root = dirname(configFile);
  const { pipelines, registry, module } = await readPipelineFile(configFile);
  const { locate, keep } = keptPositions(root);
  const problems: TreadleError[] = [...registry.faults];
  await loadUsedBuiltIns([...pipelines.values()], registry);
  const loaded = new Map<string, LoadedPipeline>();
  for (const [name, definition] of pipelines) {
    const home = module === undefined ? undefined : { module: module.url, pipeline: name };
    const pipeline = await loadPipeline({ name, definition, home, registry, locate }, problems);
    if (pipeline !== undefined) loaded.set(name, pipeline);
  }
  const problem = joinProblems(problems, shownPath(root, configFile));
  if (problem !== undefined) throw problem;
  await keep();
  const inputs = [configFile, ...(module?.inputs ?? []), ...registry.inputs];
  const readOnly = whyReadOnly(root) ?? whyElsewhere(root);
  return {
    root,
    configFile,
    pipelines: loaded,
    plugins: registry,
    dependencies: [...new Set(inputs)],
    ...(readOnly === undefined ? {} : { readOnly }),
  };
}

interface PipelineRequest {
  readonly name: string;
  readonly definition: PipelineDefinition;
  readonly home: PipelineHome | undefined;
  readonly registry: PluginRegistry;
  readonly locate: Locate;
}

async function loadPipeline(request: PipelineRequest, problems: TreadleError[]): Promise<LoadedPipeline | undefined> {
  const { name, definition, locate } = request;
  const { code, whenCode, problems: stepProblems } = await resolveSteps(request);
  const waiting = new Set<string>();
  const executorOf = (step: StepDefinition): ExecutorName | undefined => {
    const executor = pluginsExecutor(step, request, code);
    if (executor === 'inline' && step.settings.executor !== 'threads') waiting.add(step.id);
    return executor;
  };
  const plan = collect(problems, () => buildPlan(definition, { name, locate, executorOf }).plan);
  problems.push(...stepProblems);
  if (plan !== undefined) collect(problems, () => checkConfig(request));
  return plan === undefined ? undefined : { name, definition, plan, code, whenCode, config: definition.settings.config ?? {}, waiting };
}

function collect<T>(problems: TreadleError[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!isTreadleError(error)) throw error;
    problems.push(error);
    return undefined;
  }
}

/** Config is copied to steps, like results: better said before a run than by it. */
function checkConfig({ name, definition, locate }: PipelineRequest): void {
  const { callSite, settings } = definition;
  try {
    encodeSegment(settings.config ?? {}, 'config');
  } catch (error) {
    if (!isTreadleError(error)) throw error;
    const location = callSite === undefined ? undefined : locate(callSite);
    throw new TreadleError('E_CONFIG_INVALID', `Pipeline "${name}": ${error.message}`, {
      hint: 'The config of a pipeline is data: plain values, not functions, sockets or class instances.',
      cause: error,
      ...(location === undefined ? {} : { location }),
    });
  }
}

function pluginsExecutor(
  step: StepDefinition,
  { registry }: PipelineRequest,
  code: ReadonlyMap<string, StepCode>,
): ExecutorName | undefined {
  if (code.get(step.id)?.kind === 'live') return 'inline';
  return (step.plugin ?? registry.get(step.uses ?? '')?.implementation)?.executor;
}

/** Loads the built-in plugins only when a step uses one: they are a module of some size. */
async function loadUsedBuiltIns(definitions: readonly PipelineDefinition[], registry: PluginRegistry): Promise<void> {
  const steps = definitions.flatMap(({ children }) => [...stepsIn(children)]).filter(isStepDefinition);
  const used = steps.some(({ plugin, uses }) => {
    const name = plugin === undefined ? uses : plugin.name;
    return typeof name === 'string' && isBuiltIn(name);
  });
  if (used) await registry.loadBuiltIns();
}
