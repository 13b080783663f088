import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as v from 'valibot';
import type { PipelineContext } from '../../../core/contract/context.ts';
import { TreadleError } from '../../../core/contract/errors.ts';
import { PipelineStep } from '../../../core/model/classic.ts';
import { adoptName, definePlugin, implementationOf } from '../../../core/plugins/define.ts';
import { validateOptions } from '../../../core/plugins/validate-options.ts';

// What run does with the context is not looked at here, except for the id.
const context = { step: { id: 'here', attempt: 1 } } as PipelineContext;

describe('definePlugin', () => {
  const greet = definePlugin({
    name: 'greet',
    description: 'Says hello',
    executor: 'inline',
    options: v.object({ who: v.string(), times: v.optional(v.number(), 1) }),
    run: (_context, options) => `${options.who} ${options.times}`,
  });

  it('gives a factory of steps, which remembers where it was called', () => {
    const step = greet('hello', { who: 'you' }, { retries: 2 });
    assert.deepEqual(
      { ...step, plugin: undefined, callSite: undefined },
      { kind: 'step', id: 'hello', settings: { retries: 2 }, with: { who: 'you' }, plugin: undefined, callSite: undefined },
    );
    assert.match(step.callSite?.file ?? '', /define\.test\.ts$/);
    assert.equal(step.plugin, implementationOf(greet));
  });

  it('types the factory by what the schema takes and run by what it gives', () => {
    // @ts-expect-error -- who is missing
    greet('a', {});
    // @ts-expect-error -- the options are missing
    greet('a');
    // @ts-expect-error -- not a number
    greet('a', { who: 'x', times: 'y' });
    const lenient = definePlugin({
      options: v.object({ depth: v.optional(v.number(), 1) }),
      run: (_context, { depth }) => depth.toFixed(),
    });
    lenient('a');
    lenient('a', { depth: 2 }, { critical: false });
    const bare = definePlugin({ run: (own) => own.step.id });
    bare('a');
    bare('a', undefined, { retries: 1 });
    // @ts-expect-error -- it takes no options
    bare('a', { depth: 2 });
    const unchecked = definePlugin({ run: (_context, options: { readonly path: string }) => options.path });
    unchecked('a', { path: 'x' });
    // @ts-expect-error -- the path is missing
    unchecked('a', {});
    assert.equal(implementationOf(bare)?.run(context, undefined), 'here');
  });

  it('defaults to threads, and takes the name of its file where it has none', () => {
    const nameless = implementationOf(definePlugin({ run: () => 1 }));
    assert.equal(nameless?.executor, 'threads');
    assert.equal(nameless?.name, undefined);
    if (nameless !== undefined) adoptName(nameless, 'from-file');
    assert.equal(nameless?.name, 'from-file');
    const named = implementationOf(greet);
    if (named !== undefined) adoptName(named, 'other');
    assert.equal(named?.name, 'greet');
  });

  for (const [what, spec] of [
    ['nothing', undefined],
    ['no run', { name: 'x' }],
    ['a name that is none', { name: 'a b', run: () => 1 }],
    ['options that are no schema', { options: { who: 'string' }, run: () => 1 }],
    ['an executor that there is not', { executor: 'gpu', run: () => 1 }],
    ['a misspelt part', { run: () => 1, option: v.object({}) }],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(
        // @ts-expect-error -- as in JavaScript
        () => definePlugin(spec),
        (error: unknown) => error instanceof TreadleError && error.code === 'E_PLUGIN_INVALID' && error.hint !== undefined,
      );
    });
  }
});

describe('implementationOf', () => {
  class Lint extends PipelineStep {
    static readonly options = v.object({ depth: v.optional(v.number(), 3) });
    static readonly description = 'Lints';
    readonly id: string = 'of the class';
    private readonly options: unknown;
    constructor(options: unknown) {
      super();
      this.options = options;
    }
    run(): unknown {
      return [this.id, this.options];
    }
  }

  it('makes an instance of a class for each attempt, with the id of the step', () => {
    const implementation = implementationOf(Lint);
    assert.equal(implementation?.description, 'Lints');
    assert.equal(implementation?.options, Lint.options);
    assert.deepEqual(implementation?.run(context, { depth: 9 }), ['here', { depth: 9 }]);
    assert.equal(implementationOf(Lint), implementation);
  });

  it('accepts a class like PipelineStep, whose id is a getter', () => {
    class Alike {
      get id(): string {
        return 'mine';
      }
      run(): string {
        return this.id;
      }
    }
    assert.equal(implementationOf(Alike)?.run(context, undefined), 'here');
  });

  it('says that a class has no run method', () => {
    // @ts-expect-error -- run is missing
    class Nothing extends PipelineStep {
      readonly id = 'nothing';
    }
    // As in JavaScript, where nothing keeps a class from leaving it out.
    assert.throws(() => implementationOf(Nothing)?.run(context, undefined), {
      code: 'E_PLUGIN_INVALID',
      message: 'The class Nothing has no run method.',
    });
  });

  it('refuses everything else', () => {
    for (const value of [undefined, null, {}, { run: () => 1 }, () => 1, class {}, 'x']) assert.equal(implementationOf(value), undefined);
  });
});

describe('validateOptions', () => {
  const where = { stepId: 'types', location: { file: 'treadle.config.ts', line: 7, column: 5 } };
  const plugin = (options?: v.GenericSchema | v.GenericSchemaAsync) => {
    const implementation = implementationOf(
      options === undefined ? definePlugin({ run: () => 1 }) : definePlugin({ options, run: () => 1 }),
    );
    assert.ok(implementation);
    return implementation;
  };

  it('names step, place and option', async () => {
    await assert.rejects(validateOptions(plugin(v.object({ command: v.string() })), { command: 3 }, where), (error: unknown) => {
      assert.ok(error instanceof TreadleError);
      assert.equal(error.code, 'E_PLUGIN_OPTIONS');
      assert.match(
        error.message,
        /^step "types" \(treadle\.config\.ts:7:5\): options\.command: Invalid type: Expected string but received 3$/,
      );
      assert.equal(error.stepId, 'types');
      assert.deepEqual(error.location, where.location);
      return true;
    });
  });

  it('lists several issues, with paths through lists and odd keys', async () => {
    const schema = v.object({ files: v.array(v.string()), 'odd key': v.number() });
    await assert.rejects(validateOptions(plugin(schema), { files: ['a', 1], 'odd key': 'x' }, { stepId: 's' }), {
      message: /^step "s": 2 options are wrong\n {2}options\.files\[1\]: .*\n {2}options\["odd key"\]: /,
    });
  });

  it('gives defaults, waits for asynchronous schemas, and passes options through where there is no schema', async () => {
    assert.deepEqual(await validateOptions(plugin(v.object({ depth: v.optional(v.number(), 3) })), undefined, where), { depth: 3 });
    assert.equal(
      await validateOptions(
        plugin(
          v.pipeAsync(
            v.string(),
            v.transformAsync((text) => Promise.resolve(text.length)),
          ),
        ),
        'abc',
        where,
      ),
      3,
    );
    assert.deepEqual(await validateOptions(plugin(), { any: 1 }, where), { any: 1 });
    assert.equal(await validateOptions(plugin(v.undefined_()), undefined, where), undefined);
  });

  it('turns a schema that throws into the same error', async () => {
    const bad = v.pipe(
      v.any(),
      v.check(() => {
        throw new Error('no network');
      }),
    );
    await assert.rejects(validateOptions(plugin(bad), {}, where), { code: 'E_PLUGIN_OPTIONS', message: /options: no network$/ });
  });
});
