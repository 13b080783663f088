import type { Diagnostic, TestResult } from './events.ts';
import type { ErrorChunk } from './errors.ts';
import type { Environment, StepCode } from './executor.ts';
import type { StepNode } from './plan.ts';
import type { Patch, Segment, Snapshot } from './snapshot.ts';

/** A step that is about to run, with all that its work depends on and the engine knows of. */
export interface StepInput {
  readonly node: StepNode;
  readonly code: StepCode;
  readonly results: Snapshot;
  readonly config: Segment;
  /** Variables that the run adds to the environment of all steps. Default: none. */
  readonly env?: Environment;
  readonly errors: readonly ErrorChunk[];
}

/** One thing that a step said while it ran; said again when the step is remembered instead of run. */
export type StepRemark =
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'test'; readonly result: TestResult }
  | { readonly type: 'diagnostic'; readonly problem: Diagnostic }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'attachment'; readonly name: string; readonly content: string | Uint8Array };

/** What a step left when it passed. */
export interface StepRecord {
  readonly patch: Patch;
  /** In the order in which it was said. Long output is cut at its beginning. */
  readonly said: readonly StepRemark[];
  readonly durationMs: number;
  /** It started something that runs on: it is good for as long as that does. */
  readonly leavesService?: true;
}

/** What a memory has to say of a step that is about to run. */
export interface Recall {
  /** What the step left the last time; absent when it has to run. */
  readonly record?: StepRecord;
  /** Why it has to run, or need not: such as `src/cart.ts changed`. */
  readonly why: string;
  /** What is wrong with the memory, for people. */
  readonly warning?: string;
}

/** Remembers what steps left, so that one need not run again while nothing that it depends on has changed. */
export interface StepMemory {
  /** `undefined` when it knows nothing of the step and does not want to. */
  recall(input: StepInput): Recall | undefined | Promise<Recall | undefined>;
  /**
   * The step ran and passed, at its first attempt; only asked of steps that {@link recall} had something to say of.
   * Never rejects. Resolves to a warning for people where the step ought to have been remembered and could not be.
   */
  remember(input: StepInput, record: StepRecord): void | Promise<string | undefined>;
  /** The step passed with a record that another memory had: it did not run. */
  adopt?(input: StepInput, record: StepRecord): void;
  /** The step ran and did not pass, or left something that cannot be had again, such as a service. */
  forget(stepId: string): void;
  /** Whether the services that the step left are to stay up for the next run. Absent: steps that leave one are not remembered. */
  keepsService?(stepId: string): boolean;
  /** The run is over. Never rejects. */
  close?(): Promise<void>;
}
