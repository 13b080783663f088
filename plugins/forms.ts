import * as v from 'valibot';

/** A schema of several forms, of which the kind of the input chooses one. */
export type FormsSchema<Form extends v.GenericSchema> = v.LazySchema<Form> & { readonly forms: readonly Form[] };

/**
 * A schema of several forms. Unlike a union it looks at the kind of the input first, so that what is wrong with an input
 * is said about the form that was meant.
 */
export function forms<const Form extends v.GenericSchema>(
  all: readonly Form[],
  choose: (input: unknown) => NoInfer<Form>,
): FormsSchema<Form> {
  return Object.assign(v.lazy(choose), { forms: all });
}

/** A schema that takes a value of its own kind (a string, a list) in place of the options object. */
export function shorthand<Short extends v.GenericSchema, Full extends v.GenericSchema>(
  short: Short,
  full: Full,
): FormsSchema<Short | Full> {
  return forms<Short | Full>([short, full], (input) => (typeof input === 'string' || Array.isArray(input) ? short : full));
}
