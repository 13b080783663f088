import { inTurn, openCache } from './cache/open-cache.ts';
import type { CacheMode } from './cache/step-cache.ts';
import { loadProject, type LoadedPipeline, type Project } from './config/load-project.ts';
import { TreadleError } from './contract/errors.ts';
import type { RunEvent, RunOutlook, RunTrigger } from './contract/events.ts';
import type { Executor, KeptServices } from './contract/executor.ts';
import type { StepMemory } from './contract/memory.ts';
import { type ExecutorName, type Plan, type PlanNode, stepsIn } from './contract/plan.ts';
import { isBuiltIn } from './plugins/built-ins.ts';
import { commandPath } from './executors/processes/command-path.ts';
import { ProcessSupervisor } from './executors/processes/supervisor.ts';
import { historyLimits } from './history/history-limits.ts';
import { RunRecorder } from './history/run-recorder.ts';
import { threadCount } from './executors/threads/thread-count.ts';
import { checkSettings } from './model/check-settings.ts';
import { selectSteps } from './model/select.ts';
import { mostShards } from './model/shard.ts';
import { stopCompiler } from './plugins/compile.ts';
import { suggest } from './model/suggest.ts';
import { outerRunsEnvironment, refuseEndless } from './outer-runs.ts';
import { Run } from './run/run.ts';
import type { RunResult } from './run/run-options.ts';
import { chooseShard, type ShardRequest } from './shard-request.ts';

/** Where to find the pipeline file. */
export interface EngineOptions {
  /** Where to look for `treadle.config.*`, here and above. Default: the current folder. */
  readonly cwd?: string;
  /** The file itself, relative to `cwd`. */
  readonly configFile?: string;
  /** Runs are guarded from their first step on, for a process that others may kill at any time. Default: false. */
  readonly guardAtOnce?: boolean;
}

/** What to run, and how. */
export interface RunRequest {
  /** Default: the only pipeline, or the one named `default`. */
  readonly pipeline?: string;
  /** Run these steps or groups only. */
  readonly only?: readonly string[];
  /** Leave out what comes before this step or group. */
  readonly from?: string;
  readonly concurrency?: number;
  readonly timeoutMs?: number;
  readonly failFast?: boolean;
  /** Begin nothing else after so many failures; without `failFast`, the first ones stop nothing. */
  readonly maxFailures?: number;
  readonly failOnFlaky?: boolean;
  /** Where steps run, whatever the pipeline file says; those that only wait run inline all the same. */
  readonly executor?: ExecutorName;
  /** Laid over the pipeline's `config`. */
  readonly params?: { readonly [key: string]: unknown };
  /** Added to the environment of all steps. */
  readonly env?: { readonly [name: string]: string };
  /** Milliseconds between a step's signal and its end. Default: 500. */
  readonly graceMs?: number;
  /** Milliseconds that steps with `when: 'always'` may go on after the run was cancelled or has timed out. Default: 30,000. */
  readonly cleanUpMs?: number;
  /** A person steps through the run: all steps inline, without time limits and retries. */
  readonly debug?: boolean;
  /** What earlier runs left, for steps that need not run again. Default: every step runs. */
  readonly memory?: StepMemory;
  /** Services that stay up from run to run. Default: they end with the run. */
  readonly services?: KeptServices;
  /**
   * Whether steps with `inputs` use and keep results in `.treadle/cache`; `refresh` keeps new ones only.
   * Default: 'off', as it is where the project cannot be written.
   */
  readonly cache?: CacheMode | 'off';
  /** Run one part of the plan, which is divided among several machines. */
  readonly shard?: ShardRequest;
  /** How long steps usually take, in milliseconds, by id: `run:start` tells it. */
  readonly expected?: ReadonlyMap<string, number>;
  /** Whether the run is kept in `.treadle/runs`. Default: false. */
  readonly keep?: boolean;
  /** Told once when the run cannot be kept, or not to its end. */
  readonly onKeepingFailed?: (error: unknown) => void;
  /** Why it begins: `run:start` tells it. Of runs that a change of a file started, fewer are kept. */
  readonly trigger?: RunTrigger;
  readonly onEvent?: (event: RunEvent) => void;
  /** Waited for between the start of an attempt, as events tell it, and its code. */
  readonly beforeAttempt?: () => Promise<void>;
}

/** A run under way. */
export interface RunHandle {
  readonly runId: string;
  /** Name of the pipeline. */
  readonly pipeline: string;
  readonly plan: Plan;
  /** Never rejects for what a step does. */
  readonly result: Promise<RunResult>;
  /** Stops the run, or one step or group of it: signal, grace, kill. Steps with `when: 'always'` still run, unless they are stopped themselves. */
  cancel(reason: string, nodeId?: string): void;
  /** Stops those steps, too. */
  halt(reason: string): void;
  /** Kills every process and step of the run at once; for the second Ctrl-C. */
  killNow(): void;
}

/** A loaded project and the threads that its runs share. */
export interface Engine {
  readonly project: Project;
  /**
   * The plan that a request would run.
   *
   * @throws `E_PIPELINE_UNKNOWN`, `E_STEP_UNKNOWN`.
   */
  plan(request?: RunRequest): Plan;
  /** Among how many shards the plan of a request can be divided. Throws like {@link plan}. */
  mostShards(request?: RunRequest): number;
  /** Name of the pipeline that a request would run. Throws like {@link plan}. */
  nameOf(request?: RunRequest): string;
  /**
   * Starts a run. Throws like {@link plan}.
   *
   * @throws `E_USAGE` also where a step of the run is what starts it: that would never end.
   */
  start(request?: RunRequest): RunHandle;
  /** Resolves when no run is under way any more. */
  settled(): Promise<void>;
  /** Stops threads and runs; bounded in time. */
  close(): Promise<void>;
}

/** Executors by name: the one place that knows them. */
const executorFactories: { readonly [Name in ExecutorName]: () => Promise<Executor> } = {
  inline: async () => new (await import('./executors/inline/inline.ts')).InlineExecutor(),
  threads: async () => {
    const [{ openThreads }, { workerFile }] = await Promise.all([
      import('./executors/threads/threads.ts'),
      import('./executors/threads/worker-file.ts'),
    ]);
    return openThreads({ workerFile: workerFile() });
  },
};

/**
 * Loads a project's pipeline file and plugins and gets ready to run them.
 *
 * @throws Errors with exit code 2: `E_CONFIG_NOT_FOUND`, `E_CONFIG_LOAD`, `E_CONFIG_INVALID`, `E_PLUGIN_…`.
 * @example
 * const engine = await createEngine({ cwd: 'packages/shop' });
 * const { status } = await engine.start({ pipeline: 'ci' }).result;
 * await engine.close();
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const project = await loadProject({
    cwd: options.cwd ?? process.cwd(),
    ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
  });
  return openEngine(project, options.guardAtOnce ?? false);
}

function openEngine(project: Project, guardAtOnce: boolean): Engine {
  const executors = new ExecutorSet();
  const runs = new Set<RunHandle>();

  const plan = (request: RunRequest = {}): Plan => planOf(choosePipeline(project, request.pipeline), request);
  const most = (request: RunRequest = {}): number => mostShards(wholePlanOf(choosePipeline(project, request.pipeline), request));
  const nameOf = (request: RunRequest = {}): string => choosePipeline(project, request.pipeline).name;
  const start = (request: RunRequest = {}): RunHandle => {
    const pipeline = choosePipeline(project, request.pipeline);
    const runId = newRunId();
    const chosen = planOf(pipeline, request);
    const known = { configFile: project.configFile, pipeline: pipeline.name };
    refuseEndless(known, () => chosen);
    executors.warmUp(chosen);
    const { services } = request;
    const processes = services?.processes ?? new ProcessSupervisor(runId, { root: project.root, guardAtOnce });
    const outerRuns = outerRunsEnvironment({ runId: processes.id, ...known });
    const run = new Run({
      runId,
      pipeline: pipeline.name,
      plan: chosen,
      outlook: outlookOf(pipeline, request),
      code: pipeline.code,
      whenCode: pipeline.whenCode,
      whenExecutor: request.debug === true ? 'inline' : (request.executor ?? pipeline.definition.settings.executor ?? 'threads'),
      config: { ...pipeline.config, ...request.params },
      cwd: project.root,
      env: {
        ...baseEnvironment(project.root, request.env),
        ...outerRuns,
      },
      outerRuns,
      ...(request.env === undefined ? {} : { addedEnv: request.env }),
      threads: threadCount(),
      executor: (name) =>
        request.beforeAttempt === undefined ? executors.get(name) : request.beforeAttempt().then(() => executors.get(name)),
      processes,
      ...(services === undefined ? {} : { services }),
      onEvent: listenerOf(request, project.root, chosen),
      ...(request.graceMs === undefined ? {} : { graceMs: request.graceMs }),
      ...(request.cleanUpMs === undefined ? {} : { cleanUpMs: request.cleanUpMs }),
      ...memoryOf(request, chosen, project, pipeline.name),
    });
    const handle: RunHandle = {
      runId,
      pipeline: pipeline.name,
      plan: chosen,
      result: run.result,
      cancel: (reason, nodeId) => run.cancel(reason, nodeId),
      halt: (reason) => run.halt(reason),
      killNow: () => run.killNow(),
    };
    runs.add(handle);
    void run.result.then(() => runs.delete(handle));
    return handle;
  };
  const settled = async (): Promise<void> => {
    await Promise.all([...runs].map((run) => run.result));
  };
  const close = async (): Promise<void> => {
    const open = [...runs];
    for (const run of open) run.cancel('the engine was closed');
    await Promise.all(open.map((run) => run.result));
    await Promise.all([executors.close(), stopCompiler()]);
  };
  return { project, plan, mostShards: most, nameOf, start, settled, close };
}

/** Who hears of a run: the history first, so that what others do of it cannot keep it from being written. */
export function listenerOf(request: RunRequest, root: string, plan: Plan): (event: RunEvent) => void {
  const { keep = false, trigger, onKeepingFailed, onEvent = () => undefined } = request;
  const limits = keep ? historyLimits(process.env) : undefined;
  if (limits === undefined) return onEvent;
  const waiting = new Set(stepsIn(plan).flatMap(({ id, uses }) => (uses !== undefined && isBuiltIn(uses) ? [id] : [])));
  const recorder = new RunRecorder(root, limits, {
    isRerun: trigger?.kind === 'save',
    mayBlock: (id) => !waiting.has(id),
    ...(onKeepingFailed === undefined ? {} : { onProblem: onKeepingFailed }),
  });
  return (event) => {
    recorder.add(event);
    onEvent(event);
  };
}

/** What a run may use of earlier runs. */
function memoryOf(
  { memory, cache = 'off' }: RunRequest,
  plan: Plan,
  { root, pipelines, readOnly }: Project,
  pipeline: string,
): { readonly memory?: StepMemory } {
  const stored =
    cache === 'off' || readOnly !== undefined
      ? undefined
      : openCache(plan, { root, pipeline, mode: cache, plans: [...pipelines.values()].map((each) => each.plan) });
  const both = memory !== undefined && stored !== undefined ? inTurn(memory, stored) : (memory ?? stored);
  return both === undefined ? {} : { memory: both };
}

/** Executors are made when first needed, and shared by the runs of an engine. */
export class ExecutorSet {
  private readonly made = new Map<ExecutorName, Promise<Executor>>();

  get(name: ExecutorName): Promise<Executor> {
    let executor = this.made.get(name);
    if (executor === undefined) this.made.set(name, (executor = executorFactories[name]()));
    return executor;
  }

  /** Starts threads for a plan that needs them, while the first steps begin. */
  warmUp(plan: Plan): void {
    const width = threadsAtOnce(plan);
    if (width > 0) void this.get('threads').then((threads) => threads.prepare(Math.min(width, plan.concurrency ?? width)));
  }

  async close(): Promise<void> {
    const executors = await Promise.all(this.made.values());
    await Promise.all(executors.map((executor) => executor.close()));
  }
}

/** The environment of a run: the process's, with the project's own programs on the PATH. */
export function baseEnvironment(root: string, own: RunRequest['env'] = {}): { readonly [name: string]: string } {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return { ...env, ...commandPath(root, env), ...own };
}

/** An id that sorts by time. */
export function newRunId(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`;
}

function choosePipeline(project: Project, name: string | undefined): LoadedPipeline {
  const names = [...project.pipelines.keys()];
  const wanted = name ?? (names.length === 1 ? names[0] : 'default') ?? 'default';
  const pipeline = project.pipelines.get(wanted);
  if (pipeline !== undefined) return pipeline;
  const message =
    name === undefined ? 'There are several pipelines, and none of them is named "default".' : `There is no pipeline "${name}".`;
  const near = name === undefined ? undefined : suggest(name, names);
  throw new TreadleError('E_PIPELINE_UNKNOWN', message, {
    hint: near === undefined ? `Name one of: ${names.join(', ')}.` : `Did you mean "${near}"? There are: ${names.join(', ')}.`,
  });
}

function planOf(pipeline: LoadedPipeline, request: RunRequest): Plan {
  const whole = wholePlanOf(pipeline, request);
  return request.shard === undefined ? whole : chooseShard(whole, request.shard).plan;
}

/** What is told of a run before it begins. */
function outlookOf(pipeline: LoadedPipeline, request: RunRequest): RunOutlook {
  const { shard, expected, trigger } = request;
  return {
    ...(trigger === undefined ? {} : { trigger }),
    ...(shard === undefined ? {} : { shard: chooseShard(wholePlanOf(pipeline, request), shard).shard }),
    ...(expected === undefined || expected.size === 0 ? {} : { expected: Object.fromEntries(expected) }),
  };
}

/** A program may compute what it asks for; a wrong number would keep the run from ever beginning or ending. */
function checkLimits({ concurrency, timeoutMs: timeout, maxFailures }: RunRequest): void {
  if (concurrency === undefined && timeout === undefined && maxFailures === undefined) return;
  const [problem] = checkSettings('pipeline', { concurrency, timeout, maxFailures });
  if (problem !== undefined) throw new TreadleError('E_USAGE', `The run cannot begin: ${problem.message}.`);
}

function wholePlanOf(pipeline: LoadedPipeline, request: RunRequest): Plan {
  checkLimits(request);
  let plan = pipeline.plan;
  if (request.only !== undefined || request.from !== undefined) {
    plan = selectSteps(plan, {
      ...(request.only === undefined ? {} : { only: request.only }),
      ...(request.from === undefined ? {} : { from: request.from }),
    });
  }
  const { concurrency, timeoutMs, maxFailures, failOnFlaky, executor } = request;
  const failFast = request.failFast ?? (maxFailures === undefined ? undefined : false);
  plan = {
    ...plan,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(failFast === undefined ? {} : { failFast }),
    ...(maxFailures === undefined ? {} : { maxFailures }),
    ...(failOnFlaky === undefined ? {} : { failOnFlaky }),
  };
  if (request.debug === true) return unhurried(plan);
  return executor === undefined ? plan : place(plan, executor, pipeline.waiting);
}

/** A plan to step through: whatever a person takes time for must not time out, nor be tried again. */
function unhurried<Node extends PlanNode>(node: Node): Node {
  const { timeoutMs: _limit, ...rest } = node;
  // Without its limit it is still a node of its kind.
  const own = rest as Node;
  return own.kind === 'step' ? { ...own, executor: 'inline', retries: 0 } : { ...own, children: own.children.map(unhurried) };
}

/** A plan whose steps run there, whatever the pipeline file says; a thread would do nothing for those that only wait. */
function place<Node extends PlanNode>(node: Node, executor: ExecutorName, waiting: ReadonlySet<string>): Node {
  if (node.kind !== 'step') return { ...node, children: node.children.map((child) => place(child, executor, waiting)) };
  return executor === 'threads' && waiting.has(node.id) ? node : { ...node, executor };
}

/** How many steps of a plan may need a thread at the same time. */
function threadsAtOnce(node: PlanNode): number {
  if (node.kind === 'step') return node.executor === 'threads' ? 1 : 0;
  const widths = node.children.map(threadsAtOnce);
  if (node.kind !== 'group') return widths.reduce((most, width) => Math.max(most, width), 0);
  const sum = widths.reduce((total, width) => total + width, 0);
  return Math.min(sum, node.maxWorkers ?? sum);
}
