import type { SerializedError } from './errors.ts';
import type { RunCounts, RunEvent, RunTrigger } from './events.ts';
import type { ExecutorName, Plan } from './plan.ts';
import type { Status } from './status.ts';

// What an editor and `treadle serve` say to each other: JSON-RPC 2.0 with Content-Length headers, over the child's
// standard input and output or over a pipe. Both sides import this file, and nothing else of each other.

/** The version of this contract. It grows when a field or method changes its meaning; additions do not count. */
export const protocolVersion: number = 1;

/** The oldest version that this side still speaks: always the one before, once there is one. */
export const oldestProtocolVersion: number = 1;

/** Code of the JSON-RPC error that carries a {@link SerializedError} in its `data`. */
export const treadleErrorCode = -32_000;

/** The first request, and the only one allowed before it is answered. */
export interface InitializeParams {
  /** Every version that the editor speaks. */
  readonly protocols: readonly number[];
  readonly client: { readonly name: string; readonly version: string };
  /** Where to look for the pipeline file, here and above. Absolute. */
  readonly cwd: string;
  /** The pipeline file itself, relative to `cwd`. */
  readonly configFile?: string;
}

export interface InitializeResult {
  /** The highest version that both sides speak. */
  readonly protocol: number;
  readonly coreVersion: string;
  readonly nodeVersion: string;
  readonly pid: number;
  readonly capabilities: ServerCapabilities;
}

/** What this server can do: an older one lacks a field, and the editor hides what needs it. */
export interface ServerCapabilities {
  /** `files`: watches files itself, and runs again what a change affects. */
  readonly watch: 'files';
  /** Whether it answers `history`, and tells in `run:start` how long steps usually take. */
  readonly history?: true;
}

/** A pipeline of a project. */
export interface PipelineInfo {
  readonly name: string;
  readonly plan: Plan;
  /** Whether it is the one that runs when none is named. */
  readonly isDefault: boolean;
}

/** A plugin of a project. */
export interface PluginInfo {
  readonly name: string;
  readonly description?: string;
  /** Absent for what comes with Treadle. */
  readonly file?: string;
}

/** A project as it loaded, or why it did not. */
export type ProjectState =
  | {
      readonly kind: 'loaded';
      readonly root: string;
      readonly configFile: string;
      readonly pipelines: readonly PipelineInfo[];
      readonly plugins: readonly PluginInfo[];
      /** Plugins that failed to load and that no step uses. */
      readonly problems: readonly SerializedError[];
      /** Files that the pipeline file and the plugins are made of: when one changes, the project is stale. Absolute. */
      readonly files: readonly string[];
    }
  | { readonly kind: 'broken'; readonly problems: readonly SerializedError[]; readonly files: readonly string[] };

export interface ListParams {
  /** Load the project again even where nothing seems to have changed. */
  readonly reload?: boolean;
}

/** What to run. Everything that is left out is as on the command line. */
export interface RunParams {
  readonly pipeline?: string;
  /** These steps and groups only. */
  readonly only?: readonly string[];
  /** Leave out what comes before this step or group. */
  readonly from?: string;
  readonly params?: { readonly [key: string]: unknown };
  readonly env?: { readonly [name: string]: string };
  readonly concurrency?: number;
  readonly timeoutMs?: number;
  readonly failFast?: boolean;
  readonly executor?: ExecutorName;
  /** A person is stepping through: no timeouts, no retries, and all steps inline, in the process that is debugged. */
  readonly debug?: boolean;
  /** Run steps whose results are in the cache, too. Default: only those that are named in `only` or follow `from`. */
  readonly force?: boolean;
}

export interface RunFailedParams {
  /** Default: the pipeline that ran last. */
  readonly pipeline?: string;
  readonly debug?: boolean;
}

export interface RunStarted {
  readonly runId: string;
  readonly pipeline: string;
  readonly plan: Plan;
  /** Absolute folder that holds the complete output of each step, in a file named by {@link outputFileName}. */
  readonly outputFolder: string;
}

export interface CancelParams {
  /** Default: every run. */
  readonly runId?: string;
  /** One step or group of the run. */
  readonly nodeId?: string;
  /** Kill at once, without grace, what cleans up too. Of whole runs only. */
  readonly force?: boolean;
}

export interface SetWatchParams {
  /** Default: every pipeline. */
  readonly pipeline?: string;
  readonly enabled: boolean;
  /** What a change during a run does: stop it and run again, run once more when it has ended, or nothing. Default: 'restart'. */
  readonly whenBusy?: 'restart' | 'latest' | 'ignore';
  /** Of all pipelines: how long nothing must change before the changes after the first count. Default: as before, at first 50. */
  readonly debounceMs?: number;
  /** Of all pipelines: services are stopped after so long without a run; 0 for never. Default: as before, at first 30 minutes. */
  readonly idleMs?: number;
}

export interface HistoryParams {
  /** Default: every pipeline. */
  readonly pipeline?: string;
  /** So many of the last runs. Default: 20. */
  readonly limit?: number;
}

/** A run that was kept, of whichever window or terminal. */
export interface KeptRun {
  readonly runId: string;
  readonly pipeline: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  /** `interrupted`: its process ended before it did. */
  readonly status: Status | 'running' | 'interrupted';
  readonly durationMs: number;
  readonly counts: RunCounts;
  /** Absolute path of the file with its events, one a line. */
  readonly file: string;
  /** Why it began, where that is known. */
  readonly trigger?: RunTrigger;
  /** Those that ended, in the order in which they did. */
  readonly steps: readonly { readonly id: string; readonly status: Status; readonly durationMs: number; readonly cached: boolean }[];
}

/** Methods that are answered: editor → server. */
export interface RpcRequests {
  readonly initialize: { readonly params: InitializeParams; readonly result: InitializeResult };
  /** Never rejects for a broken project. */
  readonly list: { readonly params: ListParams; readonly result: ProjectState };
  /** Answered once the run has begun. Rejects with a {@link SerializedError} when there is nothing to run. */
  readonly run: { readonly params: RunParams; readonly result: RunStarted };
  /** Runs what did not pass in the pipeline's last run; `null` when nothing failed. */
  readonly runFailed: { readonly params: RunFailedParams; readonly result: RunStarted | null };
  /** The last runs that were kept, the latest first. */
  readonly history: { readonly params: HistoryParams; readonly result: readonly KeptRun[] };
  /** Answered when the stop is under way; `run/end` tells when it is done. */
  readonly cancel: { readonly params: CancelParams; readonly result: null };
  /** Answered once every change of a file from then on is seen. */
  readonly setWatch: { readonly params: SetWatchParams; readonly result: null };
  /** A heartbeat. */
  readonly ping: { readonly params: null; readonly result: null };
  /** Cancels all runs, waits for their teardown, and ends the process after the answer. */
  readonly shutdown: { readonly params: null; readonly result: null };
}

/**
 * Events of a run since the last batch, at most ten batches a second. No event is lost, and each batch is in order,
 * except that output is merged: neighbouring `step:output` events of one step and stream become one, with the stamp of the first,
 * and when a step writes more than {@link outputPerBatch} within one batch, only the end of it is sent.
 */
export interface EventBatch {
  readonly runId: string;
  readonly events: readonly RunEvent[];
  /** Bytes of output left out of this batch, by step id; the step's output file has them. */
  readonly omitted?: { readonly [stepId: string]: number };
}

/** Most bytes of output that a batch carries for one step. */
export const outputPerBatch = 64 * 1024;

/** A run is over and all of its events were sent. */
export interface RunEnd {
  readonly runId: string;
  readonly pipeline: string;
  readonly status: Status;
  readonly counts: RunCounts;
}

/** A run began that no request asked for: a file changed that a watched pipeline depends on. */
export interface WatchRun extends RunStarted {
  /** Files that caused it, relative to the project. */
  readonly files: readonly string[];
  /** Steps that will run for sure; the others only if these leave something else than before. Not known: any may run. */
  readonly affected?: readonly string[];
}

/** A step writes a file in every run, which would start the next: its changes during a run no longer count. */
export interface WatchLoop {
  readonly pipeline: string;
  /** Relative to the project. */
  readonly file: string;
  readonly stepIds: readonly string[];
  /** No step seems to write it, and it starts run after run all the same. The steps are those whose services are up. */
  readonly by?: 'other';
}

/** Files that a person saved in the editor. */
export interface SavedFiles {
  /** Absolute. */
  readonly files: readonly string[];
}

/** Methods without an answer: editor → server. */
export interface RpcClientNotifications {
  /** However often a file changes that way, no step is behind it: it makes no {@link WatchLoop}. */
  readonly 'files/saved': SavedFiles;
}

/** Methods without an answer: server → editor. */
export interface RpcServerNotifications {
  readonly 'run/events': EventBatch;
  readonly 'run/end': RunEnd;
  readonly 'watch/run': WatchRun;
  readonly 'watch/loop': WatchLoop;
  /** A run is stopped for a newer one: it may still clean up. */
  readonly 'watch/stop': { readonly runId: string };
  /** The project was loaded anew, or broke. */
  readonly 'project/changed': ProjectState;
  /** For the log of the editor. */
  readonly log: { readonly level: 'info' | 'warning' | 'error'; readonly message: string };
}

/**
 * Name of the file in {@link RunStarted.outputFolder} that has the complete output of a step: a name on every file system.
 *
 * @example outputFileName('build/unit') // 'build%2Funit.log'
 */
export function outputFileName(stepId: string): string {
  return `${encodeURIComponent(stepId).replaceAll('*', '%2A')}.log`;
}
