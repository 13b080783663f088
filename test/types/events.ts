import { expectTypeOf } from 'expect-type';
import type * as v from 'valibot';
import type { SerializedError } from '../../core/contract/errors.ts';
import type { Conflict, RunCounts, RunEvent, RunEventOf, RunEventType } from '../../core/contract/events.ts';
import type { GroupNode, PipelineNode, SequenceNode, StepNode } from '../../core/contract/plan.ts';
import type { WatchEvent } from '../../core/contract/watch-events.ts';
import type { SourceLocation } from '../../core/contract/status.ts';
import type {
  conflict,
  eventsByType,
  groupNode,
  pipelineNode,
  runCounts,
  runEvent,
  sequenceNode,
  serializedError,
  sourceLocation,
  stepNode,
  watchEvent,
} from '../../core/schema/events.ts';

// The schema of the events says the same as the types of the contract.

/** Each extends the other, and neither has an optional field of which the other does not know. */
type Same<Schema extends v.GenericSchema, Type> = [v.InferOutput<Schema>, keyof v.InferOutput<Schema>] extends [Type, keyof Type]
  ? [Type, keyof Type] extends [v.InferOutput<Schema>, keyof v.InferOutput<Schema>]
    ? true
    : false
  : false;

expectTypeOf<Same<typeof sourceLocation, SourceLocation>>().toEqualTypeOf<true>();
expectTypeOf<Same<typeof conflict, Conflict>>().toEqualTypeOf<true>();
expectTypeOf<Same<typeof runCounts, RunCounts>>().toEqualTypeOf<true>();
expectTypeOf<Same<typeof serializedError, SerializedError>>().toEqualTypeOf<true>();
expectTypeOf<Same<typeof stepNode, StepNode>>().toEqualTypeOf<true>();
expectTypeOf<Same<typeof groupNode, GroupNode>>().toEqualTypeOf<true>();
expectTypeOf<Same<typeof sequenceNode, SequenceNode>>().toEqualTypeOf<true>();
expectTypeOf<Same<typeof pipelineNode, PipelineNode>>().toEqualTypeOf<true>();

type EventSchemas = typeof eventsByType;
expectTypeOf<keyof EventSchemas>().toEqualTypeOf<RunEventType>();
expectTypeOf<Same<typeof runEvent, RunEvent>>().toEqualTypeOf<true>();
expectTypeOf<Same<typeof watchEvent, WatchEvent>>().toEqualTypeOf<true>();
/** The event types whose schema differs; there must be none. */
type Different = { [Type in RunEventType]: Same<EventSchemas[Type], RunEventOf<Type>> extends true ? never : Type }[RunEventType];
expectTypeOf<Different>().toEqualTypeOf<never>();

// The proof can fail: with one field more, be it optional, and with a field of another type.
type Warning = RunEventOf<'step:warning'>;
expectTypeOf<Same<EventSchemas['step:warning'], Warning>>().toEqualTypeOf<true>();
expectTypeOf<Same<EventSchemas['step:warning'], Warning & { readonly more: string }>>().toEqualTypeOf<false>();
expectTypeOf<Same<EventSchemas['step:warning'], Warning & { readonly more?: string }>>().toEqualTypeOf<false>();
expectTypeOf<Same<EventSchemas['step:warning'], Omit<Warning, 'message'> & { readonly message: number }>>().toEqualTypeOf<false>();
