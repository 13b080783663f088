import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventDefinitions, streamEvent } from '../core/schema/events.ts';
import { jsonSchemaOf } from '../core/schema/json-schema.ts';
import { pipelineFile, pipelineFileDefinitions } from '../core/schema/pipeline-file.ts';
import { optionSchemas } from '../plugins/option-schemas.ts';
import { withPluginOptions } from './plugin-options.ts';

// Writes the JSON Schemas that the package ships: dist/schema/pipeline.json and dist/schema/events.json.

const folder = new URL('../dist/schema/', import.meta.url);

const schemas = {
  pipeline: withPluginOptions(jsonSchemaOf(pipelineFile, pipelineFileDefinitions), optionSchemas),
  events: jsonSchemaOf(streamEvent, eventDefinitions),
};

mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(fileURLToPath(new URL(`${name}.json`, folder)), `${JSON.stringify(schema, null, 2)}\n`);
}
