import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { GenericSchema } from 'valibot';
import type { LoadedPlugin } from '../plugins/registry.ts';

/** The JSON Schema of a plugin's options; valibot's schemas, the built-in plugins' among them, do not tell it themselves. */
export async function optionsSchemaOf({
  optionsSchema,
  implementation,
}: LoadedPlugin): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (optionsSchema !== undefined) return optionsSchema;
  const { options } = implementation;
  if (options === undefined || !isValibot(options)) return undefined;
  const { partSchemaOf } = await import('../schema/json-schema.ts');
  try {
    return partSchemaOf(options);
  } catch {
    // It uses something that JSON Schema cannot say.
    return undefined;
  }
}

function isValibot(schema: StandardSchemaV1): schema is GenericSchema {
  return schema['~standard'].vendor === 'valibot';
}
