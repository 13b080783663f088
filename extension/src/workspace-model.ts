import type { Disposable, LogOutputChannel, Memento, Uri } from 'vscode';
import type { SerializedError } from '../../core/contract/errors.ts';
import type { ProjectKey, StoreView } from './store/records.ts';
import type { RunControl } from './store/run-control.ts';

/** What a person has to be told: shown once, as a notification. */
export interface Notice {
  readonly severity: 'error' | 'warning';
  /** One or two sentences that name the file or step, and what can be done. */
  readonly message: string;
  /** The project that it is about, for "Show Log" or "Restart Engine". */
  readonly project?: ProjectKey;
  /** What the engine said, for "Copy Error" and "Open". */
  readonly error?: SerializedError;
}

/** What the model needs of the extension; an `ExtensionContext` has most of it. */
export interface WorkspaceModelDeps {
  /** Kept per workspace: which pipelines are watched. */
  readonly workspaceState: Memento;
  /** The extension's own folder, for records of the engines that run. */
  readonly globalStorageUri: Uri;
  /** Told to the engine in the first message. */
  readonly extensionVersion: string;
  /** What the engine and its finding say; never steps' output. */
  readonly log: LogOutputChannel;
  /** Shows it to the person. */
  readonly tell: (notice: Notice) => void;
}

/** Pipelines, runs and what can be done with them: all that views and commands need. */
export interface WorkspaceModel {
  readonly store: StoreView;
  readonly runs: RunControl;
  /** Resolves once the pipeline files of the workspace are known; their engines may still be starting. */
  readonly ready: Promise<void>;
  /** Told when `ready` or when pipeline files come or go: for the context key of "no pipeline" welcome views. */
  readonly onDidFindProjects: (listener: () => void) => Disposable;
  /** Stops all runs and engines; takes at most four seconds. For `deactivate`. */
  dispose(): Promise<void>;
}
