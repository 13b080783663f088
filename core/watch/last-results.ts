import { sameSegment } from '../context/segment.ts';
import { lookup, snapshotKeys } from '../context/snapshot.ts';
import type { StepCode } from '../contract/executor.ts';
import type { Recall, StepInput, StepMemory, StepRecord } from '../contract/memory.ts';
import type { Plan, PlanNode, StepNode } from '../contract/plan.ts';
import type { Segment } from '../contract/snapshot.ts';
import { affectedBy } from './affected.ts';

interface Remembered {
  readonly input: Pick<StepInput, 'node' | 'code' | 'config'>;
  readonly record: StepRecord;
  /** What the step touched of its results, as it was. */
  readonly read: ReadonlyMap<string, Segment | undefined>;
  /** The keys that there were, when the step could tell. */
  readonly keys: readonly string[] | undefined;
}

/**
 * What each step left in its last run in this process, for as long as nothing that it depends on changes: its files,
 * code, options, environment, configuration, and the keys of the context that it touched.
 */
export class LastResults implements StepMemory {
  private readonly remembered = new Map<string, Remembered>();
  /** Counts changes of files: when each step was last affected, and when it began. */
  private changes = 0;
  private readonly changedAt = new Map<string, number>();
  private readonly begunAt = new Map<string, number>();
  /** Why each step that is not remembered has to run. */
  private readonly reasons = new Map<string, string>();

  /** Files have changed: the steps that depend on them run the next time. Returns their ids. */
  filesChanged(files: readonly string[], plan: Plan): readonly string[] {
    const affected = affectedBy(files, plan);
    this.changes += 1;
    for (const [id, file] of affected) {
      this.drop(id, `${file} changed`);
      this.changedAt.set(id, this.changes);
    }
    return [...affected.keys()];
  }

  /** These steps run the next time. */
  forgetSteps(ids: Iterable<string>): void {
    for (const id of ids) this.drop(id, 'asked for');
  }

  /** Everything runs the next time. */
  clear(): void {
    this.forgetSteps([...this.remembered.keys()]);
  }

  recall(input: StepInput): Recall {
    const { id } = input.node;
    this.begunAt.set(id, this.changes);
    const known = this.remembered.get(id);
    if (known === undefined) return { why: this.reasons.get(id) ?? 'has not run yet' };
    const change = changeSince(known, input);
    if (change === undefined) return { record: known.record, why: 'nothing that it depends on has changed' };
    this.drop(id, change);
    return { why: change };
  }

  remember({ node, code, config, results, errors }: StepInput, record: StepRecord): void {
    // A step that knows of errors may have acted on them.
    if (errors.length > 0) return this.forget(node.id);
    // What changed while it ran may or may not have been seen by it.
    if ((this.changedAt.get(node.id) ?? 0) > (this.begunAt.get(node.id) ?? 0)) return;
    this.remembered.set(node.id, {
      input: { node, code, config },
      // What it printed was on the screen once.
      record: { ...record, said: record.said.filter(({ type }) => type !== 'output') },
      read: new Map(record.patch.reads.map((key) => [key, lookup(results, key)])),
      keys: record.patch.looked === true ? snapshotKeys(results) : undefined,
    });
  }

  /** The steps of a plan that have to run, whatever others leave. Of one with inputs that never ran here, an earlier result may be on disk. */
  toRun(plan: Plan): readonly string[] {
    const waiting = stepsOf(plan).filter(({ id, inputs }) => !this.remembered.has(id) && (inputs === undefined || this.reasons.has(id)));
    return waiting.map(({ id }) => id);
  }

  keepsService(stepId: string): boolean {
    return this.remembered.get(stepId)?.record.leavesService === true;
  }

  forget(stepId: string): void {
    this.drop(stepId, 'it did not pass the last time, or left something running');
  }

  private drop(id: string, reason: string): void {
    this.remembered.delete(id);
    this.reasons.set(id, reason);
  }
}

function stepsOf(node: PlanNode): readonly StepNode[] {
  return node.kind === 'step' ? [node] : node.children.flatMap(stepsOf);
}

/** What is different now, in words; `undefined` when the step would do the same again. */
function changeSince({ input: before, read, keys }: Remembered, now: StepInput): string | undefined {
  if (now.errors.length > 0) return 'an earlier step failed';
  if (!sameCode(before.code, now.code)) return 'its code or options changed';
  if (JSON.stringify(settingsOf(before.node)) !== JSON.stringify(settingsOf(now.node))) return 'its settings changed';
  if (!sameSegment(before.config, now.config)) return 'the configuration changed';
  for (const [key, segment] of read) {
    const present = lookup(now.results, key);
    if (segment === undefined ? present !== undefined : present === undefined || !sameSegment(segment, present))
      return `results.${key} changed`;
  }
  if (keys === undefined) return undefined;
  const present = snapshotKeys(now.results);
  return present.length === keys.length && present.every((key, at) => key === keys[at]) ? undefined : 'the results have other keys';
}

function sameCode(left: StepCode, right: StepCode): boolean {
  if (left.kind === 'live' || right.kind === 'live') return left === right;
  if (left.module !== right.module) return false;
  if (left.kind === 'plugin') return right.kind === 'plugin' && sameSegment(left.options, right.options);
  return left.kind === right.kind && left.pipeline === (right.kind === left.kind ? right.pipeline : undefined);
}

/** Settings that a step's work can depend on. */
function settingsOf({ env, memoryLimitMb, inputs, outputs }: StepNode): unknown {
  return [env, memoryLimitMb, inputs, outputs];
}
