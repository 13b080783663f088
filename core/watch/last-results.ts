import { sameSegment } from '../context/segment.ts';
import { lookup, snapshotKeys } from '../context/snapshot.ts';
import type { StepCode } from '../contract/executor.ts';
import { mayLeaveSomething } from '../contract/leavings.ts';
import type { Recall, StepInput, StepMemory, StepRecord } from '../contract/memory.ts';
import type { Plan, StepNode } from '../contract/plan.ts';
import type { Segment } from '../contract/snapshot.ts';
import { matchesPatterns } from '../files/file-patterns.ts';
import { changedContent, FileStates, type FilesThen, touched } from '../files/file-states.ts';
import { affectedBy, type ChangedFiles, stepsOf } from './affected.ts';

interface Remembered {
  readonly input: Pick<StepInput, 'node' | 'code' | 'config' | 'env'>;
  readonly record: StepRecord;
  /** What the step touched of its results, as it was. */
  readonly read: ReadonlyMap<string, Segment | undefined>;
  /** The keys that there were, when the step could tell. */
  readonly keys: readonly string[] | undefined;
  /** What its `inputs` took in; absent when it does not say. */
  readonly files: FilesThen | undefined;
  /** Stamps of the files that it wrote. */
  readonly outputs: ReadonlyMap<string, string>;
  /** How many steps that may write files had run until its end. */
  readonly writtenBefore: number;
}

/** What a step found when it began. */
interface Begun {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly changes: number;
  readonly files: FilesThen | undefined;
  /** Whether what it had left was used again. */
  recalled: boolean;
}

/** When a file changed, and what ran then. */
export interface ChangeTimes {
  /** Unix time in milliseconds; absent where nobody can tell. */
  readonly changedAt: number | undefined;
  /** When the run began that is under way. */
  readonly runStartedAt: number | undefined;
}

/** A file system's clock may be so much behind, in milliseconds. */
const clockLagMs = 20;

/**
 * What each step left in its last run in this process, for as long as nothing that it depends on changes: its files,
 * code, options, environment, configuration, and the keys of the context that it touched.
 *
 * Of steps with `inputs` the files are looked at whenever one of them is about to run: steps before it may have written
 * them a moment ago, and nobody has told of that yet. Of others, {@link filesChanged} has to tell.
 */
export class LastResults implements StepMemory {
  private readonly states: FileStates;
  private readonly remembered = new Map<string, Remembered>();
  /** Counts changes of files: when each step was last affected, and when it began. */
  private changes = 0;
  private readonly changedAt = new Map<string, number>();
  private readonly begun = new Map<string, Begun>();
  /** The first step that ran, and was not remembered, since the present run began. */
  private firstToRun: string | undefined;
  /** How many steps have run that may have written files, and the last of them. */
  private written = 0;
  private lastWriter: string | undefined;
  /** Why each step that is not remembered has to run. */
  private readonly reasons = new Map<string, string>();

  /** @param root - the project's folder, absolute */
  constructor(root: string) {
    this.states = new FileStates(root);
  }

  /** Files have changed. Returns the ids of the steps that depend on them. */
  filesChanged(changed: ChangedFiles, plan: Plan): readonly string[] {
    const affected = affectedBy(changed, plan);
    const unclear = new Set(stepsOf(plan).flatMap(({ id, inputs }) => (inputs === undefined ? [id] : [])));
    this.changes += 1;
    this.states.refresh();
    for (const [id, file] of affected) {
      if (unclear.has(id) || !this.remembered.has(id)) this.drop(id, `${file} changed`);
      if (!unclear.has(id)) continue;
      this.changedAt.set(id, this.changes);
    }
    return [...affected.keys()];
  }

  /**
   * Whether a step has seen a file as it is now, or is going to in the run that is under way: news of many changes, or of
   * one that was made just before a run began, come while it goes on.
   */
  hasSeen({ id, inputs }: StepNode, file: string, { changedAt, runStartedAt }: ChangeTimes): boolean {
    const begun = this.begun.get(id);
    const isBefore = (time: number | undefined): boolean => changedAt !== undefined && time !== undefined && changedAt < time - clockLagMs;
    if (begun !== undefined && inputs !== undefined && begun.files?.get(file)?.stamp === this.states.of(file)?.stamp) return true;
    const isYetToCome = begun === undefined || (runStartedAt !== undefined && begun.at < runStartedAt);
    if (isYetToCome) return isBefore(runStartedAt);
    return inputs === undefined && !begun.recalled && isBefore(begun.at);
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
    const { node } = input;
    const files = this.filesOf(node);
    const begun = { at: Date.now(), changes: this.changes, files, recalled: false };
    this.begun.set(node.id, begun);
    const known = this.remembered.get(node.id);
    if (known === undefined) return { why: this.reasons.get(node.id) ?? 'has not run yet' };
    const change = changeSince(known, input) ?? this.changeOfFiles(known, files) ?? this.changeUnseen(node, known);
    if (change === undefined) {
      begun.recalled = true;
      return { record: known.record, why: 'nothing that it depends on has changed' };
    }
    this.drop(node.id, change);
    return { why: change };
  }

  remember(input: StepInput, record: StepRecord): void {
    this.firstToRun ??= input.node.id;
    if (mayLeaveSomething(input.node)) this.noteWriter(input.node.id);
    this.adopt(input, record);
  }

  adopt({ node, code, config, env, results, errors }: StepInput, record: StepRecord): void {
    this.states.refresh();
    // A step that knows of errors may have acted on them.
    if (errors.length > 0) return this.drop(node.id, 'an earlier step had failed');
    const begun = this.begun.get(node.id);
    const files = this.filesOf(node);
    const change = begun === undefined ? undefined : this.changeMeanwhile(node, begun, files);
    // It may or may not have been seen by the step.
    if (change !== undefined) return this.drop(node.id, `${change} while it ran`);
    this.remembered.set(node.id, {
      input: { node, code, config, ...(env === undefined ? {} : { env }) },
      // What it printed was on the screen once.
      record: { ...record, said: record.said.filter(({ type }) => type !== 'output') },
      read: new Map(record.patch.reads.map((key) => [key, lookup(results, key)])),
      keys: record.patch.looked === true ? snapshotKeys(results) : undefined,
      files,
      // A service goes on writing.
      writtenBefore: this.written,
      outputs: record.leavesService === true ? new Map<string, string>() : this.states.stampsOfOutputs(node.outputs ?? []),
    });
  }

  /** The steps of a plan that have to run, whatever others leave. Of one with inputs that never ran here, an earlier result may be on disk. */
  toRun(plan: Plan): readonly string[] {
    const waiting = stepsOf(plan).filter((node) => {
      const known = this.remembered.get(node.id);
      if (known !== undefined) return this.changeOfFiles(known, this.filesOf(node)) !== undefined;
      return node.inputs === undefined || this.reasons.has(node.id);
    });
    return waiting.map(({ id }) => id);
  }

  /** The steps of a plan whose services are up. */
  servicesOf(plan: Plan): readonly string[] {
    return stepsOf(plan).flatMap(({ id }) => (this.keepsService(id) ? [id] : []));
  }

  keepsService(stepId: string): boolean {
    return this.remembered.get(stepId)?.record.leavesService === true;
  }

  forget(stepId: string): void {
    this.states.refresh();
    this.firstToRun ??= stepId;
    this.noteWriter(stepId);
    this.drop(stepId, 'it did not pass the last time, or left something running');
  }

  async close(): Promise<void> {
    // What changes between runs need not be told of.
    this.states.refresh();
    this.firstToRun = undefined;
  }

  private drop(id: string, reason: string): void {
    this.remembered.delete(id);
    this.reasons.set(id, reason);
  }

  private filesOf({ inputs }: StepNode): FilesThen | undefined {
    return inputs === undefined ? undefined : this.states.ofInputs(inputs);
  }

  private changeOfFiles({ files: before, outputs }: Remembered, files: FilesThen | undefined): string | undefined {
    const change = before === undefined || files === undefined ? undefined : changedContent(before, files);
    if (change !== undefined) return change;
    for (const [file, stamp] of outputs) {
      const now = this.states.stampOfOutput(file);
      if (now !== stamp) return now === '' ? `${file}, which it wrote, is gone` : `${file}, which it wrote, changed`;
    }
    return undefined;
  }

  /** What ran since a step did may have written files: one that does not say what it reads may read them. */
  private changeUnseen({ inputs }: StepNode, { writtenBefore }: Remembered): string | undefined {
    if (inputs !== undefined) return undefined;
    const writer = this.firstToRun ?? (this.written > writtenBefore ? this.lastWriter : undefined);
    return writer === undefined ? undefined : `"${writer}" ran, and may have written what it reads`;
  }

  private noteWriter(id: string): void {
    this.written += 1;
    this.lastWriter = id;
  }

  private changeMeanwhile(node: StepNode, begun: Begun, files: FilesThen | undefined): string | undefined {
    if (begun.files === undefined || files === undefined) {
      return (this.changedAt.get(node.id) ?? 0) > begun.changes ? 'a file changed' : undefined;
    }
    const file = touched(begun.files, files, (each) => matchesPatterns(node.outputs ?? [], each));
    return file === undefined ? undefined : `${file} changed`;
  }
}

/** What is different now, in words; `undefined` when the step would do the same again. */
function changeSince({ input: before, read, keys }: Remembered, now: StepInput): string | undefined {
  if (now.errors.length > 0) return 'an earlier step failed';
  if (!sameCode(before.code, now.code)) return 'its code or options changed';
  if (JSON.stringify(settingsOf(before.node)) !== JSON.stringify(settingsOf(now.node))) return 'its settings changed';
  if (JSON.stringify(before.env ?? {}) !== JSON.stringify(now.env ?? {})) return 'the environment of the run changed';
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
