import { toJsonSchema, type ConversionConfig } from '@valibot/to-json-schema';
import type * as v from 'valibot';

/** Makes a JSON Schema (draft 7, which every editor knows) of a valibot schema. Used when Treadle is built, not when it runs. */
export function jsonSchemaOf(
  schema: v.GenericSchema,
  definitions: Readonly<Record<string, v.GenericSchema>>,
): Readonly<Record<string, unknown>> {
  return { ...toJsonSchema(schema, { ...conversion, definitions }) };
}

const conversion: ConversionConfig = {
  target: 'draft-07',
  typeMode: 'input',
  // JSON has no number that is not finite; a check in code cannot be said.
  ignoreActions: ['finite', 'check'],
  overrideAction: ({ valibotAction, jsonSchema }) =>
    // Editors take patterns as unicode ones; the flag itself cannot be said.
    'requirement' in valibotAction && valibotAction.requirement instanceof RegExp
      ? { ...jsonSchema, pattern: valibotAction.requirement.source }
      : undefined,
};
