import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as v from 'valibot';
import type { RunEvent, RunEventType } from '../../../core/contract/events.ts';
import type { WatchEvent, WatchEventType } from '../../../core/contract/watch-events.ts';
import { buildPlan } from '../../../core/model/build-plan.ts';
import { settingEntries } from '../../../core/model/settings-schema.ts';
import { eventDefinitions, eventsByType, runEvent, streamEvent, watchEventsByType } from '../../../core/schema/events.ts';
import { jsonSchemaOf } from '../../../core/schema/json-schema.ts';
import { pipelineFile, pipelineFileDefinitions } from '../../../core/schema/pipeline-file.ts';
import { pipelineOf } from './trees.ts';

type Json = Readonly<Record<string, unknown>>;

const pipelineSchema = jsonSchemaOf(pipelineFile, pipelineFileDefinitions);
const eventsSchema = jsonSchemaOf(streamEvent, eventDefinitions);

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* objectsIn(value: unknown): Iterable<Json> {
  if (isObject(value)) yield value;
  if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* objectsIn(item);
}

function definition(schema: Json, name: string): Json {
  const found = isObject(schema['$defs']) ? schema['$defs'][name] : undefined;
  assert.ok(isObject(found), name);
  return found;
}

describe('the JSON Schemas', () => {
  for (const [name, schema] of Object.entries({ pipeline: pipelineSchema, events: eventsSchema })) {
    it(`of ${name} refers only to what it defines, by name`, () => {
      const references = [...objectsIn(schema)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
      assert.ok(references.length > 0);
      for (const reference of references) definition(schema, reference.replace('#/$defs/', ''));
      assert.equal(schema['$schema'], 'http://json-schema.org/draft-07/schema#');
      assert.ok(Object.keys(schema['$defs'] ?? {}).every((key) => !/^\d+$/.test(key)));
      assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
    });
  }

  it('describe every setting where it may stand', () => {
    for (const [name, owner] of Object.entries({
      step: 'step',
      all: 'group',
      any: 'group',
      atLeast: 'group',
      sequence: 'sequence',
      pipeline: 'pipeline',
    } as const)) {
      const { properties } = definition(pipelineSchema, name);
      assert.ok(isObject(properties));
      for (const key of Object.keys(settingEntries[owner]())) {
        // The keys all, any and atLeast say it.
        if (key === 'operator' || (key === 'count' && name !== 'atLeast')) continue;
        const property = properties[key];
        assert.ok(isObject(property) && typeof property['description'] === 'string', `${name}.${key}`);
      }
    }
  });

  it('give examples that are valid themselves', () => {
    let examples = 0;
    for (const entries of Object.values(settingEntries)) {
      for (const [key, schema] of Object.entries<v.GenericSchema>(entries())) {
        for (const example of v.getExamples(schema)) {
          examples += 1;
          assert.ok(v.safeParse(schema, example).success, `${key}: ${JSON.stringify(example)}`);
        }
      }
    }
    assert.ok(examples > 10);
  });

  it('say of a step what must be there', () => assert.deepEqual(definition(pipelineSchema, 'step')['required'], ['id', 'uses']));

  it('know every event', () => {
    const stamp = { v: 1, seq: 0, ts: 1, runId: 'r' } as const;
    const error = {
      code: 'E_STEP_FAILED',
      name: 'Error',
      message: 'no',
      cause: { code: 'E_TIMEOUT', name: 'X', message: 'slow' },
      props: { a: [null] },
    } as const;
    const { plan } = buildPlan(
      pipelineOf([
        { kind: 'step', weight: 3 },
        {
          kind: 'any',
          weight: undefined,
          children: [{ kind: 'sequence', weight: undefined, children: [{ kind: 'step', weight: undefined }] }],
        },
      ]),
      { name: 'p', locate: (site) => site },
    );
    const counts = { steps: 1, passed: 1, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 };
    const location = { file: 'a.ts', line: 1, column: 1 };
    const events: { readonly [Type in RunEventType]: Extract<RunEvent, { readonly type: Type }> } = {
      'run:start': { ...stamp, type: 'run:start', pipeline: 'p', plan, cwd: '/' },
      'group:start': { ...stamp, type: 'group:start', id: 'g' },
      'step:start': { ...stamp, type: 'step:start', id: 'a', attempt: 1, executor: 'threads' },
      'step:progress': { ...stamp, type: 'step:progress', id: 'a', percent: 5, message: 'm', overall: 3 },
      'step:output': { ...stamp, type: 'step:output', id: 'a', stream: 'stderr', text: 'x' },
      'step:test': {
        ...stamp,
        type: 'step:test',
        id: 'a',
        name: 't',
        path: [],
        status: 'todo',
        durationMs: 0,
        error: { message: 'm' },
        location,
      },
      'step:diagnostic': { ...stamp, ...location, type: 'step:diagnostic', id: 'a', severity: 'info', message: 'm', source: 'tsc' },
      'step:attachment': { ...stamp, type: 'step:attachment', id: 'a', name: 'n', file: 'f', bytes: 0 },
      'step:warning': { ...stamp, type: 'step:warning', id: 'a', message: 'm' },
      'step:retry': { ...stamp, type: 'step:retry', id: 'a', attempt: 2, delayMs: 0, error },
      'step:end': {
        ...stamp,
        type: 'step:end',
        id: 'a',
        status: 'failed',
        durationMs: 1,
        attempts: 1,
        flaky: false,
        cached: false,
        overall: 100,
        error,
      },
      'group:end': {
        ...stamp,
        type: 'group:end',
        id: 'g',
        operator: 'any',
        status: 'passed',
        durationMs: 1,
        conflicts: [{ path: 'results.a', stepIds: ['a'], kept: 'a' }],
      },
      'run:end': { ...stamp, type: 'run:end', status: 'passed', durationMs: 1, counts, results: { a: 1 }, errors: [error] },
    };
    assert.deepEqual(Object.keys(events), Object.keys(eventsByType));
    for (const event of Object.values(events)) {
      assert.deepEqual(
        v.safeParse(runEvent, event).issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`),
        undefined,
        event.type,
      );
      const { seq: _seq, ...unstamped } = event;
      assert.ok(!v.safeParse(runEvent, unstamped).success, event.type);
      assert.ok(v.safeParse(streamEvent, event).success, event.type);
    }
  });

  it('describe what a watch tells between its runs', () => {
    const watchStamp = { v: 1, ts: 1 } as const;
    const events: { readonly [Type in WatchEventType]: WatchEvent & { readonly type: Type } } = {
      'watch:change': { ...watchStamp, type: 'watch:change', files: ['src/a.ts'], affected: ['a'] },
      'watch:loop': { ...watchStamp, type: 'watch:loop', file: 'log.txt', stepIds: ['a'] },
      'watch:warning': { ...watchStamp, type: 'watch:warning', message: 'm' },
      'watch:idle': { ...watchStamp, type: 'watch:idle', verdict: 'broken' },
    };
    assert.deepEqual(Object.keys(events), Object.keys(watchEventsByType));
    for (const event of Object.values(events)) {
      assert.ok(v.safeParse(streamEvent, event).success, event.type);
      assert.ok(!v.safeParse(streamEvent, { ...event, ts: undefined }).success, event.type);
    }
  });
});
