import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isTreadleError, type SerializedError } from '../../../core/contract/errors.ts';
import { buildPlan } from '../../../core/model/build-plan.ts';
import * as builders from '../../../core/model/builders.ts';
import { PipelineStep } from '../../../core/model/classic.ts';
import type { PipelineDefinition } from '../../../core/model/definition.ts';
import { definePlugin } from '../../../core/plugins/define.ts';

// Here people write what the types forbid.
type Loose = (...values: readonly unknown[]) => unknown;
const loosely = (builder: unknown): Loose => builder as Loose;
const [step, all, any, atLeast, sequence, parallel] = [
  builders.step,
  builders.all,
  builders.any,
  builders.atLeast,
  builders.sequence,
  builders.parallel,
].map(loosely) as [Loose, Loose, Loose, Loose, Loose, Loose];
const definePipeline = loosely(builders.definePipeline) as (...values: readonly unknown[]) => PipelineDefinition;

const work = (): undefined => undefined;
const shell = definePlugin({ name: 'shell', run: work });
class Load extends PipelineStep {
  readonly id = 'load';
  run(): void {}
}

function problemsOf(definition: PipelineDefinition): readonly SerializedError[] {
  try {
    buildPlan(definition, { name: 'ci', locate: ({ line, column }) => ({ file: 'f.ts', line, column }) });
  } catch (error) {
    assert.ok(isTreadleError(error));
    if (error.errors !== undefined) return error.errors;
    const { code, name, message, hint, location, stepId } = error;
    return [{ code, name, message, ...(hint && { hint }), ...(location && { location }), ...(stepId !== undefined && { stepId }) }];
  }
  return [];
}

const cases: readonly (readonly [what: string, entry: () => unknown, message: string, hint?: string | RegExp])[] = [
  ['undefined in a group', () => all([step('a', work), undefined]), 'Entry 2 of all(…) is undefined.', /import that is missing/],
  ['a hole in a list', () => new Array(1), 'Entry 1 of all(…) is undefined.', /import/],
  ['null', () => sequence([null]), 'Entry 1 of sequence(…) is null, not a step.'],
  ['false', () => any([false]), 'Entry 1 of any(…) is false, not a step.', /when/],
  ['a command', () => 'npm test', "Entry 1 of the pipeline is 'npm test', not a step.", /shell\('id'/],
  ['a function', () => work, 'Entry 1 of the pipeline is the function work, not a step.', /Give it an id/],
  ['a plugin that was not called', () => shell, 'Entry 1 of the pipeline is a plugin itself, not a step.', /Call the plugin/],
  ['a class', () => Load, 'Entry 1 of the pipeline is the class Load, not a step.', /new Step\(\)/],
  ['a promise', () => Promise.resolve(step('a', work)), 'Entry 1 of the pipeline is a promise, not a step.', 'Await it.'],
  ['a pipeline in a pipeline', () => definePipeline([]), 'Entry 1 of the pipeline is a pipeline; a pipeline cannot be part of another.'],
  ['an object', () => ({ id: 'a', uses: 'shell' }), 'Entry 1 of the pipeline is an object, not a step.', /step\('id', \{ uses/],
  ['entries of a named group', () => all([undefined], { id: 'g' }), 'Entry 1 of all(…) "g" is undefined.'],
  [
    'steps without a list',
    () => all(step('a', work), step('b', work)),
    'all(…) takes a list of steps, not a single step.',
    /all\(\[ … \]\)/,
  ],
  ['a missing list', () => any(undefined), 'any(…) takes a list of steps, not undefined.', /import/],
  ['a list before the count', () => atLeast([step('a', work)], 2), 'atLeast(…) takes a list of steps, not 2.', /atLeast\(2, \[ … \]\)/],
  ['a step of undefined', () => step('a', undefined), 'Step "a" was given undefined to run.', /import/],
  ['a step of a plugin', () => step('a', shell), 'Step "a" was given a plugin itself, not a function.', /Call the plugin/],
  ['a step of a class', () => step('a', Load), 'Step "a" was given a class, not a function.', /instance/],
  ['a step of text', () => step('a', 'tsc'), 'Step "a" was given \'tsc\' to run.', /uses/],
  ['a step of nothing', () => step('a', { timeout: '1s' }), 'Step "a" has nothing to run.', /uses/],
  [
    'a step that uses a plugin itself',
    () => step('a', { uses: shell }),
    '"uses" of step "a" must be the name of a plugin, not a plugin itself.',
  ],
  ['a step that uses nothing', () => step('a', { uses: ' ' }), '"uses" of step "a" must be the name of a plugin, not \' \'.'],
  [
    'a step object without an id',
    () => ({ run: work }),
    `Entry 1 of the pipeline: id must be printable text of 1 to 200 characters that neither begins nor ends with a space, not undefined.`,
  ],
  ['an empty id', () => step('', work), 'The id of entry 1 of the pipeline is empty.'],
  [
    'an id with a line break',
    () => step('a\nb', work),
    String.raw`Entry 1 of the pipeline: id must be printable text of 1 to 200 characters that neither begins nor ends with a space, not 'a\nb'.`,
  ],
  ['an unknown setting', () => step('a', work, { retry: 1 }), 'Step "a": unknown setting "retry".', 'Did you mean "retries"?'],
  [
    'an unknown setting like none',
    () => step('a', work, { colour: 1 }),
    'Step "a": unknown setting "colour".',
    /^There are: description, timeout,/,
  ],
  [
    'an unknown setting of a group',
    () => all([], { id: 'g', setle: 'first' }),
    'Group "g": unknown setting "setle".',
    'Did you mean "settle"?',
  ],
  [
    'an unknown setting of a sequence',
    () => sequence([], { maxWorkers: 1 }),
    'sequence(…) (entry 1 of the pipeline): unknown setting "maxWorkers".',
  ],
  [
    'a bad duration',
    () => step('a', work, { timeout: '5 minutes' }),
    `Step "a": timeout must be a duration such as 500 (milliseconds), '30s', '2m' or '1h', not '5 minutes'.`,
    "Did you mean '5m'?",
  ],
  [
    'a timeout of nothing',
    () => step('a', work, { timeout: 0 }),
    'Step "a": timeout must be more than 0, not 0.',
    'Leave it out for no limit.',
  ],
  ['negative retries', () => step('a', work, { retries: -1 }), 'Step "a": retries must be a whole number, 0 or more, not -1.'],
  ['half a retry', () => step('a', work, { retries: 0.5 }), 'Step "a": retries must be a whole number, 0 or more, not 0.5.'],
  ['a weight that is no number', () => step('a', work, { weight: Number.NaN }), 'Step "a": weight must be a number, not NaN.'],
  ['a number in env', () => step('a', work, { env: { PORT: 3000 } }), 'Step "a": env.PORT must be text, not 3000.', "Write '3000'."],
  ['undefined in env', () => step('a', work, { env: { TOKEN: undefined } }), 'Step "a": env.TOKEN must be text, not undefined.'],
  [
    'an unknown executor',
    () => step('a', work, { executor: 'thread' }),
    `Step "a": executor must be 'inline' or 'threads', not 'thread'.`,
    "Did you mean 'threads'?",
  ],
  [
    'a word for when',
    () => step('a', work, { when: 'failure' }),
    `Step "a": when must be true, false, 'on-success', 'on-failure', 'always' or 'never', not 'failure'.`,
  ],
  ['backoff without a delay', () => step('a', work, { backoff: {} }), 'Step "a": backoff.delay is missing.'],
  [
    'a misspelt part of backoff',
    () => step('a', work, { backoff: { delay: 1, facter: 2 } }),
    'Step "a": unknown setting "backoff.facter".',
    'Did you mean "factor"?',
  ],
  ['inputs that are no list', () => step('a', work, { inputs: 'src/**' }), `Step "a": inputs must be a list of texts, not 'src/**'.`],
  ['settings that are no object', () => step('a', work, '30s'), `Step "a": settings must be an object, not '30s'.`],
  [
    'more to pass than there are',
    () => atLeast(3, [step('a', work)]),
    'atLeast(…) (entry 1 of the pipeline): count is 3, but there are only 1 to choose from.',
    /Lower the count/,
  ],
  [
    'none to pass',
    () => atLeast(0, [step('a', work)]),
    'atLeast(…) (entry 1 of the pipeline): count must be a whole number, 1 or more, not 0.',
  ],
  [
    'a count without atLeast',
    () => all([step('a', work)], { count: 1 }),
    'all(…) (entry 1 of the pipeline): count has no meaning here.',
    'It belongs to atLeast(1, [ … ]).',
  ],
  [
    'a quorum without a count',
    () => parallel([step('a', work)], { operator: 'atLeast' }),
    'atLeast(…) (entry 1 of the pipeline): count is missing.',
  ],
  [
    'two operators',
    () => all([], { operator: 'any' }),
    "all(…) (entry 1 of the pipeline): operator is 'any', but the group was made with all.",
    'Write any([ … ]) instead.',
  ],
  [
    'an operator that does not exist',
    () => parallel([], { operator: 'xor' }),
    "all(…) (entry 1 of the pipeline): operator must be 'all', 'any' or 'atLeast', not 'xor'.",
  ],
];

describe('problems of a definition', () => {
  for (const [what, entry, message, hint] of cases) {
    it(`${what}: told with its place`, () => {
      const [problem, ...others] = problemsOf(definePipeline([entry()]));
      assert.equal(problem?.message, message);
      assert.deepEqual(others, []);
      assert.equal(problem.location?.file, 'f.ts');
      assert.equal(problem.code, what === 'an unknown executor' ? 'E_EXECUTOR_UNKNOWN' : 'E_CONFIG_INVALID');
      if (typeof hint === 'string') assert.equal(problem.hint, hint);
      if (hint instanceof RegExp) assert.match(problem.hint ?? '', hint);
    });
  }

  it('of the pipeline itself are told too', () => {
    const problems = problemsOf(definePipeline([], { concurency: 2, plugins: 'plugins', timeout: '1 day', name: '' }));
    assert.deepEqual(
      problems.map(({ message }) => message.slice(0, 46)),
      [
        'Pipeline "ci": unknown setting "concurency".',
        'Pipeline "ci": plugins must be a list of texts',
        'Pipeline "ci": timeout must be a duration such',
        'Pipeline "ci": name must be printable text of ',
      ],
    );
    assert.equal(problemsOf(definePipeline('lint'))[0]?.message, "definePipeline(…) takes a list of steps, not 'lint'.");
  });

  it('are collected and told together, each where it is', () => {
    // prettier-ignore
    const definition = definePipeline([
      undefined,
      step('a', work, { retry: 1 }),
      [step('b', work, { timeout: 'soon' }), all([null])],
    ]);
    const problems = problemsOf(definition);
    assert.equal(problems.length, 4);
    const lines = problems.map(({ location }) => location?.line ?? 0);
    assert.deepEqual(
      lines.map((line) => line - (lines[0] ?? 0)),
      [0, 2, 3, 3],
    );
    assert.deepEqual(
      problems.map(({ stepId }) => stepId),
      [undefined, 'a', 'b', undefined],
    );
    assert.throws(
      () => buildPlan(definition, { name: 'ci' }),
      (error) => isTreadleError(error) && error.code === 'E_CONFIG_INVALID' && error.message === 'The pipeline "ci" has 4 problems.',
    );
  });

  it('name both places of an id that is used twice', () => {
    // prettier-ignore
    const definition = definePipeline([
      step('lint', work),
      [step('lint', work)],
    ]);
    const [problem, ...others] = problemsOf(definition);
    assert.deepEqual(others, []);
    assert.equal(problem?.code, 'E_STEP_DUPLICATE');
    const [, first, second] =
      /^The id "lint" is used twice: by the step at f\.ts:(\d+):\d+ and by the step at f\.ts:(\d+):\d+\.$/.exec(problem.message) ?? [];
    assert.equal(Number(second) - Number(first), 1);
    assert.equal(problem.location?.line, Number(second));
    assert.throws(
      () => buildPlan(definition, { name: 'ci' }),
      (error) =>
        isTreadleError(error) &&
        error.code === 'E_STEP_DUPLICATE' &&
        error.message ===
          'The id "lint" is used twice: by the step that is entry 1 of the pipeline and by the step that is entry 1 of all(…).',
    );
  });

  it('tell the same step twice from two steps, and a group from a step', () => {
    const same = step('a', work);
    assert.match(problemsOf(definePipeline([same, [same]]))[0]?.hint ?? '', /same step is listed twice/);
    const [clash] = problemsOf(definePipeline([step('a', work), all([step('b', work)], { id: 'a' })]));
    assert.match(clash?.message ?? '', /by the step at .* and by the group at /);
  });

  it('are told of lists that contain themselves or never end', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    assert.equal(problemsOf(definePipeline(loop))[0]?.message, 'all(…) contains itself.');
    let deep: unknown = step('a', work);
    for (let level = 0; level < 5000; level += 1) deep = [deep];
    assert.equal(problemsOf(definePipeline([deep]))[0]?.message, 'all(…) is nested more than 200 levels deep.');
  });

  it('are none with any printable id', () => {
    for (const id of ['a', 'build:web', '@scope/pkg#test', 'Über prüfen ✓', "it's (a) step, really", 'x'.repeat(200)]) {
      assert.deepEqual(problemsOf(definePipeline([step(id, work)])), [], id);
    }
    for (const id of [' a', 'a ', 'tab\there', '\u2028', '\uD800', '__proto__', 'x'.repeat(201), '\u0000']) {
      assert.equal(problemsOf(definePipeline([step(id, work)])).length, 1, JSON.stringify(id));
    }
  });
});
