import { mergeBranches, PatchChain } from '../context/merge.ts';
import { applyPatch, emptySnapshot } from '../context/snapshot.ts';
import type { Conflict } from '../contract/events.ts';
import type { PlanNode } from '../contract/plan.ts';
import type { ErrorChunk, SerializedError } from '../contract/errors.ts';
import type { Patch, Snapshot } from '../contract/snapshot.ts';

const emptyPatch: Patch = { changes: new Map(), reads: [] };

interface Branch {
  readonly node: PlanNode;
  readonly parent: Branch | undefined;
  /** What the branch saw when it opened. */
  readonly base: Snapshot;
  /** The errors known when it opened: siblings of a group do not see each other's. */
  readonly errors: readonly ErrorChunk[];
  /** A sequence: what its next child sees. */
  current: Snapshot;
  /** A sequence: all that its children changed so far. */
  readonly chain: PatchChain;
  /** A group: what each child changed, by id. */
  readonly patches: Map<string, Patch>;
}

/** Finds the nodes of a plan. */
export interface PlanTree {
  nodeOf(id: string): PlanNode | undefined;
  parentOf(id: string): PlanNode | undefined;
}

/** Keeps what each open branch of a run sees, and merges what its children changed. */
export class Contexts {
  private readonly tree: PlanTree;
  private readonly open = new Map<string, Branch>();
  private chunks: readonly ErrorChunk[] = [];
  private last: Snapshot;

  constructor(tree: PlanTree, initial: Snapshot = emptySnapshot) {
    this.tree = tree;
    this.last = initial;
  }

  /** All errors so far, in the order in which they arose. */
  get errors(): readonly SerializedError[] {
    return this.chunks.flat();
  }

  /** The snapshot after the last step of the pipeline. */
  get final(): Snapshot {
    return this.last;
  }

  openBranch(id: string): void {
    const node = this.tree.nodeOf(id);
    if (node === undefined) return;
    const parent = this.branchAbove(id);
    const base = parent === undefined ? this.last : snapshotFor(parent);
    this.open.set(id, {
      node,
      parent,
      base,
      errors: parent?.node.kind === 'group' ? parent.errors : this.chunks,
      current: base,
      chain: new PatchChain(),
      patches: new Map(),
    });
  }

  /** What a step sees. */
  viewOf(stepId: string): { readonly results: Snapshot; readonly errors: readonly ErrorChunk[] } {
    const branch = this.branchAbove(stepId);
    if (branch === undefined) return { results: this.last, errors: this.chunks };
    return { results: snapshotFor(branch), errors: branch.node.kind === 'group' ? branch.errors : this.chunks };
  }

  /** A step passed: its changes go to the branch above. */
  stepPassed(stepId: string, patch: Patch): void {
    this.hand(stepId, patch);
  }

  addError(error: SerializedError): void {
    this.chunks = append(this.chunks, error);
  }

  /** Merges the children of a group in declared order. */
  mergeGroup(id: string): { readonly patch: Patch; readonly conflicts: readonly Conflict[] } {
    const branch = this.open.get(id);
    if (branch === undefined || branch.node.kind === 'step') return { patch: emptyPatch, conflicts: [] };
    const patches = branch.node.children.flatMap((child) => branch.patches.get(child.id) ?? []);
    const [only] = patches;
    if (patches.length <= 1) return { patch: only ?? emptyPatch, conflicts: [] };
    return mergeBranches(branch.base, patches);
  }

  /** A branch ended; `patch` is what its group merged to, and nothing for one whose changes do not count. */
  closeBranch(id: string, patch?: Patch): void {
    const branch = this.open.get(id);
    if (branch === undefined) return;
    this.open.delete(id);
    if (branch.parent === undefined) this.last = branch.current;
    else this.hand(id, branch.node.kind === 'group' ? (patch ?? emptyPatch) : branch.chain.patch);
  }

  private branchAbove(id: string): Branch | undefined {
    const parent = this.tree.parentOf(id);
    return parent === undefined ? undefined : this.open.get(parent.id);
  }

  private hand(id: string, patch: Patch): void {
    const branch = this.branchAbove(id);
    if (branch === undefined || patch.changes.size === 0) return;
    if (branch.node.kind === 'group') {
      branch.patches.set(id, patch);
      return;
    }
    branch.current = applyPatch(branch.current, patch);
    // The root hands nothing on, so that a long pipeline keeps only its current snapshot.
    if (branch.parent === undefined) this.last = branch.current;
    else branch.chain.add(patch);
  }
}

/** Chunks are merged as they reach the size of the one before, as layers of snapshots are: n errors cost O(n log n). */
function append(chunks: readonly ErrorChunk[], error: SerializedError): readonly ErrorChunk[] {
  const stack = [...chunks];
  let last: ErrorChunk = [error];
  for (let before = stack.at(-1); before !== undefined && before.length <= last.length; before = stack.at(-1)) {
    stack.pop();
    last = [...before, ...last];
  }
  return [...stack, last];
}

function snapshotFor(branch: Branch): Snapshot {
  return branch.node.kind === 'group' ? branch.base : branch.current;
}
