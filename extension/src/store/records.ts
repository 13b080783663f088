import type { SerializedError } from '../../../core/contract/errors.ts';
import type { Conflict, Diagnostic, RunCounts, RunTrigger, TestResult } from '../../../core/contract/events.ts';
import type { Operator, Plan } from '../../../core/contract/plan.ts';
import type { PluginInfo } from '../../../core/contract/rpc.ts';
import type { SourceLocation, Status } from '../../../core/contract/status.ts';

// The one model of what the editor shows. The tree, the test explorer, problems, CodeLens, status bar and timeline
// are all projections of it; only the store changes it.

/** Names one pipeline file of one folder, with an engine of its own: the file's path. */
export type ProjectKey = string;

/** Names one node of one pipeline of one project, stable across runs and reloads. */
export type NodeKey = string;

/** How a node stands. `idle`: has not run in this window. */
export type NodeState = 'idle' | 'queued' | 'running' | Status;

/** Why a project cannot run now. The pipelines that it had last, if any, are still shown. */
export type ProjectProblem =
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'no-treadle' }
  | { readonly kind: 'no-node'; readonly tried: readonly string[] }
  | { readonly kind: 'version'; readonly coreVersion: string; readonly message: string }
  | { readonly kind: 'config'; readonly errors: readonly SerializedError[] }
  | { readonly kind: 'engine'; readonly message: string };

/** One pipeline file. */
export interface ProjectRecord {
  readonly key: ProjectKey;
  /** Such as `shop` or `shop/packages/api`. */
  readonly label: string;
  /** Absolute path of the pipeline file. */
  readonly configFile: string;
  /** Absolute path of the folder that steps run in. */
  readonly root: string;
  readonly state: 'loading' | 'ready' | 'broken';
  readonly problem?: ProjectProblem;
  readonly pipelines: readonly PipelineRecord[];
  readonly plugins: readonly PluginInfo[];
  /** Plugins that failed to load and that no step uses. */
  readonly warnings: readonly SerializedError[];
  readonly coreVersion?: string;
  /** Which Node runs the engine, and why that one, such as `24.21.0 (PATH)`. */
  readonly node?: string;
}

/** One pipeline of a project. */
export interface PipelineRecord {
  readonly project: ProjectKey;
  readonly name: string;
  readonly plan: Plan;
  /** The node of the plan's root. */
  readonly node: NodeKey;
  readonly isDefault: boolean;
  readonly watched: boolean;
}

/** One node of a pipeline, with what its last or present run says of it. */
export interface NodeRecord {
  readonly key: NodeKey;
  readonly project: ProjectKey;
  readonly pipeline: string;
  readonly id: string;
  readonly kind: 'pipeline' | 'group' | 'sequence' | 'step';
  readonly parent: NodeKey | undefined;
  readonly children: readonly NodeKey[];
  readonly description?: string;
  /** Of a step: the plugin's name. */
  readonly uses?: string;
  /** Of a group. */
  readonly operator?: Operator;
  /** Of a group: how many children must pass. */
  readonly required?: number;
  readonly location?: SourceLocation;
  readonly state: NodeState;
  /** 0 to 100; of a group, sequence or pipeline: what its children have done, by weight. */
  readonly percent: number;
  readonly message?: string;
  /** Unix time in milliseconds. */
  readonly startedAt?: number;
  readonly durationMs?: number;
  /** How long it took the time before, for "vs last". */
  readonly lastDurationMs?: number;
  /** How long it usually takes, by runs of other windows and terminals; only where it has not run to its end in this window. */
  readonly usualDurationMs?: number;
  readonly attempt: number;
  readonly flaky: boolean;
  readonly cached: boolean;
  /** Why it ran in its last run, or did not have to: what changed since the run before, as far as that is known. */
  readonly why?: string;
  /** Why it was skipped. */
  readonly reason?: string;
  readonly error?: SerializedError;
  readonly tests: readonly TestResult[];
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly string[];
  readonly conflicts: readonly Conflict[];
  /** How many steps below, itself included, failed or timed out. */
  readonly failedSteps: number;
  /** The run that it was part of last. */
  readonly runId?: string;
  /** The thread that ran it, once known. */
  readonly thread?: number;
}

/** One run of a pipeline in this window. */
export interface RunRecord {
  readonly runId: string;
  readonly project: ProjectKey;
  readonly pipeline: string;
  /** Of what it runs: of a run of some steps, those. */
  readonly plan: Plan;
  /** Why it ran. */
  readonly trigger: { readonly kind: 'person' } | { readonly kind: 'save'; readonly files: readonly string[] } | { readonly kind: 'debug' };
  /** What it was limited to; empty for a whole run. */
  readonly only: readonly string[];
  readonly startedAt: number;
  readonly state: 'running' | Status;
  /** By whom it was stopped, and when; it may still clean up. */
  readonly stopped?: { readonly by: 'person' | 'save'; readonly at: number };
  /** 0 to 100. */
  readonly overall: number;
  readonly durationMs?: number;
  readonly counts?: RunCounts;
  /** How long its steps usually take, by id, in milliseconds; of steps that never passed, nothing is known. */
  readonly expected?: { readonly [stepId: string]: number };
  readonly outputFolder: string;
  /** Bars of the timeline. */
  readonly spans: readonly RunSpan[];
}

/** A run that its project has kept: of another window, of an earlier one, or of the command line. It has no part in what nodes show. */
export interface KeptRunRecord {
  readonly runId: string;
  readonly project: ProjectKey;
  readonly pipeline: string;
  readonly startedAt: number;
  /** `interrupted`: its process ended before it did. */
  readonly state: 'running' | 'interrupted' | Status;
  /** Of one that was interrupted: until it was heard of last. */
  readonly durationMs?: number;
  readonly counts: RunCounts;
  /** Why it ran, where that is known. */
  readonly trigger?: RunTrigger;
  /** Absolute path of the file with its events. */
  readonly file: string;
  /** Whether `plan` and `spans` are all that its file has of them. */
  readonly isRead: boolean;
  /** Of what it ran. */
  readonly plan?: Plan;
  readonly spans: readonly RunSpan[];
}

/** One attempt at a step, or one group, on the time axis of a run. */
export interface RunSpan {
  readonly nodeId: string;
  readonly kind: 'step' | 'group';
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly state: 'running' | 'retried' | 'interrupted' | Status;
  readonly thread?: number;
  readonly cached?: boolean;
  /** Of a step: why it ran, or did not have to. */
  readonly why?: string;
  /** Of a step that has told of test cases: how many these were. */
  readonly tests?: { readonly all: number; readonly failed: number };
  /** Of a step that did not pass. */
  readonly error?: SerializedError;
}

/** What changed since the last time that a listener was told. */
export interface StoreChange {
  /** Projects whose own record changed, or whose pipelines came, went or have another plan: everything below them may be new. */
  readonly structure: ReadonlySet<ProjectKey>;
  /** Nodes that say something new; ancestors whose percent or state changed are included, and a pipeline whose watch was toggled. */
  readonly nodes: ReadonlySet<NodeKey>;
  /** Runs that began, went on or ended; of those that were kept, those that came, went or were read. */
  readonly runs: ReadonlySet<string>;
}

/** What projections may ask. Records are immutable: a changed one is another object. */
export interface StoreView {
  /** By label. */
  readonly projects: readonly ProjectRecord[];
  /** The newest first; at most fifty that have ended. */
  readonly runs: readonly RunRecord[];
  project(key: ProjectKey): ProjectRecord | undefined;
  node(key: NodeKey): NodeRecord | undefined;
  nodeKey(project: ProjectKey, pipeline: string, id: string): NodeKey;
  run(runId: string): RunRecord | undefined;
  /** Those that were kept and are not of this window; the newest first. */
  readonly keptRuns: readonly KeptRunRecord[];
  /** One that was kept, of this window too. */
  keptRun(runId: string): KeptRunRecord | undefined;
  /** One of this window, or one that was kept. */
  anyRun(runId: string): RunRecord | KeptRunRecord | undefined;
  /** The last 1 MiB that a step wrote in its last run, ANSI colours included. */
  output(key: NodeKey): string;
  /** Called at once for every batch of events, without throttling: a projection throttles as its surface needs. */
  onDidChange(listener: (change: StoreChange) => void): { dispose(): void };
  /** Called with what a step wrote just now. */
  onDidOutput(listener: (key: NodeKey, text: string) => void): { dispose(): void };
}
