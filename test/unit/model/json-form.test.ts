import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import * as v from 'valibot';
import { isTreadleError } from '../../../core/contract/errors.ts';
import type { PlanNode } from '../../../core/contract/plan.ts';
import { buildPlan } from '../../../core/model/build-plan.ts';
import { all, any, atLeast, definePipeline, sequence, step } from '../../../core/model/builders.ts';
import type { PipelineDefinition } from '../../../core/model/definition.ts';
import { readJsonPipelines } from '../../../core/model/json-form.ts';
import { pipelineFile } from '../../../core/schema/pipeline-file.ts';

const file = 'treadle.config.json';
const read = (text: string): PipelineDefinition | Record<string, PipelineDefinition> => readJsonPipelines(text, file);

function one(text: string): PipelineDefinition {
  const pipeline = read(text);
  assert.ok(isPipeline(pipeline));
  return pipeline;
}

function isPipeline(value: PipelineDefinition | Record<string, PipelineDefinition>): value is PipelineDefinition {
  return typeof value['kind'] === 'string';
}

/** Problems as `line:column message`, and their hints. */
function problems(text: string): readonly (readonly [string, string | undefined])[] {
  try {
    read(text);
    return [];
  } catch (error) {
    assert.ok(isTreadleError(error));
    return (error.errors ?? [error]).map(({ message, hint, location }) => {
      assert.equal(location?.file, file);
      return [`${location.line}:${location.column} ${message}`, hint];
    });
  }
}

function withoutLocations(node: PlanNode): unknown {
  const { location: _location, ...rest } = node;
  return 'children' in rest ? { ...rest, children: rest.children.map(withoutLocations) } : rest;
}

const everything = `
// Comments are welcome,
{
  "$schema": "./node_modules/treadle/dist/schema/pipeline.json",
  "name": "ci",
  "config": { "port": 4173, "deep": { "list": [1, null, true] } },
  "failFast": false, "timeout": "10m", "concurrency": 2, "plugins": ["steps"], "executor": "inline",
  "steps": [
    { "id": "types", "uses": "shell", "with": { "command": "tsc" }, "timeout": "30s", "retries": 1, "backoff": { "delay": "1s", "max": 5000 } },
    [
      { "id": "lint", "uses": "lint", "when": false, "env": { "CI": "1" } },
      { "sequence": [{ "id": "build", "uses": "shell" }, { "id": "unit", "uses": "tests" }], "id": "compiled" }
    ],
    { "any": [{ "id": "a", "uses": "http" }, { "id": "b", "uses": "http" }], "id": "reachable", "timeout": "30s", "settle": "first" },
    { "atLeast": [{ "id": "c", "uses": "http" }, { "id": "d", "uses": "http" }], "count": 1, "onConflict": "error", "maxWorkers": 1 },
    { "all": [], "description": "nothing" }, /* and trailing commas too */
  ],
}
`;

describe('the JSON form', () => {
  it('says the same as the builders', () => {
    const use = (id: string, uses: string) => step(id, { uses });
    const same = definePipeline(
      [
        step('types', { uses: 'shell', with: { command: 'tsc' }, timeout: '30s', retries: 1, backoff: { delay: '1s', max: 5000 } }),
        [
          step('lint', { uses: 'lint', when: false, env: { CI: '1' } }),
          sequence([use('build', 'shell'), use('unit', 'tests')], { id: 'compiled' }),
        ],
        any([use('a', 'http'), use('b', 'http')], { id: 'reachable', timeout: '30s', settle: 'first' }),
        atLeast(1, [use('c', 'http'), use('d', 'http')], { onConflict: 'error', maxWorkers: 1 }),
        all([], { description: 'nothing' }),
      ],
      {
        name: 'ci',
        config: { port: 4173, deep: { list: [1, null, true] } },
        failFast: false,
        timeout: '10m',
        concurrency: 2,
        plugins: ['steps'],
        executor: 'inline',
      },
    );
    const pipeline = one(everything);
    assert.deepEqual(pipeline.settings, same.settings);
    const [fromJson, fromCode] = [pipeline, same].map((definition) => withoutLocations(buildPlan(definition, { name: 'p' }).plan));
    assert.deepEqual(fromJson, fromCode);
  });

  it('knows where each step is written', () => {
    const { plan } = buildPlan(one('{\n  "steps": [\n    [{ "id": "a", "uses": "x" }]\n  ]\n}'), { name: 'p', locate: (site) => site });
    const [list] = plan.children;
    assert.ok(list?.kind === 'group');
    assert.deepEqual(
      [plan.location, list.location, list.children[0]?.location],
      [
        { file, line: 1, column: 1 },
        { file, line: 3, column: 5 },
        { file, line: 3, column: 6 },
      ],
    );
  });

  it('holds several pipelines, by name', () => {
    const ci = '{ "steps": [{ "id": "a", "uses": "x" }] }';
    for (const text of [
      `{ "$schema": "x", "ci": ${ci}, "nightly": ${ci} }`,
      `{ "$schema": "x", "pipelines": { "ci": ${ci}, "nightly": ${ci} } }`,
    ]) {
      const named = read(text);
      assert.ok(!isPipeline(named));
      assert.deepEqual(Object.keys(named), ['ci', 'nightly']);
      assert.equal(named['ci']?.children.length, 1);
    }
    const mixed = `{ "pipelines": { "ci": ${ci} }, "config": {} }`;
    assert.deepEqual(problems(mixed), [
      [`1:${mixed.indexOf('"config"') + 1} "config" has no place beside "pipelines".`, 'Put it into a pipeline.'],
    ]);
    assert.deepEqual(problems('{ "pipelines": [] }'), [
      ['1:16 "pipelines" must be an object of pipelines.', 'Write { "ci": { "steps": [ … ] } }.'],
    ]);
  });

  for (const [text, problem, hint] of [
    ['', '1:1 treadle.config.json is not valid JSON: a value is expected, not the end.', undefined],
    ['{\n  "steps": [\n', '3:1 treadle.config.json is not valid JSON: a closing ] is missing before the end.', undefined],
    ['{ "steps" [] }', '1:11 treadle.config.json is not valid JSON: a colon is missing before [.', undefined],
    ['{"steps": [{"id": "a" "uses": "b"}]}', '1:23 treadle.config.json is not valid JSON: a comma is missing before "uses".', undefined],
    ["{'steps': []}", "1:2 treadle.config.json is not valid JSON: JSON has no such word as 'steps'.", 'JSON has double quotes only.'],
    ['{"steps": []} x', '1:15 treadle.config.json is not valid JSON: JSON has no such word as x.', undefined],
    ['[]', '1:1 treadle.config.json must hold an object.', 'Write { "steps": [ … ] }.'],
    ['{}', '1:1 The pipeline has no "steps".', 'Write "steps": [ … ].'],
    ['{"step": []}', '1:2 The pipeline: unknown setting "step".', 'Did you mean "steps"?'],
    ['{"steps": {}}', '1:11 "steps" must be a list of steps.', 'Write "steps": [ … ].'],
  ] as const) {
    it(`tells what is wrong with ${JSON.stringify(text)}`, () => assert.deepEqual(problems(text), [[problem, hint]]));
  }

  it('tells all problems of its steps at once, each at its line and column', () => {
    const text = `{
  "failfast": true,
  "steps": [
    { "id": "a", "uses": "shell", "timout": "3s" },
    { "id": "b", "uses": "shell", "env": { "PORT": 3 },
      "timeout": "5 minutes", "id": "c" },
    { "alll": [] }, 3, { "all": 3 },
    { "any": [], "all": [] },
    { "uses": 3, "id": "x" }, {},
    { "id": "q" },
    { "any": [{ "id": "k", "uses": "x", "executor": "theads" }], "settel": "first" },
    { "sequence": [], "maxWorkers": 2 },
    { "id": "w", "uses": "x", "backoff": { "delay": "1s", "fac": 1 }, "inputs": ["a", 3] },
    { "id": " ", "use": "x" }
  ]
}`;
    assert.deepEqual(
      problems(text).map(([message, hint]) => `${message} ${hint ?? ''}`.trim()),
      [
        '2:3 The pipeline: unknown setting "failfast". Did you mean "failFast"?',
        '4:35 Step "a": unknown setting "timout". Did you mean "timeout"?',
        '5:52 Step "b": env.PORT must be text, not 3. Write \'3\'.',
        "6:18 Step \"b\": timeout must be a duration such as 500 (milliseconds), '30s', '2m' or '1h', not '5 minutes'. Did you mean '5m'?",
        '6:31 "id" is written twice. Remove one: only the last would count.',
        '7:7 Entry 3 of the pipeline: unknown setting "alll". Did you mean "all"?',
        '7:21 Entry 4 of the pipeline is not a step. Write { "id": "…", "uses": "plugin", "with": { … } }.',
        '7:33 "all" must be a list of steps. Write "all": [ … ].',
        '8:18 Entry 6 of the pipeline has both "any" and "all". Put one into the other.',
        '9:15 Step "x": uses must be the name of a plugin.',
        '9:31 Entry 8 of the pipeline has no "id". Write "id": "…", unique in the pipeline.',
        '9:31 Entry 8 of the pipeline has nothing to run. Write "uses": "plugin"; or "all", "any", "atLeast" or "sequence" with a list of steps.',
        '10:5 Step "q" has nothing to run. Write "uses": "plugin"; or "all", "any", "atLeast" or "sequence" with a list of steps.',
        "11:53 Step \"k\": executor must be 'inline' or 'threads', not 'theads'. Did you mean 'threads'?",
        '11:66 Entry 10 of the pipeline: unknown setting "settel". Did you mean "settle"?',
        '12:23 Entry 11 of the pipeline: unknown setting "maxWorkers". There are: id, description, timeout, weight, all, any, atLeast, sequence.',
        '13:59 Step "w": unknown setting "backoff.fac". Did you mean "factor"?',
        '13:87 Step "w": inputs.1 must be text, not 3.',
        "14:13 Entry 13 of the pipeline: id must be printable text of 1 to 200 characters that neither begins nor ends with a space, not ' '.",
        '14:18 Step " ": unknown setting "use". Did you mean "uses"?',
      ],
    );
  });

  it('counts lines of every kind, and no byte order mark', () => {
    assert.deepEqual(problems('\uFEFF{"step": []}')[0]?.[0].split(' ')[0], '1:2');
    assert.deepEqual(problems('{\r\n"steps": [], \r\n "x": 1}')[0]?.[0].split(' ')[0], '3:2');
  });

  it('keeps keys such as __proto__ as keys', () => {
    const { children, settings } = one(
      '{"config": {"__proto__": {"polluted": 1}}, "steps": [{"id": "a", "uses": "x", "with": {"__proto__": 1}}]}',
    );
    assert.ok(Object.hasOwn(settings.config ?? {}, '__proto__'));
    const [first] = children;
    assert.ok(first !== undefined && 'with' in first && Object.hasOwn(Object(first.with), '__proto__'));
    assert.equal('polluted' in {}, false);
    assert.equal(problems('{"__proto__": [], "steps": []}').length, 1);
  });

  it('is read just as its schema says', () => {
    const setting = fc.oneof(
      fc.constantFrom<[string, unknown][]>(
        ['timeout', '30s'],
        ['timeout', '5 minutes'],
        ['timeout', 100],
        ['timeout', 0],
        ['retries', 2],
        ['retries', -1],
        ['backoff', '1s'],
        ['backoff', { delay: 1, factor: 2, max: '1m' }],
        ['backoff', { factor: 2 }],
        ['critical', false],
        ['critical', 'no'],
        ['when', 'always'],
        ['when', true],
        ['when', 'function'],
        ['env', { A: '1' }],
        ['env', { A: 1 }],
        ['inputs', ['src/**']],
        ['inputs', 'src/**'],
        ['executor', 'threads'],
        ['executor', 'bullmq'],
        ['weight', 50],
        ['weight', '50'],
        ['memoryLimitMb', 64],
        ['description', 'text'],
        ['settle', 'first'],
        ['onConflict', 'error'],
        ['maxWorkers', 2],
        ['maxWorkers', 0],
        ['with', { any: 'thing' }],
        ['uses', ''],
        ['id', 'x\ty'],
        ['colour', 'red'],
      ),
    );
    const settings = fc.array(setting, { maxLength: 2 }).map((entries) => Object.fromEntries(entries) as Record<string, unknown>);
    const { entry } = fc.letrec<{ entry: unknown }>((tie) => {
      const list = fc.array(tie('entry'), { maxLength: 3 });
      return {
        entry: fc.oneof(
          { weight: 6, arbitrary: settings.map((own) => ({ id: 'a', uses: 'shell', ...own })) },
          { weight: 1, arbitrary: settings },
          { weight: 1, arbitrary: fc.constantFrom<unknown[]>('npm test', 3, null) },
          { weight: 2, arbitrary: list },
          {
            weight: 4,
            arbitrary: fc
              .tuple(fc.constantFrom('all', 'any', 'sequence'), list, settings)
              .map(([key, steps, own]) => ({ [key]: steps, ...own })),
          },
        ),
      };
    });
    const document = fc.record(
      {
        $schema: fc.constant('x'),
        failFast: fc.constantFrom<unknown[]>(true, 1),
        concurrency: fc.constantFrom(1, 0),
        steps: fc.array(entry, { maxLength: 4 }),
      },
      { requiredKeys: [] },
    );
    let accepted = 0;
    fc.assert(
      fc.property(document, (value) => {
        fc.pre(Object.keys(value).some((key) => key !== '$schema'));
        const isValid = v.safeParse(pipelineFile, value).success;
        if (isValid) accepted += 1;
        assert.deepEqual(problems(JSON.stringify(value)).length === 0, isValid);
      }),
      { numRuns: 1000 },
    );
    assert.ok(accepted > 50, `only ${accepted} documents were valid`);
  });
});
