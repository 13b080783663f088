import type { SourceLocation } from '../contract/status.ts';
import type { GroupDefinition, SequenceDefinition, StepDefinition } from './definition.ts';

interface DraftBase {
  readonly weight: number | undefined;
  readonly location: SourceLocation | undefined;
  /** Says where it stands when there is no location: `entry 3 of all(…)`. */
  readonly place: string;
}

/** A step as read, before the plan gives it a weight. */
export interface StepDraft extends DraftBase {
  readonly kind: 'step';
  readonly id: string;
  readonly definition: StepDefinition;
}

/** A group or sequence as read, before the plan gives it an id and a weight. */
export interface BranchDraft extends DraftBase {
  readonly kind: 'branch';
  /** Its own id, if it has one. */
  readonly id: string | undefined;
  readonly definition: GroupDefinition | SequenceDefinition;
  readonly children: readonly Draft[];
}

export type Draft = StepDraft | BranchDraft;

/** How a builder is written in messages and in ids. */
export function builderName(definition: GroupDefinition | SequenceDefinition): string {
  return definition.kind === 'group' ? definition.operator : 'sequence';
}
