import type { RunStarted } from '../../../core/contract/rpc.ts';
import type { NodeKey, ProjectKey } from './records.ts';

/** What to run, as a person asks for it. */
export interface RunOrder {
  readonly project: ProjectKey;
  readonly pipeline: string;
  /** Ids of steps and groups; empty or absent: the whole pipeline. */
  readonly only?: readonly string[];
  /** Leave out what comes before this id. */
  readonly from?: string;
  /** Under the debugger. */
  readonly debug?: boolean;
}

/**
 * The verbs of the extension: commands, the test explorer, CodeLens, tasks and the exported API all go through these.
 * Each shows its own errors to the person and resolves to undefined then.
 */
export interface RunControl {
  run(order: RunOrder): Promise<RunStarted | undefined>;
  /** Default: the pipeline that ran last. */
  runFailed(project?: ProjectKey, pipeline?: string): Promise<RunStarted | undefined>;
  rerunLast(): Promise<RunStarted | undefined>;
  /** One step or group, or a pipeline's whole run. A run that was stopped a while ago, and cleans up, is killed. */
  stop(node: NodeKey): Promise<void>;
  /** Killed where it was stopped a while ago. */
  stopRun(runId: string): Promise<void>;
  /** Kills them where all were stopped a while ago, or when it is forced to. */
  stopAll(options?: { readonly force?: boolean }): Promise<void>;
  setWatch(project: ProjectKey, pipeline: string, enabled: boolean): Promise<void>;
  /** Loads the pipeline file anew; starts the engine again where it died. */
  reload(project?: ProjectKey): Promise<void>;
  restartEngine(project: ProjectKey): Promise<void>;
}
