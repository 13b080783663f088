import assert from 'node:assert/strict';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as v from 'valibot';
import * as z from 'zod';
import { explainIssues } from '../../../core/plugins/explain-issues.ts';
import { optionSchemas } from '../../../plugins/option-schemas.ts';

async function explained(schema: StandardSchemaV1, options: unknown): Promise<readonly string[]> {
  const result = await schema['~standard'].validate(options);
  assert.ok(result.issues !== undefined);
  return explainIssues(schema, options, result.issues);
}

function builtIn(name: string): StandardSchemaV1 {
  return optionSchemas[name] ?? assert.fail(`there is no ${name}`);
}

describe('issues of options', () => {
  it('name what was meant, and leave out what that explains', async () => {
    assert.deepEqual(await explained(builtIn('shell'), { comand: 'tsc' }), [
      'options.comand: there is no such option; did you mean "command"?',
    ]);
    assert.deepEqual(await explained(builtIn('shell'), { command: 'tsc', exitCodes: [1] }), [
      'options.exitCodes: there is no such option; there are: command, cwd, env, problemMatcher, allowExitCodes, progress',
    ]);
  });

  it('tell settings from options', async () => {
    assert.deepEqual(await explained(builtIn('shell'), { command: 'tsc', retries: 2 }), [
      'options.retries: there is no such option; it is a setting of the step, beside its options',
    ]);
  });

  it('look into objects and lists', async () => {
    assert.deepEqual(await explained(builtIn('http'), { url: 'http://a', expect: { staus: 200 } }), [
      'options.expect.staus: there is no such option; did you mean "status"?',
    ]);
    assert.deepEqual(await explained(v.strictObject({ rows: v.array(v.strictObject({ total: v.number() })) }), { rows: [{ totl: 1 }] }), [
      'options.rows[0].totl: there is no such option; did you mean "total"?',
    ]);
  });

  it('know zod, strict or not', async () => {
    assert.deepEqual(await explained(z.strictObject({ who: z.string() }), { hwo: 'you' }), [
      'options: Unrecognized key: "hwo"; did you mean "who"?',
    ]);
    assert.deepEqual(await explained(z.object({ deep: z.object({ files: z.array(z.string()) }).optional() }), { deep: { file: [] } }), [
      'options.deep.files: Invalid input: expected array, received undefined; did you mean it by "file"?',
    ]);
  });

  it('know what gives a JSON Schema only', async () => {
    const schema: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => ({ issues: [{ message: 'depht must be removed' }] }),
        ...{ jsonSchema: { input: () => ({ anyOf: [{ type: 'string' }, { type: 'object', properties: { depth: {} } }] }) } },
      },
    };
    assert.deepEqual(await explained(schema, { depht: 1 }), ['options: depht must be removed; did you mean "depth"?']);
  });

  it('stay as they are where the value is wrong, where any key may be, and where nothing is revealed', async () => {
    assert.deepEqual(await explained(v.objectWithRest({ a: v.optional(v.number()) }, v.number()), { b: 'x' }), [
      'options.b: Invalid type: Expected number but received "x"',
    ]);
    assert.deepEqual(await explained(v.strictObject({ command: v.string() }), { command: 1 }), [
      'options.command: Invalid type: Expected string but received 1',
    ]);
    assert.deepEqual(await explained(v.string(), { command: 1 }), ['options: Invalid type: Expected string but received Object']);
    const closed: StandardSchemaV1 = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no', path: ['a', 0, { key: 'b' }] }] }) },
    };
    for (const options of [undefined, null, 'x', 3, [], { a: [{}] }])
      assert.deepEqual(await explained(closed, options), ['options.a[0].b: no']);
  });

  it('say something of every misspelt key of every built-in plugin', async () => {
    for (const [name, schema] of Object.entries(optionSchemas)) {
      const lines = await explained(schema, { comandd: 1, urll: 1, prt: 1, chekcs: 1 });
      assert.match(lines.join('\n'), /there is no such option; (did you mean|there are)/, name);
    }
  });
});
