import type * as v from 'valibot';
import { partSchemaOf } from '../core/schema/json-schema.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Makes the schema of pipeline files say what `with` takes where `uses` names a plugin that is known. */
export function withPluginOptions(pipelineFile: JsonSchema, plugins: Readonly<Record<string, v.GenericSchema>>): JsonSchema {
  const definitions = pipelineFile['$defs'];
  const step = isObject(definitions) ? definitions['step'] : undefined;
  if (!isObject(definitions) || !isObject(step)) throw new Error('The schema of pipeline files has no definition of a step.');
  const options = Object.entries(plugins).map(([name, schema]) => [`options-${name}`, partSchemaOf(schema)] as const);
  const allOf = Object.keys(plugins).map((name) => ({
    if: { properties: { uses: { const: name } }, required: ['uses'] },
    // A keyword of JSON Schema; nobody awaits this.
    // oxlint-disable-next-line unicorn/no-thenable
    then: { properties: { with: { $ref: `#/$defs/options-${name}` } } },
  }));
  return { ...pipelineFile, $defs: { ...definitions, ...Object.fromEntries(options), step: { ...step, allOf } } };
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
