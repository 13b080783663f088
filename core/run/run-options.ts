import type { SerializedError } from '../contract/errors.ts';
import type { RunCounts, RunEvent, RunOutlook } from '../contract/events.ts';
import type { Environment, Executor, KeptServices, Processes, StepCode } from '../contract/executor.ts';
import type { StepMemory } from '../contract/memory.ts';
import type { ExecutorName, Plan } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';

/** How a run ended. */
export interface RunResult {
  readonly status: Status;
  readonly durationMs: number;
  readonly counts: RunCounts;
  /** The values that the steps left. Decoded on first use. */
  readonly results: { readonly [key: string]: unknown };
  readonly errors: readonly SerializedError[];
}

/** Everything that a run needs. */
export interface RunOptions {
  readonly runId: string;
  readonly pipeline: string;
  readonly plan: Plan;
  /** What else is known of it beforehand. */
  readonly outlook?: RunOutlook;
  /** The code of each step. */
  readonly code: ReadonlyMap<string, StepCode>;
  /** The code of those `when` settings that are functions. */
  readonly whenCode: ReadonlyMap<string, StepCode>;
  /** Where they run. */
  readonly whenExecutor: ExecutorName;
  readonly config: { readonly [key: string]: unknown };
  /** Results to begin with. Default: none. */
  readonly results?: { readonly [key: string]: unknown };
  /** The project's folder. */
  readonly cwd: string;
  readonly env: Environment;
  /** What of it the run was asked to add: steps that are remembered depend on it. */
  readonly addedEnv?: Environment;
  /** Variables that tell what a step starts by itself which runs it is part of. */
  readonly outerRuns?: Environment;
  /** How many steps there are threads for. Default: no limit. */
  readonly threads?: number;
  readonly executor: (name: ExecutorName) => Promise<Executor>;
  readonly processes: Processes;
  /** Whose processes those are, when services may outlive the run. */
  readonly services?: KeptServices;
  readonly onEvent: (event: RunEvent) => void;
  /** Milliseconds between a step's signal and its end. Default: 500. */
  readonly graceMs?: number;
  /** Milliseconds that steps which run whatever happens may go on after the run was stopped. Default: 30,000. */
  readonly cleanUpMs?: number;
  /** What earlier runs left. Default: every step runs. */
  readonly memory?: StepMemory;
}
