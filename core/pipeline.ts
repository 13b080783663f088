import { TreadleError } from './contract/errors.ts';
import type { RunEvent } from './contract/events.ts';
import type { PipelineContext } from './contract/context.ts';
import type { LiveStep, StepCode } from './contract/executor.ts';
import type { Plan } from './contract/plan.ts';
import { buildPlan } from './model/build-plan.ts';
import { definePipeline } from './model/builders.ts';
import type { PipelineSettings, StepDefinition, StepInput } from './model/definition.ts';
import { ProgressTracker, type StepProgress } from './run/progress.ts';
import type { Run, RunResult } from './run/run.ts';

/** What a {@link Pipeline} may be given for one run. */
export interface PipelineRunOptions {
  /** Results to begin with. */
  readonly results?: { readonly [key: string]: unknown };
  /** Laid over the pipeline's own `config`. */
  readonly config?: { readonly [key: string]: unknown };
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

/** Where a pipeline stands. */
export interface PipelineStatus {
  /** Overall progress, 0 to 100. */
  readonly progress: number;
  /** A step that runs now, if any does. */
  readonly currentStep: string | undefined;
  readonly isRunning: boolean;
  readonly stepDetails: { readonly [id: string]: StepProgress };
  /** Expected milliseconds until the end, judged by progress so far; absent before there is any. */
  readonly etaMs?: number;
}

/**
 * A pipeline for programs that embed the engine: its steps are objects and functions of this process and run inline,
 * concurrently where the pipeline says so, each on its own copy of the context.
 *
 * @throws `E_CONFIG_INVALID` when the steps or settings are not valid.
 * @example
 * const pipeline = new Pipeline([load, [lint, test], report]);
 * const { status, results } = await pipeline.run({ config: { depth: 3 } });
 */
export class Pipeline {
  readonly plan: Plan;
  private readonly steps: ReadonlyMap<string, StepDefinition>;
  private readonly settings: PipelineSettings;
  private current: Run | undefined;
  private startedAt = 0;
  /** What `getStatus` tells before the first run. */
  private readonly idle: ProgressTracker;

  constructor(steps: readonly StepInput[], settings: PipelineSettings = {}) {
    this.settings = settings;
    const { plan, steps: definitions } = buildPlan(definePipeline(steps, settings), {
      name: settings.name ?? 'pipeline',
      defaultExecutor: 'inline',
    });
    this.plan = plan;
    this.idle = new ProgressTracker(plan);
    this.steps = definitions;
  }

  /** Whether a run is under way. */
  get isRunning(): boolean {
    return this.startedAt > 0;
  }

  /**
   * Runs the pipeline. Resolves however the steps end: see `status` and `errors`.
   *
   * @throws `E_USAGE` when it is running already; plugin errors when options are not valid.
   */
  async run(options: PipelineRunOptions = {}): Promise<RunResult> {
    if (this.isRunning)
      throw new TreadleError('E_USAGE', 'The pipeline is running already.', { hint: 'Await the first run, or make a second Pipeline.' });
    this.startedAt = performance.now();
    const { baseEnvironment, ExecutorSet, newRunId } = await import('./engine.ts');
    const [{ Run }, { ProcessSupervisor }] = await Promise.all([import('./run/run.ts'), import('./executors/processes/supervisor.ts')]);
    const executors = new ExecutorSet();
    const runId = newRunId();
    const cwd = process.cwd();
    try {
      const { code, whenCode } = await this.code();
      const run = new Run({
        runId,
        pipeline: this.settings.name ?? 'pipeline',
        plan: this.plan,
        code,
        whenCode,
        config: { ...this.settings.config, ...options.config },
        ...(options.results === undefined ? {} : { results: options.results }),
        cwd,
        env: baseEnvironment(cwd),
        executor: (name) => executors.get(name),
        processes: new ProcessSupervisor(runId, { root: cwd }),
        onEvent: options.onEvent ?? (() => undefined),
      });
      this.current = run;
      const cancel = (): void => run.cancel('the signal was aborted');
      if (options.signal?.aborted === true) cancel();
      options.signal?.addEventListener('abort', cancel, { once: true });
      const result = await run.result;
      options.signal?.removeEventListener('abort', cancel);
      return result;
    } finally {
      this.startedAt = 0;
      await executors.close();
    }
  }

  /** Stops a run that is under way. */
  cancel(reason = 'cancelled'): void {
    this.current?.cancel(reason);
  }

  /** How far the pipeline has come, step by step. */
  getStatus(): PipelineStatus {
    const run = this.current;
    const ids = [...this.steps.keys()];
    const statusOf = (id: string): string => run?.statusOf(id) ?? 'pending';
    const progress = run?.progress.overall ?? 0;
    const elapsed = performance.now() - this.startedAt;
    return {
      progress,
      currentStep: this.isRunning ? ids.find((id) => statusOf(id) === 'running') : undefined,
      isRunning: this.isRunning,
      stepDetails: Object.fromEntries(ids.flatMap((id) => this.detailsOf(id, statusOf(id)))),
      ...(this.isRunning && progress > 0 ? { etaMs: Math.round((elapsed * (100 - progress)) / progress) } : {}),
    };
  }

  private detailsOf(id: string, status: string): [string, StepProgress][] {
    const details = (this.current?.progress ?? this.idle).of(id, status);
    return details === undefined ? [] : [[id, details]];
  }

  /** Code of this process, which no other thread could find. */
  private async code(): Promise<{ code: Map<string, StepCode>; whenCode: Map<string, StepCode> }> {
    const code = new Map<string, StepCode>();
    const whenCode = new Map<string, StepCode>();
    for (const [id, definition] of this.steps) {
      code.set(id, { kind: 'live', step: await liveStep(id, definition) });
      const { when } = definition.settings;
      if (typeof when === 'function') whenCode.set(id, { kind: 'live', step: { run: (context: PipelineContext) => when(context) } });
    }
    return { code, whenCode };
  }
}

async function liveStep(id: string, definition: StepDefinition): Promise<LiveStep> {
  const { run, uses } = definition;
  if (run !== undefined) return { run: (context) => run(context) };
  const [{ validateOptions }, { builtInRegistry }] = await Promise.all([
    import('./plugins/validate-options.ts'),
    import('./plugins/registry.ts'),
  ]);
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
