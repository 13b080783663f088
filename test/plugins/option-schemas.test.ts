import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { builtInNames } from '../../core/plugins/built-ins.ts';
import { jsonSchemaOf } from '../../core/schema/json-schema.ts';
import { pipelineFile, pipelineFileDefinitions } from '../../core/schema/pipeline-file.ts';
import { optionSchemas } from '../../plugins/option-schemas.ts';
import { withPluginOptions } from '../../scripts/plugin-options.ts';

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* objectsIn(value: unknown): Iterable<Json> {
  if (isObject(value)) yield value;
  if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* objectsIn(item);
}

const schema = withPluginOptions(jsonSchemaOf(pipelineFile, pipelineFileDefinitions), optionSchemas);
const definitions = isObject(schema['$defs']) ? schema['$defs'] : {};

describe('the JSON Schema of pipeline files', () => {
  it('knows the options of every built-in plugin', () => {
    assert.deepEqual(Object.keys(optionSchemas), builtInNames);
    const step = definitions['step'];
    const rules = isObject(step) && Array.isArray(step['allOf']) ? step['allOf'] : [];
    assert.deepEqual(
      rules.map((rule: unknown) => (isObject(rule) ? JSON.stringify(rule['then']) : '')),
      builtInNames.map((name) => JSON.stringify({ properties: { with: { $ref: `#/$defs/options-${name}` } } })),
    );
    for (const name of builtInNames) assert.ok(isObject(definitions[`options-${name}`]), name);
  });

  it('describes the options of the built-in plugins', () => {
    const [shell] = [...objectsIn(definitions['options-shell'])].filter(
      ({ properties }) => isObject(properties) && 'problemMatcher' in properties,
    );
    assert.ok(shell !== undefined && isObject(shell['properties']));
    assert.deepEqual(Object.keys(shell['properties']), ['command', 'cwd', 'env', 'problemMatcher', 'allowExitCodes', 'progress']);
    for (const [name, option] of Object.entries(shell['properties']))
      assert.ok(isObject(option) && typeof option['description'] === 'string', name);
  });

  it('refers only to what it defines', () => {
    for (const { $ref } of objectsIn(schema)) {
      if (typeof $ref === 'string') assert.ok($ref.replace('#/$defs/', '') in definitions, $ref);
    }
    assert.ok(Object.keys(definitions).every((name) => !/^\d+$/.test(name)));
  });
});
