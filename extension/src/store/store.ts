import type { EventBatch, KeptRun, ProjectState, RunEnd, RunStarted } from '../../../core/contract/rpc.ts';
import type { KeptRunRecord, ProjectKey, ProjectProblem, ProjectRecord, RunRecord, StoreView } from './records.ts';

/** What is known of a project apart from its pipelines. */
export type ProjectFacts = Omit<ProjectRecord, 'pipelines' | 'plugins' | 'warnings'>;

/** A project as it loaded. */
export type LoadedProject = Extract<ProjectState, { readonly kind: 'loaded' }>;

/** Why a run began, and what it was limited to. */
export type RunOrigin = Pick<RunRecord, 'trigger' | 'only'> & {
  /** Steps that will run for sure. Default: all of them. */
  readonly affected?: readonly string[] | undefined;
};

/** What the file of a run tells besides. */
export type KeptRunContent = Required<Pick<KeptRunRecord, 'plan' | 'spans'>>;

/** The store as its writers see it. Every change is told at once. */
export interface Store extends StoreView {
  /** Adds a project, or changes what is known of it; its pipelines stay. */
  setProject(facts: ProjectFacts): void;
  /** The project is ready, with these pipelines. Nodes keep what their last run said. */
  setPipelines(project: ProjectKey, loaded: Pick<LoadedProject, 'pipelines' | 'plugins' | 'problems' | 'root'>): void;
  /** The project cannot run; its pipelines stay as they were last. */
  setProblem(project: ProjectKey, problem: ProjectProblem): void;
  /** Forgets a project with its nodes and runs. */
  removeProject(project: ProjectKey): void;
  setWatched(project: ProjectKey, pipeline: string, watched: boolean): void;
  /**
   * Shows steps and groups as queued while the engine has not answered yet.
   *
   * @param ids - With all that is below them. Default: the whole pipeline.
   * @returns what takes it back; call it before `beginRun`, too.
   */
  markQueued(project: ProjectKey, pipeline: string, ids?: readonly string[]): () => void;
  beginRun(project: ProjectKey, started: RunStarted, origin: RunOrigin): void;
  /** A run was stopped; that it has ended is told later. A person may stop what a save has stopped. */
  markStopped(runId: string, by: 'person' | 'save'): void;
  /** @returns whether the run is known and goes on; else nothing is changed. */
  applyBatch(batch: EventBatch): boolean;
  /** All events of the run were applied. */
  endRun(end: RunEnd): void;
  /** Ends a run whose engine is gone: as failed, or as cancelled when a person wanted it so. */
  loseRun(runId: string, message: string, state: 'failed' | 'cancelled'): void;
  /** Forgets runs that have ended. */
  dropRuns(runIds: readonly string[]): void;
  /** The runs that a project has kept; those of this window may be among them. */
  setKeptRuns(project: ProjectKey, runs: readonly KeptRun[]): void;
  /** The file of a run that was kept has been read. */
  fillKeptRun(runId: string, content: KeptRunContent): void;
}
