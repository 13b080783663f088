import type { RunParams, RunStarted } from '../../core/contract/rpc.ts';
import { DueRestarts } from './due-restarts.ts';
import { EngineRefusal } from './engine/engine-error.ts';
import type { EngineSettings } from './engine/locate-engine.ts';
import type { ProjectEngine } from './engine/project-engine.ts';
import type { Notice } from './notice.ts';
import { isKillable } from './store/is-stopping.ts';
import type { NodeKey, ProjectKey, RunRecord } from './store/records.ts';
import type { RunControl, RunOrder } from './store/run-control.ts';
import type { Store } from './store/store.ts';
import type { Translate } from './translate.ts';
import type { WatchedPipelines } from './watched-pipelines.ts';

/** The engines of a window. */
export interface Engines {
  readonly all: readonly ProjectEngine[];
  get(key: ProjectKey): ProjectEngine | undefined;
  settingsOf(key: ProjectKey): EngineSettings;
}

/** What {@link RunController} works with. */
export interface RunControllerOptions {
  readonly store: Store;
  readonly engines: Engines;
  readonly watched: WatchedPipelines;
  readonly tell: (notice: Notice) => void;
  readonly translate: Translate;
  /** Looks for programs anew when engines are started again. */
  readonly forgetPrograms: () => void;
}

/** An order that its engine has not answered yet. */
interface Pending {
  readonly project: ProjectKey;
  readonly pipeline: string | undefined;
  readonly only: readonly string[];
  readonly stop: AbortController;
  /** Steps and groups that are to be stopped as soon as the run has begun. */
  readonly stopNodes: string[];
}

type Start = (engine: ProjectEngine, signal: AbortSignal) => Promise<RunStarted | undefined>;

/** Carries out what people ask for, and tells them when it cannot be done. */
export class RunController implements RunControl {
  private readonly options: RunControllerOptions;
  private readonly pending = new Set<Pending>();
  private readonly restarts: DueRestarts;
  private last: (() => Promise<RunStarted | undefined>) | undefined;

  constructor(options: RunControllerOptions) {
    this.options = options;
    this.restarts = new DueRestarts({
      ...options,
      isBusy: (project) => options.engines.get(project)?.isBusy === true,
      restart: (project) => this.restartEngine(project),
    });
  }

  run(order: RunOrder): Promise<RunStarted | undefined> {
    this.last = () => this.run(order);
    const { project, pipeline, only = [], from, debug } = order;
    const { maxWorkers } = this.options.engines.settingsOf(project);
    const params: RunParams = {
      pipeline,
      ...(only.length === 0 ? {} : { only }),
      ...(from === undefined ? {} : { from }),
      ...(maxWorkers > 0 ? { concurrency: maxWorkers } : {}),
      ...(debug === true ? { debug } : {}),
    };
    const trigger: RunRecord['trigger'] = { kind: debug === true ? 'debug' : 'person' };
    return this.order({ project, pipeline, only }, (engine, signal) => engine.run(params, { trigger, only }, signal));
  }

  async runFailed(project?: ProjectKey, pipeline?: string): Promise<RunStarted | undefined> {
    const { store, tell, translate } = this.options;
    this.last = () => this.runFailed(project, pipeline);
    const run = store.runs.find((other) => (project ?? other.project) === other.project && (pipeline ?? other.pipeline) === other.pipeline);
    // Before the first run of a window, what failed in any pipeline's last one: engines remember that.
    const chosen =
      run === undefined
        ? store.projects.filter(({ key }) => key === (project ?? key)).flatMap(({ pipelines }) => pipelines)
        : [{ project: run.project, name: run.pipeline }];
    const named = chosen.filter(({ name }) => name === (pipeline ?? name));
    const answers: (RunStarted | undefined)[] = [];
    for (const { project: owner, name } of named) {
      await this.order({ project: owner, pipeline: name, only: undefined }, async (engine, signal) => {
        const started = await engine.runFailed({ pipeline: name }, { trigger: { kind: 'person' }, only: [] }, signal);
        answers.push(started);
        return started;
      });
    }
    const begun = answers.find((started) => started !== undefined);
    // What could not be asked for was told already.
    if (begun === undefined && answers.length === named.length)
      tell({ severity: 'warning', message: translate('Nothing failed in the last run.') });
    return begun;
  }

  async rerunLast(): Promise<RunStarted | undefined> {
    const { store, tell, translate } = this.options;
    if (this.last !== undefined) return this.last();
    const [run] = store.runs;
    if (run !== undefined) return this.run(run);
    tell({ severity: 'warning', message: translate('Nothing has been run yet.') });
    return undefined;
  }

  async stop(node: NodeKey): Promise<void> {
    const { store, engines } = this.options;
    const record = store.node(node);
    if (record === undefined) return;
    const { project, pipeline, id, kind } = record;
    const isWhole = kind === 'pipeline';
    for (const pending of this.pending) {
      if (pending.project !== project || (pending.pipeline ?? pipeline) !== pipeline) continue;
      if (isWhole || (pending.only.length === 1 && pending.only[0] === id)) pending.stop.abort();
      else pending.stopNodes.push(id);
    }
    const running = store.runs.filter((run) => run.state === 'running' && run.project === project && run.pipeline === pipeline);
    const engine = engines.get(project);
    // A node is stopped in the run that it is part of now.
    const own = isWhole ? running : running.filter(({ runId }) => runId === record.runId);
    await this.each(own, ({ runId }) => (isWhole ? this.cancel(engine, runId) : engine?.cancel({ runId, nodeId: id })), project);
  }

  async stopRun(runId: string): Promise<void> {
    const run = this.options.store.run(runId);
    if (run?.state !== 'running') return;
    await this.each([run], ({ project }) => this.cancel(this.options.engines.get(project), runId), run.project);
  }

  async stopAll({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    for (const { stop } of this.pending) stop.abort();
    const { store, engines } = this.options;
    const running = store.runs.filter(({ state }) => state === 'running');
    const isSecond = running.length > 0 && this.pending.size === 0 && running.every((run) => isKillable(run, Date.now()));
    for (const { runId } of running) store.markStopped(runId, 'person');
    const busy = engines.all.filter(({ isBusy }) => isBusy);
    await Promise.all(
      busy.map((engine) => this.each([engine], () => (force || isSecond ? engine.forceStop() : engine.cancel({})), engine.key)),
    );
  }

  /** Stops a run; kills it where it was stopped a while ago. */
  private async cancel(engine: ProjectEngine | undefined, runId: string): Promise<void> {
    const { store } = this.options;
    const force = isKillable(store.run(runId), Date.now());
    store.markStopped(runId, 'person');
    await engine?.cancel({ runId, ...(force ? { force } : {}) });
  }

  async setWatch(project: ProjectKey, pipeline: string, enabled: boolean): Promise<void> {
    const { store, engines, watched } = this.options;
    store.setWatched(project, pipeline, enabled);
    await this.each([project], () => watched.set(project, pipeline, enabled), project);
    await this.each([project], () => engines.get(project)?.setWatch(pipeline, enabled), project);
  }

  async reload(project?: ProjectKey): Promise<void> {
    this.options.forgetPrograms();
    const engines = this.options.engines.all.filter(({ key }) => project === undefined || key === project);
    await Promise.all(engines.map((engine) => this.each([engine], () => engine.reload(), engine.key)));
  }

  async restartEngine(project: ProjectKey): Promise<void> {
    this.restarts.forget(project);
    this.options.forgetPrograms();
    const engine = this.options.engines.get(project);
    await this.each(engine === undefined ? [] : [engine], () => engine?.restart(), project);
  }

  /** What the engines of these projects are started with has changed: they start again with that, once their runs have ended. */
  settingsChanged(projects: readonly ProjectKey[]): void {
    this.restarts.settingsChanged(projects);
  }

  /** Sends an order to its engine. Until that has answered, the nodes show that they wait, and the order can be taken back. */
  private async order(
    target: { readonly project: ProjectKey; readonly pipeline: string | undefined; readonly only: readonly string[] | undefined },
    start: Start,
  ): Promise<RunStarted | undefined> {
    const { store, engines, translate } = this.options;
    const { project, pipeline, only } = target;
    const engine = engines.get(project);
    if (engine === undefined) return this.explainMissing(project);
    const pending: Pending = { project, pipeline, only: only ?? [], stop: new AbortController(), stopNodes: [] };
    const { signal } = pending.stop;
    this.pending.add(pending);
    const takeBack = only === undefined || pipeline === undefined ? () => undefined : store.markQueued(project, pipeline, only);
    signal.addEventListener('abort', takeBack, { once: true });
    try {
      const started = await start(engine, signal);
      if (started === undefined) return undefined;
      const { runId } = started;
      if (signal.aborted) await this.cancel(engine, runId);
      for (const nodeId of pending.stopNodes) await engine.cancel({ runId, nodeId });
      return started;
    } catch (thrown) {
      if (!signal.aborted) this.explain(thrown, project, translate('The run could not be started.'));
      return undefined;
    } finally {
      this.pending.delete(pending);
      takeBack();
      this.restarts.look();
    }
  }

  /** Does something with each; what goes wrong is told, once each. */
  private async each<Item>(
    items: readonly Item[],
    work: (item: Item) => Thenable<unknown> | undefined,
    project: ProjectKey,
  ): Promise<void> {
    for (const item of items) {
      try {
        await work(item);
      } catch (thrown) {
        this.explain(thrown, project, '');
      }
    }
  }

  private explainMissing(project: ProjectKey): undefined {
    const { store, tell, translate } = this.options;
    const record = store.project(project);
    const message =
      record?.problem?.kind === 'untrusted'
        ? translate('{0} cannot run before you trust this workspace.', record.label)
        : translate('There is no pipeline file {0} any more.', project);
    tell({ severity: 'warning', message, project });
  }

  private explain(thrown: unknown, project: ProjectKey, prefix: string): void {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const error = thrown instanceof EngineRefusal ? { error: thrown.error } : {};
    this.options.tell({ severity: 'error', message: `${prefix} ${reason}`.trim(), project, ...error });
  }
}
