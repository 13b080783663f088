import { toJsonSchema, type ConversionConfig, type JsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

/** Makes a JSON Schema (draft 7, which every editor knows) of a valibot schema. Used when Treadle is built, not when it runs. */
export function jsonSchemaOf(
  schema: v.GenericSchema,
  definitions: Readonly<Record<string, v.GenericSchema>>,
): Readonly<Record<string, unknown>> {
  return { ...toJsonSchema(schema, { ...conversion, definitions }) };
}

/** The JSON Schema of a value inside a file, such as a plugin's options. */
export function partSchemaOf(schema: v.GenericSchema): Readonly<Record<string, unknown>> {
  return { ...partOf(toJsonSchema(schema, conversion)) };
}

/** A schema for use inside another. Nothing refers to its definitions: those are forms, which are written out. */
function partOf({ $schema: _dialect, $defs: _forms, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

/** The forms of a schema that chooses one by the kind of the input; see plugins/forms.ts. */
function formsOf(schema: object): readonly v.GenericSchema[] | undefined {
  // Only that function adds the property.
  return 'forms' in schema && Array.isArray(schema.forms) ? (schema.forms as readonly v.GenericSchema[]) : undefined;
}

const conversion: ConversionConfig = {
  target: 'draft-07',
  typeMode: 'input',
  // JSON has no number that is not finite; a check in code cannot be said.
  ignoreActions: ['finite', 'check', 'transform'],
  overrideSchema: ({ valibotSchema }) => {
    // What only code can give, such as a RegExp, is no JSON.
    if (valibotSchema.type === 'instance') return { not: {} };
    const forms = formsOf(valibotSchema);
    return forms === undefined ? undefined : { anyOf: forms.map((form) => partOf(toJsonSchema(form, conversion))) };
  },
  overrideAction: ({ valibotAction, jsonSchema }) =>
    // Editors take patterns as unicode ones; the flag itself cannot be said.
    'requirement' in valibotAction && valibotAction.requirement instanceof RegExp
      ? { ...jsonSchema, pattern: valibotAction.requirement.source }
      : undefined,
};
