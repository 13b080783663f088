// What `import … from 'treadle'` gives. Pipeline files and plugins import it in every thread: keep it light.
import type { Engine, EngineOptions } from './engine.ts';

export { all, any, atLeast, definePipeline, parallel, sequence, step } from './model/builders.ts';
export { LogicOperator, ParallelConfig, PipelineStep } from './model/classic.ts';
export { definePlugin } from './plugins/define.ts';
export { defineReporter } from './reporters/define-reporter.ts';
export { Pipeline } from './pipeline.ts';
export { ProgressTracker } from './run/progress.ts';
export { errorCodes, isTreadleError, TreadleError } from './contract/errors.ts';

export type { Command, Config, ExecOptions, ExecResult, PipelineContext, Results, RunningCommand } from './contract/context.ts';
export type { ErrorCode, SerializedError } from './contract/errors.ts';
export type {
  Conflict,
  Diagnostic,
  RunCounts,
  RunEvent,
  RunEventOf,
  RunEventType,
  TestError,
  TestResult,
  TestStatus,
} from './contract/events.ts';
export type { GroupNode, PipelineNode, Plan, PlanNode, SequenceNode, StepNode } from './contract/plan.ts';
export type { SourceLocation, Status } from './contract/status.ts';
export type { WatchEvent, WatchEventType } from './contract/watch-events.ts';
export type { Engine, EngineOptions, RunHandle, RunRequest } from './engine.ts';
export type {
  Duration,
  GroupSettings,
  PipelineDefinition,
  PipelineSettings,
  SequenceSettings,
  StepDefinition,
  StepInput,
  StepSettings,
} from './model/definition.ts';
export type { PipelineRunOptions, PipelineStatus } from './pipeline.ts';
export type { Plugin, PluginSpec } from './plugins/define.ts';
export type { CiSystem } from './reporters/ci-system.ts';
export type { Reporter, ReporterFactory, ReporterOptions, ReporterOutput } from './reporters/reporter.ts';
export type { StepProgress } from './run/progress.ts';
export type { RunResult } from './run/run-options.ts';

/**
 * Loads a project's pipeline file and plugins and gets ready to run them.
 *
 * @throws Errors with exit code 2: `E_CONFIG_NOT_FOUND`, `E_CONFIG_LOAD`, `E_CONFIG_INVALID`, `E_PLUGIN_…`.
 * @example
 * const engine = await createEngine({ cwd: 'packages/shop' });
 * const { status } = await engine.start({ pipeline: 'ci' }).result;
 * await engine.close();
 */
export async function createEngine(options?: EngineOptions): Promise<Engine> {
  const runtime = await import('./runtime.ts');
  return runtime.createEngine(options);
}
