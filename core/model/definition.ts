import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { PipelineContext } from '../contract/context.ts';
import type { ExecutorName, OnConflict, Operator, Settle, When } from '../contract/plan.ts';

/** Milliseconds, or a number with a unit: `'250ms'`, `'30s'`, `'2m'`, `'1h'`. */
export type Duration = number | `${number}ms` | `${number}s` | `${number}m` | `${number}h`;

/** What a step does, as a function of its context. */
export type StepFunction = (context: PipelineContext) => unknown;

/** Decides whether a step runs, from its context. */
export type WhenFunction = (context: PipelineContext) => boolean | Promise<boolean>;

/** Waiting time before the next attempt: a fixed one, or growing by `factor` (default 2) up to `max` (default 30 s). */
export type BackoffSetting = Duration | { readonly delay: Duration; readonly factor?: number; readonly max?: Duration };

/** Settings that every step takes. */
export interface StepSettings {
  readonly description?: string;
  /** For each attempt. Default: none. */
  readonly timeout?: Duration;
  /** Further attempts after a failure, timeout or crash. Default: 0. */
  readonly retries?: number;
  /** Default: no wait. */
  readonly backoff?: BackoffSetting;
  /** Whether the run fails with the step. Default: true. */
  readonly critical?: boolean;
  /** Default: `'on-success'`. `true` is `'on-success'`, `false` is `'never'`. */
  readonly when?: boolean | Exclude<When, 'function'> | WhenFunction;
  readonly env?: { readonly [name: string]: string };
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly executor?: ExecutorName;
  /** Share of the whole run in percent, 0 to 100. Default: an equal share of what the parent has. */
  readonly weight?: number;
  /** Heap limit of the step's thread in MiB. Default: Node's own. */
  readonly memoryLimitMb?: number;
}

/** A step that names its plugin. */
export interface StepUse extends StepSettings {
  /** Name of the plugin. */
  readonly uses: string;
  /** Its options. */
  readonly with?: unknown;
}

/** Settings of a group. */
export interface GroupSettings {
  readonly id?: string;
  readonly description?: string;
  readonly operator?: Operator;
  readonly timeout?: Duration;
  /** How many children run at once. Default: all. */
  readonly maxWorkers?: number;
  /** How many children must pass, for `atLeast`. */
  readonly count?: number;
  /** Default: `'all'`. */
  readonly settle?: Settle;
  /** Default: `'last'`. */
  readonly onConflict?: OnConflict;
  readonly weight?: number;
}

/** Settings of a sequence. */
export interface SequenceSettings {
  readonly id?: string;
  readonly description?: string;
  readonly timeout?: Duration;
  readonly weight?: number;
}

/** Settings of a pipeline. */
export interface PipelineSettings {
  readonly name?: string;
  readonly description?: string;
  readonly config?: { readonly [key: string]: unknown };
  /** Stop at the first failure of a critical step. Default: true, or false with `maxFailures`. */
  readonly failFast?: boolean;
  /** Begin nothing else after so many failures of critical steps. Default: no limit. */
  readonly maxFailures?: number;
  /** Whether a step that passed only after a retry fails the run. Default: false. */
  readonly failOnFlaky?: boolean;
  readonly timeout?: Duration;
  /** How many steps may run at once. Default: no limit beyond the thread pool. */
  readonly concurrency?: number;
  /** Folders of plugins, or names of packages. Default: `['plugins']`. */
  readonly plugins?: readonly string[];
  readonly executor?: ExecutorName;
  /**
   * Environment variables whose values are hidden in everything that is shown or written, besides those whose names
   * look secret, such as `NPM_TOKEN`. `'!NAME'` shows one that only looks so.
   */
  readonly secrets?: readonly string[];
}

/** A plugin as the engine sees it. */
export interface PluginImplementation {
  /** Absent where the file's name is to count. */
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** `inline` for plugins that only wait. */
  readonly executor: ExecutorName;
  readonly options: StandardSchemaV1 | undefined;
  run(context: PipelineContext, options: unknown): unknown;
}

/** Raw call site of a builder: position in the (compiled) file that called it. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** How a builder was called wrongly; reported with all other problems when the plan is built. */
export interface Misuse {
  readonly message: string;
  readonly hint: string;
}

/** A step as authored. Exactly one of `run`, `uses` and `plugin` is set. */
export interface StepDefinition {
  readonly kind: 'step';
  readonly id: string;
  readonly settings: StepSettings;
  readonly run?: StepFunction;
  readonly uses?: string;
  readonly plugin?: PluginImplementation;
  /** Options of `uses` or `plugin`. */
  readonly with?: unknown;
  readonly callSite?: CallSite;
  readonly misuse?: Misuse;
}

/** A group as authored. */
export interface GroupDefinition {
  readonly kind: 'group';
  readonly operator: Operator;
  readonly children: readonly StepInput[];
  readonly settings: GroupSettings;
  readonly callSite?: CallSite;
  readonly misuse?: Misuse;
}

/** A sequence as authored. */
export interface SequenceDefinition {
  readonly kind: 'sequence';
  readonly children: readonly StepInput[];
  readonly settings: SequenceSettings;
  readonly callSite?: CallSite;
  readonly misuse?: Misuse;
}

/** A pipeline as authored. */
export interface PipelineDefinition {
  readonly kind: 'pipeline';
  readonly children: readonly StepInput[];
  readonly settings: PipelineSettings;
  readonly callSite?: CallSite;
  readonly misuse?: Misuse;
}

/** A step written as an object with a `run` method: instances of `PipelineStep`. */
export interface StepObject {
  readonly id: string;
  readonly description?: string;
  readonly timeout?: Duration;
  readonly retries?: number;
  readonly critical?: boolean;
  run(context: PipelineContext): unknown;
}

/** What a list of steps may hold; a nested list is a parallel AND group. */
export type StepInput = StepDefinition | GroupDefinition | SequenceDefinition | StepObject | readonly StepInput[];
