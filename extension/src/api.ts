import * as vscode from 'vscode';
import type { NodeKey, NodeRecord, NodeState, ProjectProblem, ProjectRecord, RunRecord, StoreView } from './store/records.ts';
import type { RunOrder } from './store/run-control.ts';
import { createRefreshScheduler, systemClock } from './tree/refresh.ts';
import type { WorkspaceModel } from './workspace-model.ts';

/**
 * What the extension gives to other extensions. `version` grows when something changes its meaning or goes; additions do not count.
 *
 * @example
 * const treadle = await vscode.extensions.getExtension('treadle.treadle')?.activate();
 * if (treadle?.version === 1) await treadle.run({ project: treadle.pipelines[0].project, pipeline: 'default' });
 */
export interface TreadleApi {
  readonly version: 1;
  /** Every pipeline file that was found. */
  readonly projects: readonly ProjectSummary[];
  /** Every pipeline that is loaded. */
  readonly pipelines: readonly PipelineSummary[];
  /** The groups, sequences and steps of a pipeline, in the order of the pipeline file. */
  nodes(pipeline: Pick<PipelineSummary, 'project' | 'pipeline'>): readonly NodeSummary[];
  /** Runs of this window. */
  readonly runs: readonly RunSummary[];
  /** Told when something here says something new, at most four times a second. */
  readonly onDidChange: vscode.Event<void>;
  /** Resolves to the run's id once it has begun, or to `undefined` when it could not; the person was told why then. */
  run(order: RunOrder): Promise<string | undefined>;
  /** Stops one run; all of them without an id. */
  stop(runId?: string): Promise<void>;
}

export interface ProjectSummary {
  /** Absolute path of the pipeline file. */
  readonly project: string;
  readonly label: string;
  readonly state: ProjectRecord['state'];
  /** Why it cannot run now. */
  readonly problem?: ProjectProblem['kind'];
  /** Of the project's own Treadle. */
  readonly coreVersion?: string;
}

export interface PipelineSummary {
  /** Absolute path of the pipeline file. */
  readonly project: string;
  readonly pipeline: string;
  /** What commands such as `treadle.run` take. */
  readonly key: string;
  readonly state: NodeState;
  readonly isDefault: boolean;
  /** Whether it runs again on a save. */
  readonly watched: boolean;
}

export type NodeSummary = Pick<
  NodeRecord,
  | 'key'
  | 'id'
  | 'kind'
  | 'state'
  | 'percent'
  | 'message'
  | 'attempt'
  | 'flaky'
  | 'cached'
  | 'durationMs'
  | 'error'
  | 'failedSteps'
  | 'runId'
>;

export type RunSummary = Pick<
  RunRecord,
  'runId' | 'project' | 'pipeline' | 'state' | 'overall' | 'startedAt' | 'durationMs' | 'counts' | 'outputFolder'
>;

export function createApi({ store, runs }: WorkspaceModel, subscriptions: { dispose(): unknown }[]): TreadleApi {
  const changed = new vscode.EventEmitter<void>();
  const scheduler = createRefreshScheduler<string>(systemClock, () => changed.fire());
  subscriptions.push(
    changed,
    scheduler,
    store.onDidChange(() => scheduler.markAll()),
  );
  return {
    version: 1,
    get projects() {
      return store.projects.map(({ key, label, state, problem, coreVersion }) => ({
        ...{ project: key, label, state },
        ...(problem === undefined ? {} : { problem: problem.kind }),
        ...(coreVersion === undefined ? {} : { coreVersion }),
      }));
    },
    get pipelines() {
      return pipelinesOf(store);
    },
    nodes: ({ project, pipeline }) => {
      const root = store.project(project)?.pipelines.find(({ name }) => name === pipeline)?.node;
      return root === undefined ? [] : nodesBelow(root, store);
    },
    get runs() {
      return store.runs.map(({ runId, project, pipeline, state, overall, startedAt, durationMs, counts, outputFolder }) => ({
        ...{ runId, project, pipeline, state, overall, startedAt, outputFolder },
        ...(durationMs === undefined ? {} : { durationMs }),
        ...(counts === undefined ? {} : { counts }),
      }));
    },
    onDidChange: changed.event,
    run: async (order) => (await runs.run(order))?.runId,
    stop: async (runId) => (runId === undefined ? runs.stopAll() : runs.stopRun(runId)),
  };
}

function pipelinesOf(store: StoreView): readonly PipelineSummary[] {
  return store.projects.flatMap(({ key, pipelines }) =>
    pipelines.map(({ name, node, isDefault, watched }) => ({
      ...{ project: key, pipeline: name, key: node, isDefault, watched },
      state: store.node(node)?.state ?? 'idle',
    })),
  );
}

function nodesBelow(root: NodeKey, store: StoreView): readonly NodeSummary[] {
  const found: NodeSummary[] = [];
  const visit = (parent: NodeKey): void => {
    for (const child of store.node(parent)?.children ?? []) {
      const node = store.node(child);
      if (node === undefined) continue;
      const { key, id, kind, state, percent, message, attempt, flaky, cached, durationMs, error, failedSteps, runId } = node;
      found.push({ key, id, kind, state, percent, message, attempt, flaky, cached, durationMs, error, failedSteps, runId });
      visit(child);
    }
  };
  visit(root);
  return found;
}
