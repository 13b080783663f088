import { expectTypeOf } from 'expect-type';
import type * as v from 'valibot';
import type { GroupSettings, PipelineSettings, SequenceSettings, StepSettings } from '../../core/model/definition.ts';
import type { settingEntries } from '../../core/model/settings-schema.ts';

// The list of settings and the types that people write against name the same settings, and what the types allow is valid.

type Entries = { [Owner in keyof typeof settingEntries]: ReturnType<(typeof settingEntries)[Owner]> };
/** What the list takes for each setting. */
type Taken<Owner extends keyof Entries> = {
  [Key in keyof Entries[Owner]]: Entries[Owner][Key] extends v.GenericSchema ? v.InferInput<Entries[Owner][Key]> : never;
};
type Mutable<T> = T extends (...values: never[]) => unknown ? T : T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

expectTypeOf<keyof Entries['step']>().toEqualTypeOf<keyof StepSettings>();
expectTypeOf<keyof Entries['group']>().toEqualTypeOf<keyof GroupSettings>();
expectTypeOf<keyof Entries['sequence']>().toEqualTypeOf<keyof SequenceSettings>();
expectTypeOf<keyof Entries['pipeline']>().toEqualTypeOf<keyof PipelineSettings>();

// A function for when is taken in code only.
expectTypeOf<Mutable<Required<Omit<StepSettings, 'when'>>>>().toExtend<Omit<Taken<'step'>, 'when'>>();
expectTypeOf<Exclude<Required<StepSettings>['when'], (...values: never[]) => unknown>>().toEqualTypeOf<Taken<'step'>['when']>();
expectTypeOf<Mutable<Required<GroupSettings>>>().toExtend<Taken<'group'>>();
expectTypeOf<Mutable<Required<SequenceSettings>>>().toExtend<Taken<'sequence'>>();
expectTypeOf<Mutable<Required<PipelineSettings>>>().toExtend<Taken<'pipeline'>>();
expectTypeOf<Taken<'group'>['operator']>().toEqualTypeOf<Required<GroupSettings>['operator']>();
expectTypeOf<Taken<'step'>['executor']>().toEqualTypeOf<Required<StepSettings>['executor']>();
