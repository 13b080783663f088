import * as vscode from 'vscode';
import type { NodeState, RunRecord, StoreView } from './store/records.ts';
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
  /** Every pipeline that is loaded. */
  readonly pipelines: readonly PipelineSummary[];
  /** Runs of this window. */
  readonly runs: readonly RunSummary[];
  /** Told when {@link pipelines} or {@link runs} say something new, at most four times a second. */
  readonly onDidChange: vscode.Event<void>;
  /** Resolves to the run's id once it has begun, or to `undefined` when it could not; the person was told why then. */
  run(order: RunOrder): Promise<string | undefined>;
  /** Stops one run; all of them without an id. */
  stop(runId?: string): Promise<void>;
}

export interface PipelineSummary {
  /** Absolute path of the pipeline file. */
  readonly project: string;
  readonly pipeline: string;
  readonly state: NodeState;
  readonly isDefault: boolean;
}

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
    get pipelines() {
      return pipelinesOf(store);
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
    pipelines.map(({ name, node, isDefault }) => ({ project: key, pipeline: name, state: store.node(node)?.state ?? 'idle', isDefault })),
  );
}
