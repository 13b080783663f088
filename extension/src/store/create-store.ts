import type { Plan, PlanNode } from '../../../core/contract/plan.ts';
import type { EventBatch, KeptRun, RunEnd, RunStarted } from '../../../core/contract/rpc.ts';
import { hasEnded, type Cell, type CellTree } from './cells.ts';
import { KeptRuns } from './kept-runs.ts';
import { Listeners } from './listeners.ts';
import { lostError } from './lost-error.ts';
import { GrowingLists, nodeChanges, queuedRecord, settledRecord, type NodeEvent } from './node-events.ts';
import { NodeForest } from './node-forest.ts';
import { nodeKey } from './node-key.ts';
import { OutputRings } from './output-ring.ts';
import type {
  KeptRunRecord,
  NodeKey,
  NodeRecord,
  PipelineRecord,
  ProjectKey,
  ProjectProblem,
  ProjectRecord,
  RunRecord,
  StoreChange,
} from './records.ts';
import { RunLog } from './run-log.ts';
import type { KeptRunContent, LoadedProject, ProjectFacts, RunOrigin, Store } from './store.ts';

/** How many runs that ended are kept. */
export const keptRuns = 50;

/** An empty store. */
export function createStore(): Store {
  return new EventStore();
}

class EventStore implements Store {
  private readonly forest = new NodeForest();
  private readonly outputs = new OutputRings();
  private readonly byKey = new Map<ProjectKey, ProjectRecord>();
  /** The oldest first. */
  private readonly runsById = new Map<string, RunLog>();
  private readonly kept = new KeptRuns();
  private readonly watched = new Set<string>();
  private readonly changeListeners = new Listeners<[StoreChange]>();
  private readonly outputListeners = new Listeners<[NodeKey, string]>();
  private projectList: readonly ProjectRecord[] | undefined;
  private runList: readonly RunRecord[] | undefined;
  private keptList: readonly KeptRunRecord[] | undefined;

  get projects(): readonly ProjectRecord[] {
    return (this.projectList ??= [...this.byKey.values()].toSorted((a, b) => compare(a.label, b.label) || compare(a.key, b.key)));
  }

  get runs(): readonly RunRecord[] {
    return (this.runList ??= [...this.runsById.values()].map(({ record }) => record).toReversed());
  }

  project(key: ProjectKey): ProjectRecord | undefined {
    return this.byKey.get(key);
  }

  node(key: NodeKey): NodeRecord | undefined {
    return this.forest.cell(key)?.record;
  }

  nodeKey(project: ProjectKey, pipeline: string, id: string): NodeKey {
    return nodeKey(project, pipeline, id);
  }

  run(runId: string): RunRecord | undefined {
    return this.runsById.get(runId)?.record;
  }

  get keptRuns(): readonly KeptRunRecord[] {
    return (this.keptList ??= [...this.kept.all]
      .filter(({ runId }) => !this.runsById.has(runId))
      .toSorted((a, b) => b.startedAt - a.startedAt));
  }

  keptRun(runId: string): KeptRunRecord | undefined {
    return this.kept.get(runId);
  }

  anyRun(runId: string): RunRecord | KeptRunRecord | undefined {
    return this.run(runId) ?? this.kept.get(runId);
  }

  output(key: NodeKey): string {
    return this.outputs.read(key);
  }

  onDidChange(listener: (change: StoreChange) => void): { dispose(): void } {
    return this.changeListeners.add(listener);
  }

  onDidOutput(listener: (key: NodeKey, text: string) => void): { dispose(): void } {
    return this.outputListeners.add(listener);
  }

  setProject(facts: ProjectFacts): void {
    const { pipelines, plugins, warnings } = this.byKey.get(facts.key) ?? { pipelines: [], plugins: [], warnings: [] };
    this.putProject({ ...facts, pipelines, plugins, warnings });
    this.commit({ structure: [facts.key] });
  }

  setPipelines(project: ProjectKey, loaded: Pick<LoadedProject, 'pipelines' | 'plugins' | 'problems' | 'root'>): void {
    const record = this.byKey.get(project);
    if (record === undefined) return;
    const pipelines = loaded.pipelines.map(({ name, plan, isDefault }) => ({
      project,
      name,
      plan,
      node: nodeKey(project, name, plan.id),
      isDefault,
      watched: this.watched.has(nodeKey(project, name, '')),
    }));
    const isSamePlan = isDeepSame(plansOf(record.pipelines), plansOf(pipelines));
    if (!isSamePlan) for (const key of this.forest.plant(project, pipelines)) this.outputs.clear(key);
    const { root, plugins, problems: warnings } = loaded;
    const next: ProjectRecord = { ...record, root, state: 'ready', problem: undefined, pipelines, plugins, warnings };
    // Engines tell more than once of a project that has not changed.
    if (isSamePlan && isDeepSame({ ...record, pipelines: [] }, { ...next, pipelines: [] })) return;
    this.putProject(next);
    this.commit({ structure: [project] });
  }

  setProblem(project: ProjectKey, problem: ProjectProblem): void {
    const record = this.byKey.get(project);
    if (record === undefined) return;
    if (record.state === 'broken' && isDeepSame(record.problem, problem)) return;
    this.putProject({ ...record, state: 'broken', problem });
    this.commit({ structure: [project] });
  }

  removeProject(project: ProjectKey): void {
    if (!this.byKey.delete(project)) return;
    this.projectList = undefined;
    for (const key of this.forest.uproot(project)) this.outputs.clear(key);
    const runs = [...this.runsById.values()].filter(({ record }) => record.project === project).map(({ record }) => record.runId);
    for (const runId of runs) this.runsById.delete(runId);
    this.commit({ structure: [project], runs: [...runs, ...this.kept.forget(project)] });
  }

  setWatched(project: ProjectKey, pipeline: string, watched: boolean): void {
    const name = nodeKey(project, pipeline, '');
    if (watched) this.watched.add(name);
    else this.watched.delete(name);
    const record = this.byKey.get(project);
    const found = record?.pipelines.find((other) => other.name === pipeline);
    if (record === undefined || found === undefined || found.watched === watched) return;
    this.putProject({ ...record, pipelines: record.pipelines.map((other) => (other === found ? { ...other, watched } : other)) });
    this.commit({ nodes: [found.node] });
  }

  markQueued(project: ProjectKey, pipeline: string, ids?: readonly string[]): () => void {
    const tree = this.forest.tree(project, pipeline);
    const marked = new Set<NodeKey>();
    for (const cell of tree === undefined ? [] : cellsOf(tree, ids)) {
      // What runs goes on, and shows that it does.
      if (cell.record.state === 'queued' || cell.record.state === 'running') continue;
      marked.add(cell.key);
      cell.before = cell.record;
      this.forest.replace(cell, queuedRecord(cell.record, undefined));
    }
    this.commit({});
    return () => {
      for (const key of marked) {
        const cell = this.forest.cell(key);
        const before = cell?.before;
        // A run that began meanwhile has taken it over.
        if (cell === undefined || before === undefined || cell.record.runId !== before.runId || cell.record.state !== 'queued') continue;
        cell.before = undefined;
        this.forest.replace(cell, before);
      }
      marked.clear();
      this.commit({});
    };
  }

  beginRun(project: ProjectKey, started: RunStarted, origin: RunOrigin): void {
    const { runId, pipeline, plan } = started;
    this.runsById.set(runId, new RunLog(project, started, origin.trigger, origin.only));
    const tree = this.forest.tree(project, pipeline);
    const waiting = origin.affected === undefined || tree === undefined ? undefined : cellsOf(tree, [plan.id, ...origin.affected], 'alone');
    this.eachCell(project, pipeline, plan, (cell) => {
      if (waiting?.has(cell) === false) {
        // It shows its last result until the run comes to it. A sequence has no events that say so.
        if (cell.node.kind === 'sequence') this.forest.change(cell, { runId, percent: 0 });
        return;
      }
      if (cell.record.state !== 'queued') cell.before = settledRecord(cell.record);
      this.forest.replace(cell, queuedRecord(cell.record, runId));
    });
    this.commit({ runs: [runId, ...this.dropOldRuns()] });
  }

  markStopped(runId: string, by: 'person' | 'save'): void {
    const run = this.runsById.get(runId);
    if (run === undefined || !run.running || run.record.stopped?.by === 'person' || run.record.stopped?.by === by) return;
    run.stop(by, Date.now());
    const { project, pipeline, plan } = run.record;
    this.commit({ runs: [runId], nodes: [nodeKey(project, pipeline, plan.id)] });
  }

  applyBatch({ runId, events, omitted }: EventBatch): boolean {
    const log = this.runsById.get(runId);
    if (log === undefined || !log.running) return false;
    const tree = this.forest.tree(log.record.project, log.record.pipeline);
    const lists = new GrowingLists();
    const before = log.record;
    const toTell: { readonly key: NodeKey; text: string }[] = [];
    const write = (key: NodeKey, text: string): void => {
      this.outputs.add(key, text);
      const last = toTell.at(-1);
      if (last?.key === key) last.text += text;
      else toTell.push({ key, text });
    };
    const leftOut = new Map(Object.entries(omitted ?? {}));
    for (const event of events) {
      log.take(event);
      if (event.type === 'run:start') {
        this.changeOwn(tree?.root, runId, { state: 'running', startedAt: event.ts });
      } else if (event.type === 'run:end') {
        const error = event.errors.find(({ stepId }) => stepId === log.record.plan.id);
        this.changeOwn(tree?.root, runId, { state: event.status, durationMs: event.durationMs, error });
      } else {
        const cell = this.ownCell(tree, event.id, runId);
        if (cell === undefined) continue;
        if (event.type === 'step:output') {
          const bytes = leftOut.get(event.id);
          leftOut.delete(event.id);
          if (bytes !== undefined) write(cell.key, `\n[… ${bytes} bytes are left out here; the step's output file has them …]\n`);
          write(cell.key, event.text);
        } else this.applyToNode(cell, event, lists, log.record);
      }
    }
    log.settle();
    this.commit({ runs: log.record === before ? [] : [runId] });
    for (const { key, text } of toTell) this.outputListeners.tell(key, text);
    return true;
  }

  endRun({ runId, status, counts }: RunEnd): void {
    const run = this.runsById.get(runId);
    if (run === undefined) return;
    const missed = run.running;
    const before = run.record;
    run.end({ status, counts });
    this.finish(run, missed ? { state: status } : {}, run.record !== before);
  }

  loseRun(runId: string, message: string, state: 'failed' | 'cancelled'): void {
    const run = this.runsById.get(runId);
    if (run === undefined || !run.running) return;
    run.lose(Date.now(), state);
    run.settle();
    this.finish(run, state === 'failed' ? { state, error: lostError(message) } : { state }, true);
  }

  dropRuns(runIds: readonly string[]): void {
    const dropped = runIds.filter((runId) => this.runsById.get(runId)?.running === false);
    for (const runId of dropped) this.runsById.delete(runId);
    this.commit({ runs: dropped });
  }

  setKeptRuns(project: ProjectKey, runs: readonly KeptRun[]): void {
    if (this.byKey.has(project)) this.commit({ runs: this.kept.set(project, runs).filter((runId) => !this.runsById.has(runId)) });
  }

  fillKeptRun(runId: string, content: KeptRunContent): void {
    this.kept.fill(runId, content);
    this.commit({ runs: [runId] });
  }

  private applyToNode(cell: Cell, event: NodeEvent, lists: GrowingLists, { runId, expected }: RunRecord): void {
    if (event.type === 'step:start' && (event.attempt === 1 || cell.record.state !== 'running')) this.outputs.clear(cell.key);
    const usual = expected !== undefined && Object.hasOwn(expected, event.id) ? expected[event.id] : undefined;
    this.forest.change(cell, { ...nodeChanges(cell.record, event, lists, usual), runId });
  }

  /** What never started is again what it was; what still seems to run was stopped. */
  private finish(run: RunLog, rootChanges: Partial<NodeRecord>, changed: boolean): void {
    const { runId, project, pipeline, plan, durationMs } = run.record;
    this.eachCell(project, pipeline, plan, (cell) => {
      const { before, record } = cell;
      if (record.runId !== runId) return;
      cell.before = undefined;
      if (cell.node.kind === 'pipeline') this.forest.change(cell, { durationMs: record.durationMs ?? durationMs, ...rootChanges });
      else if (record.state === 'queued' && before !== undefined) this.forest.replace(cell, before);
      else if (!hasEnded(record) && cell.node.kind !== 'sequence') this.forest.change(cell, { state: 'cancelled', percent: 100 });
    });
    // Another run of the same pipeline may still go on.
    const other = [...this.runsById.values()].findLast(
      (log) => log.running && log.record.project === project && log.record.pipeline === pipeline,
    );
    const root = this.forest.tree(project, pipeline)?.root;
    if (other !== undefined && root?.record.runId === runId) {
      const { runId: otherId, startedAt } = other.record;
      this.forest.change(root, { runId: otherId, state: 'running', startedAt, durationMs: undefined, error: undefined });
    }
    this.commit({ runs: [...(changed ? [runId] : []), ...this.dropOldRuns()] });
  }

  private changeOwn(cell: Cell | undefined, runId: string, changes: Partial<NodeRecord>): void {
    if (cell !== undefined && this.mayChange(cell, runId)) this.forest.change(cell, { ...changes, runId });
  }

  private ownCell(tree: CellTree | undefined, id: string, runId: string): Cell | undefined {
    const cell = tree?.byId.get(id);
    return cell !== undefined && this.mayChange(cell, runId) ? cell : undefined;
  }

  /** A node belongs to the run that began last, until that has ended. */
  private mayChange(cell: Cell, runId: string): boolean {
    const owner = cell.record.runId;
    return owner === undefined || owner === runId || this.runsById.get(owner)?.running !== true;
  }

  private eachCell(project: ProjectKey, pipeline: string, plan: Plan, visit: (cell: Cell) => void): void {
    const tree = this.forest.tree(project, pipeline);
    if (tree === undefined) return;
    const walk = (node: PlanNode): void => {
      const cell = tree.byId.get(node.id);
      if (cell !== undefined) visit(cell);
      if (node.kind !== 'step') node.children.forEach(walk);
    };
    walk(plan);
  }

  private dropOldRuns(): string[] {
    const ended = [...this.runsById.values()].filter(({ running }) => !running).map(({ record }) => record.runId);
    const dropped = ended.slice(0, Math.max(0, ended.length - keptRuns));
    for (const runId of dropped) this.runsById.delete(runId);
    return dropped;
  }

  private putProject(record: ProjectRecord): void {
    this.byKey.set(record.key, record);
    this.projectList = undefined;
  }

  private commit(change: {
    readonly structure?: readonly ProjectKey[];
    readonly nodes?: readonly NodeKey[];
    readonly runs?: readonly string[];
  }): void {
    const nodes = this.forest.settle();
    for (const key of change.nodes ?? []) nodes.add(key);
    const structure = new Set(change.structure);
    const runs = new Set(change.runs);
    if (runs.size > 0) this.runList = this.keptList = undefined;
    if (structure.size + nodes.size + runs.size > 0) this.changeListeners.tell({ structure, nodes, runs });
  }
}

/** The cells that a run of these ids takes part in: they, what is above them and, unless they are meant alone, what is below. No ids: all. */
function cellsOf(tree: CellTree, ids: readonly string[] | undefined, extent: 'below' | 'alone' = 'below'): ReadonlySet<Cell> {
  const found = new Set<Cell>();
  const addBelow = (cell: Cell): void => {
    found.add(cell);
    if (extent === 'below') cell.children.forEach(addBelow);
  };
  if (ids === undefined || ids.length === 0) addBelow(tree.root);
  for (const id of ids ?? []) {
    const cell = tree.byId.get(id);
    if (cell === undefined) continue;
    addBelow(cell);
    for (let above = cell.parent; above !== undefined; above = above.parent) found.add(above);
  }
  return found;
}

function plansOf(pipelines: readonly Pick<PipelineRecord, 'name' | 'plan' | 'isDefault'>[]): readonly unknown[] {
  return pipelines.map(({ name, plan, isDefault }) => [name, plan, isDefault]);
}

/** Both are JSON, made in the same way. */
function isDeepSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
