import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as z from 'zod';
import { jsonSchemaOf } from '../../../core/plugins/standard-schema.ts';

describe('the JSON Schema of options', () => {
  it('says what it can of a schema that holds what JSON Schema cannot say', () => {
    const schema = jsonSchemaOf(z.object({ since: z.date().optional(), depth: z.number().default(3) }));
    assert.deepEqual(schema?.['properties'], { since: {}, depth: { type: 'number', default: 3 } });
    assert.equal(schema['required'], undefined);
  });

  it('is unknown where the library does not tell it', () => {
    assert.equal(jsonSchemaOf({ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }), undefined);
    assert.equal(jsonSchemaOf(undefined), undefined);
  });
});
