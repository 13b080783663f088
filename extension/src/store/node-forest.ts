import type { PipelineInfo } from '../../../core/contract/rpc.ts';
import { branchChanges } from './branch-record.ts';
import { growCells, type Cell, type CellTree } from './cells.ts';
import type { NodeKey, NodeRecord, ProjectKey } from './records.ts';

/** The nodes of all pipelines. Changes are made to single nodes; {@link NodeForest.settle} brings what is above them up to date. */
export class NodeForest {
  private readonly trees = new Map<ProjectKey, ReadonlyMap<string, CellTree>>();
  private readonly cells = new Map<NodeKey, Cell>();
  /** Cells that changed since the last settling, with the record that they had then. */
  private readonly touched = new Map<Cell, NodeRecord>();

  /**
   * Sets the pipelines of a project. What runs said of nodes that stay is kept.
   *
   * @returns the keys of the nodes that are gone.
   */
  plant(project: ProjectKey, pipelines: readonly Pick<PipelineInfo, 'name' | 'plan'>[]): readonly NodeKey[] {
    const earlier = this.trees.get(project);
    const old = this.uproot(project);
    const trees = new Map(pipelines.map(({ name, plan }) => [name, growCells(project, name, plan, earlier?.get(name))]));
    this.trees.set(project, trees);
    for (const { byId } of trees.values()) {
      for (const cell of byId.values()) {
        this.cells.set(cell.key, cell);
        this.touched.set(cell, cell.record);
      }
    }
    return old.filter((key) => !this.cells.has(key));
  }

  /** @returns the keys of the nodes that are gone. */
  uproot(project: ProjectKey): readonly NodeKey[] {
    const gone: NodeKey[] = [];
    for (const { byId } of this.trees.get(project)?.values() ?? []) {
      for (const cell of byId.values()) {
        this.cells.delete(cell.key);
        this.touched.delete(cell);
        gone.push(cell.key);
      }
    }
    this.trees.delete(project);
    return gone;
  }

  tree(project: ProjectKey, pipeline: string): CellTree | undefined {
    return this.trees.get(project)?.get(pipeline);
  }

  cell(key: NodeKey): Cell | undefined {
    return this.cells.get(key);
  }

  change(cell: Cell, changes: Partial<NodeRecord>): void {
    this.replace(cell, { ...cell.record, ...changes });
  }

  replace(cell: Cell, record: NodeRecord): void {
    const before = cell.record;
    if (replaceRecord(cell, record) && !this.touched.has(cell)) this.touched.set(cell, before);
  }

  /** @returns the keys of all nodes whose record is another than when it was last called. */
  settle(): Set<NodeKey> {
    const stale: (Set<Cell> | undefined)[] = [];
    const mark = (cell: Cell): void => void (stale[cell.depth] ??= new Set()).add(cell);
    for (const cell of this.touched.keys()) {
      if (cell.node.kind !== 'step') mark(cell);
      if (cell.parent !== undefined) mark(cell.parent);
    }
    for (let depth = stale.length - 1; depth >= 0; depth -= 1) {
      for (const cell of stale[depth] ?? []) {
        const before = cell.record;
        if (!replaceRecord(cell, { ...before, ...branchChanges(cell) })) continue;
        if (!this.touched.has(cell)) this.touched.set(cell, before);
        if (cell.parent !== undefined) mark(cell.parent);
      }
    }
    const changed = new Set<NodeKey>();
    for (const [cell, before] of this.touched) {
      // What has come back to where it was is not news.
      if (cell.record !== before && isSame(before, cell.record)) cell.record = before;
      else changed.add(cell.key);
    }
    this.touched.clear();
    return changed;
  }
}

/** Keeps the record where the other says the same. */
function replaceRecord(cell: Cell, record: NodeRecord): boolean {
  if (isSame(cell.record, record)) return false;
  cell.record = record;
  return true;
}

function isSame(a: NodeRecord, b: NodeRecord): boolean {
  for (const name of fieldNames(b)) if (!Object.is(a[name], b[name]) && !(isEmpty(a[name]) && isEmpty(b[name]))) return false;
  return true;
}

function fieldNames(record: NodeRecord): (keyof NodeRecord)[] {
  // A record has the fields of its type and no others: it is made in this folder only.
  return Object.keys(record) as (keyof NodeRecord)[];
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
