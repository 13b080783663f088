import * as v from 'valibot';

/**
 * A schema that takes a value of its own kind (a string, a list) in place of the options object. Unlike a union it looks
 * at the kind of the input first, so that what is wrong with an object is said about the object.
 */
export function shorthand<Short extends v.GenericSchema, Full extends v.GenericSchema>(
  short: Short,
  full: Full,
): v.LazySchema<Short | Full> {
  return v.lazy((input) => (typeof input === 'string' || Array.isArray(input) ? short : full));
}
