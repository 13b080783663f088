import type { StandardSchemaV1 } from '@standard-schema/spec';

/** Whether a value is a schema in the sense of Standard Schema. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || !('~standard' in value)) return false;
  const standard = value['~standard'];
  return typeof standard === 'object' && standard !== null && 'validate' in standard && typeof standard.validate === 'function';
}

/** zod says the rest of a schema that has something which JSON Schema cannot say, such as a Date, when it is told to. */
const libraryOptions = { unrepresentable: 'any' };

/** The JSON Schema of what a schema accepts, where its library can tell (Standard JSON Schema). */
export function jsonSchemaOf(schema: StandardSchemaV1 | undefined): Readonly<Record<string, unknown>> | undefined {
  if (schema === undefined) return undefined;
  const standard: object = schema['~standard'];
  const converter = 'jsonSchema' in standard ? standard.jsonSchema : undefined;
  if (typeof converter !== 'object' || converter === null || !('input' in converter) || typeof converter.input !== 'function')
    return undefined;
  try {
    const described: unknown = converter.input({ target: 'draft-2020-12', libraryOptions });
    return typeof described === 'object' && described !== null ? { ...described } : undefined;
  } catch {
    // The specification lets a library throw where it cannot say a schema in JSON.
    return undefined;
  }
}
