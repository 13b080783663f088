import type { Diagnostic, TestResult } from './events.ts';
import type { SerializedError } from './errors.ts';
import type { StepCode } from './executor.ts';
import type { StepNode } from './plan.ts';
import type { Patch, Segment, Snapshot } from './snapshot.ts';

/** A step that is about to run, with all that its work depends on and the engine knows of. */
export interface StepInput {
  readonly node: StepNode;
  readonly code: StepCode;
  readonly results: Snapshot;
  readonly config: Segment;
  readonly errors: readonly SerializedError[];
}

/** What a step left when it passed. */
export interface StepRecord {
  readonly patch: Patch;
  readonly tests: readonly TestResult[];
  readonly diagnostics: readonly Diagnostic[];
  readonly durationMs: number;
}

/** Remembers what steps left, so that one need not run again while nothing that it depends on has changed. */
export interface StepMemory {
  /** What the step left the last time; `undefined` when it has to run. */
  recall(input: StepInput): StepRecord | undefined;
  /** The step ran and passed, at its first attempt. */
  remember(input: StepInput, record: StepRecord): void;
  /** The step ran and did not pass, or left something that cannot be had again, such as a service. */
  forget(stepId: string): void;
}
