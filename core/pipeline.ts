import { TreadleError } from './contract/errors.ts';
import type { Plan } from './contract/plan.ts';
import { remainingTime } from './contract/remaining-time.ts';
import { buildPlan } from './model/build-plan.ts';
import { definePipeline } from './model/builders.ts';
import type { PipelineDefinition, PipelineSettings, StepDefinition, StepInput } from './model/definition.ts';
import type { LiveRunOptions } from './live-run.ts';
import { ProgressTracker, type StepProgress } from './run/progress.ts';
import type { Run } from './run/run.ts';
import type { RunResult } from './run/run-options.ts';

/** What a {@link Pipeline} may be given for one run. */
export interface PipelineRunOptions extends LiveRunOptions {
  readonly signal?: AbortSignal;
}

/** Where a pipeline stands. */
export interface PipelineStatus {
  /** Overall progress, 0 to 100. */
  readonly progress: number;
  /** A step that runs now, if any does. */
  readonly currentStep: string | undefined;
  readonly isRunning: boolean;
  readonly stepDetails: { readonly [id: string]: StepProgress };
  /** Expected milliseconds until the end, judged by kept runs where there are any, else by progress so far; absent before there is any. */
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
  /** What a pipeline file that exports it gives to Treadle. */
  readonly definition: PipelineDefinition;
  readonly plan: Plan;
  private readonly steps: ReadonlyMap<string, StepDefinition>;
  private readonly settings: PipelineSettings;
  private current: Run | undefined;
  private startedAt = 0;
  private expected: ReadonlyMap<string, number> = new Map();
  /** What `getStatus` tells before the first run. */
  private readonly idle: ProgressTracker;

  constructor(steps: readonly StepInput[], settings: PipelineSettings = {}) {
    this.settings = settings;
    this.definition = definePipeline(steps, settings);
    const { plan, steps: definitions } = buildPlan(this.definition, {
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
    const { startLiveRun } = await import('./runtime.ts');
    const cancel = (): void => this.cancel('the signal was aborted');
    try {
      const live = { plan: this.plan, steps: this.steps, settings: this.settings };
      const { run, close } = await startLiveRun(live, options, (begun, expected) => {
        this.current = begun;
        this.expected = expected;
      });
      if (options.signal?.aborted === true) cancel();
      options.signal?.addEventListener('abort', cancel, { once: true });
      try {
        return await run.result;
      } finally {
        options.signal?.removeEventListener('abort', cancel);
        await close();
      }
    } finally {
      this.startedAt = 0;
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
    const etaMs = this.isRunning ? this.remaining(run, progress) : undefined;
    return {
      progress,
      currentStep: this.isRunning ? ids.find((id) => statusOf(id) === 'running') : undefined,
      isRunning: this.isRunning,
      stepDetails: Object.fromEntries(ids.flatMap((id) => this.detailsOf(id, statusOf(id)))),
      ...(etaMs === undefined ? {} : { etaMs: Math.round(etaMs) }),
    };
  }

  private remaining(run: Run | undefined, progress: number): number | undefined {
    const known = remainingTime(this.plan, this.expected, (id) => {
      const status = run?.statusOf(id) ?? 'pending';
      if (status === 'running') return { state: 'running', elapsedMs: run?.elapsedOf(id) ?? 0 };
      return { state: status === 'pending' ? 'pending' : 'ended' };
    });
    if (known !== undefined || progress === 0) return known;
    return ((performance.now() - this.startedAt) * (100 - progress)) / progress;
  }

  private detailsOf(id: string, status: string): [string, StepProgress][] {
    const details = (this.current?.progress ?? this.idle).of(id, status);
    return details === undefined ? [] : [[id, details]];
  }
}
