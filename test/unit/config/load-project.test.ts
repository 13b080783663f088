import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, describe, it } from 'mocha';
import { type LoadedPipeline, type Project, loadProject } from '../../../core/config/load-project.ts';
import { TreadleError } from '../../../core/contract/errors.ts';
import type { PipelineContext } from '../../../core/contract/context.ts';
import type { PlanNode, StepNode } from '../../../core/contract/plan.ts';
import { decodeSegment } from '../../../core/context/segment.ts';
import { loadRunnable } from '../../../core/plugins/runnable.ts';
import { addFiles, makeProject, removeProjects } from '../../support/project.ts';

const load = (root: string): Promise<Project> => loadProject({ cwd: root });

const failure = async (root: string): Promise<TreadleError> => {
  try {
    await load(root);
  } catch (error) {
    assert.ok(error instanceof TreadleError, String(error));
    return error;
  }
  assert.fail('it loaded');
};

const pipelineOf = (project: Project, name = 'default'): LoadedPipeline => {
  const pipeline = project.pipelines.get(name);
  assert.ok(pipeline, `there is no pipeline ${name}`);
  return pipeline;
};

const stepsOf = (node: PlanNode): readonly StepNode[] => (node.kind === 'step' ? [node] : node.children.flatMap(stepsOf));
const stepOf = (pipeline: LoadedPipeline, id: string): StepNode | undefined => stepsOf(pipeline.plan).find((step) => step.id === id);

const run = async (pipeline: LoadedPipeline, id: string): Promise<unknown> => {
  const code = pipeline.code.get(id);
  assert.ok(code);
  return (await loadRunnable(code, id))({ step: { id, attempt: 1 } } as PipelineContext);
};

/** A schema without a library: options must be an object whose `depth` is a number, 3 where it is left out. */
const depthSchema = `{ '~standard': { version: 1, vendor: 'test', validate: (value) => {
  const { depth = 3, ...rest } = value;
  return typeof depth === 'number' ? { value: { depth, ...rest } } : { issues: [{ message: 'not a number', path: ['depth'] }] };
} } }`;

const lintPlugin = `import { definePlugin } from 'treadle';
export default definePlugin({ executor: 'inline', options: ${depthSchema} as any, run: (_context: unknown, options: any) => ['lint', options.depth] });
`;

const config = (steps: string, settings = '{}'): string => `import { definePipeline, step } from 'treadle';
export default definePipeline([
${steps}
], ${settings});
`;

describe('loadProject', () => {
  after(removeProjects);

  it('gives plan, code and config of a pipeline of functions, plugins by import and plugins by name', async () => {
    const root = makeProject({
      'plugins/lint.ts': lintPlugin,
      'treadle.config.ts': `import { definePipeline, step } from 'treadle';
import lint from './plugins/lint.ts';

export default definePipeline([
  lint('imported', { depth: 9 }),
  [step('named', { uses: 'lint' }), step('function', () => 'ran', { when: () => true })],
  lint('travels-not', { depth: 1, callback: () => 1 } as never),
], { config: { url: 'x' } });
`,
    });
    const project = await load(root);
    const pipeline = pipelineOf(project);
    assert.equal(project.root, root);
    assert.equal(project.configFile, join(root, 'treadle.config.ts'));
    assert.deepEqual(pipeline.config, { url: 'x' });
    assert.deepEqual(
      stepsOf(pipeline.plan).map(({ id, uses, executor, location }) => [id, uses, executor, location?.line, location?.column]),
      [
        ['imported', 'lint', 'inline', 5, 3],
        ['named', 'lint', 'inline', 6, 4],
        ['function', undefined, 'threads', 6, 37],
        ['travels-not', 'lint', 'inline', 7, 3],
      ],
    );
    assert.equal(stepOf(pipeline, 'named')?.location?.file, 'treadle.config.ts');
    const [imported, named] = [pipeline.code.get('imported'), pipeline.code.get('named')];
    assert.ok(imported?.kind === 'plugin' && named?.kind === 'plugin');
    assert.equal(imported.module, named.module);
    assert.deepEqual(decodeSegment(named.options), { depth: 3 });
    assert.equal(pipeline.code.get('travels-not')?.kind, 'pipeline-step');
    assert.deepEqual(await run(pipeline, 'imported'), ['lint', 9]);
    assert.deepEqual(await run(pipeline, 'named'), ['lint', 3]);
    assert.deepEqual(await run(pipeline, 'travels-not'), ['lint', 1]);
    assert.equal(await run(pipeline, 'function'), 'ran');
    assert.deepEqual([...pipeline.whenCode.keys()], ['function']);
    assert.deepEqual(project.dependencies.toSorted(), [join(root, 'plugins/lint.ts'), join(root, 'treadle.config.ts')]);
  });

  it('takes several pipelines by name, a name of its own, and every form of file', async () => {
    const several = makeProject({
      'treadle.config.mts': `import { definePipeline, step } from 'treadle';
        export default { ci: definePipeline([step('a', () => 1)]), nightly: definePipeline([step('a', () => 2)]) };`,
    });
    const project = await load(several);
    assert.deepEqual([...project.pipelines.keys()], ['ci', 'nightly']);
    assert.equal(await run(pipelineOf(project, 'nightly'), 'a'), 2);
    for (const extension of ['js', 'mjs']) {
      const root = makeProject({ [`treadle.config.${extension}`]: config(`step('a', () => 'js')`, `{ name: 'own' }`) });
      assert.equal(await run(pipelineOf(await load(root), 'own'), 'a'), 'js');
    }
  });

  it('has options checked on the thread where what the check makes of them cannot travel', async () => {
    const plugin = `import { isMainThread } from 'node:worker_threads';
      import { definePlugin } from 'treadle';
      const options = { '~standard': { version: 1, vendor: 'test', validate: ({ url }) => ({ value: { url: new URL(url) } }) } };
      export default definePlugin({ options, run: (_context, { url }) => [url instanceof URL, url.host] });`;
    const root = makeProject({
      'plugins/visit.ts': plugin,
      'treadle.config.json': `{ "steps": [{ "id": "a", "uses": "visit", "with": { "url": "https://example.org/" } }] }`,
    });
    const pipeline = pipelineOf(await load(root));
    const code = pipeline.code.get('a');
    assert.ok(code?.kind === 'plugin');
    assert.deepEqual(decodeSegment(code.options), { url: 'https://example.org/' });
    assert.equal(stepOf(pipeline, 'a')?.executor, 'threads');
    assert.deepEqual(await run(pipeline, 'a'), [true, 'example.org']);
  });

  it('takes a pipeline of the original API', async () => {
    const root = makeProject({
      'treadle.config.ts': `import { LogicOperator, parallel, ParallelConfig, Pipeline, PipelineStep } from 'treadle';
        class Own extends PipelineStep { constructor(readonly id: string) { super(); } run() { return 'ran ' + this.id; } }
        export default new Pipeline([new Own('a'), parallel([new Own('b')], new ParallelConfig(LogicOperator.OR))], { name: 'own' });`,
    });
    const pipeline = pipelineOf(await load(root), 'own');
    assert.deepEqual(
      stepsOf(pipeline.plan).map(({ id, executor }) => [id, executor]),
      [
        ['a', 'threads'],
        ['b', 'threads'],
      ],
    );
    assert.equal(await run(pipeline, 'b'), 'ran b');
  });

  it('reads JSON', async () => {
    const root = makeProject({
      'plugins/lint.ts': lintPlugin,
      'treadle.config.json': `{
  // comments are fine
  "config": { "url": "x" },
  "steps": [{ "id": "a", "uses": "lint", "with": { "depth": 4 } }]
}`,
    });
    const pipeline = pipelineOf(await load(root));
    assert.deepEqual(await run(pipeline, 'a'), ['lint', 4]);
    assert.deepEqual(stepOf(pipeline, 'a')?.location, { file: 'treadle.config.json', line: 4, column: 13 });
    addFiles(root, { 'treadle.config.json': `{ "steps": [{ "id": "a", "uses": "lint", "with": { "depth": "x" } }] }` });
    assert.equal((await failure(root)).message, 'step "a" (treadle.config.json:1:13): options.depth: not a number');
  });

  describe('caching', () => {
    it('gives the same modules the second time, and others after a change', async () => {
      const root = makeProject({
        'plugins/lint.ts': lintPlugin,
        'lib.ts': `export const text = 'one';`,
        'treadle.config.ts': `import { definePipeline, step } from 'treadle';
          import lint from './plugins/lint.ts';
          import { text } from './lib.ts';
          export default definePipeline([lint('a', {}), step('b', () => text)]);`,
      });
      const codeOf = async (id: string): Promise<string> => {
        const code = pipelineOf(await load(root)).code.get(id);
        assert.ok(code !== undefined && 'module' in code);
        return code.module;
      };
      const [plugin, pipeline] = [await codeOf('a'), await codeOf('b')];
      assert.deepEqual([await codeOf('a'), await codeOf('b')], [plugin, pipeline]);
      addFiles(root, { 'lib.ts': `export const text = 'two';` });
      assert.equal(await codeOf('a'), plugin);
      assert.notEqual(await codeOf('b'), pipeline);
      assert.equal(await run(pipelineOf(await load(root)), 'b'), 'two');
      addFiles(root, { 'plugins/lint.ts': lintPlugin.replace(`'lint',`, `'LINT',`) });
      assert.deepEqual(await run(pipelineOf(await load(root)), 'a'), ['LINT', 3]);
    });

    it('does not load the compiler for an unchanged project', async () => {
      const root = makeProject({ 'plugins/lint.ts': lintPlugin, 'treadle.config.ts': config(`step('a', { uses: 'lint' })`) });
      const script = `
        import { registerHooks } from 'node:module';
        const loaded = [];
        registerHooks({ resolve(specifier, context, next) { const found = next(specifier, context); loaded.push(found.url); return found; } });
        const { loadProject } = await import(${JSON.stringify(new URL('../../../core/config/load-project.ts', import.meta.url).href)});
        await loadProject({ cwd: ${JSON.stringify(root)} });
        console.log(loaded.some((url) => url.includes('/esbuild/')));`;
      const print = async (): Promise<string> =>
        (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])).stdout.trim();
      assert.equal(await print(), 'true');
      assert.equal(await print(), 'false');
    });
  });

  describe('the plugins setting', () => {
    const inTools = {
      'tools/greet.ts': lintPlugin,
      'treadle.config.ts': `import { definePipeline } from 'treadle';
        import greet from './tools/greet.ts';
        export default definePipeline([greet('a', {})], { plugins: ['tools'] });`,
    };

    it('is followed, so that a plugin is one module for pipeline and registry', async () => {
      const root = makeProject(inTools);
      for (let round = 0; round < 2; round += 1) {
        const project = await load(root);
        assert.deepEqual(
          project.plugins.plugins.map(({ name, file }) => [name, file]),
          [['greet', 'tools/greet.ts']],
        );
        assert.equal(pipelineOf(project).code.get('a')?.kind, 'plugin');
        assert.equal(stepOf(pipelineOf(project), 'a')?.uses, 'greet');
      }
    });

    it('is followed when it changes, and when it goes', async () => {
      const root = makeProject({ ...inTools, 'plugins/other.ts': lintPlugin });
      await load(root);
      addFiles(root, { 'treadle.config.ts': config(`step('a', { uses: 'other' })`) });
      assert.deepEqual((await load(root)).plugins.get('other')?.file, 'plugins/other.ts');
      assert.equal((await load(root)).plugins.get('greet'), undefined);
    });

    it('must name folders of the project that exist', async () => {
      const outside = await failure(makeProject({ 'treadle.config.ts': config(`step('a', () => 1)`, `{ plugins: ['../x'] }`) }));
      assert.equal(outside.code, 'E_PATH_OUTSIDE');
      const missing = await failure(makeProject({ 'treadle.config.ts': config(`step('a', () => 1)`, `{ plugins: ['gone'] }`) }));
      assert.equal(missing.code, 'E_CONFIG_INVALID');
      assert.match(missing.message, /"gone" is neither a folder of the project nor an installed package/);
    });
  });

  describe('what is wrong', () => {
    it('with the code is said with its place', async () => {
      const syntax = await failure(makeProject({ 'treadle.config.ts': `import { step } from 'treadle';\nexport default [;\n` }));
      assert.equal(syntax.code, 'E_CONFIG_LOAD');
      assert.deepEqual(syntax.location, { file: 'treadle.config.ts', line: 2, column: 17 });

      const thrown = await failure(
        makeProject({
          'treadle.config.ts': `interface Settings { readonly a: 1 }\n\nconst settings: Settings[] = [];\nexport default settings[0]!.a;\n`,
        }),
      );
      assert.equal(thrown.code, 'E_CONFIG_LOAD');
      assert.match(thrown.message, /^treadle\.config\.ts:4:29: TypeError: Cannot read properties of undefined/);

      const name = await failure(
        makeProject({ 'treadle.config.ts': `import { definePipelin } from 'treadle';\nexport default definePipelin([]);\n` }),
      );
      assert.match(name.message, /^treadle\.config\.ts:1:10: SyntaxError: The requested module 'treadle' .*'definePipelin'/);
    });

    it('with the default export is said with the fix', async () => {
      for (const [text, what] of [
        [`import { step } from 'treadle'; export default [step('a', () => 1)];`, 'its default export is a list'],
        [`import { step } from 'treadle'; export default step('a', () => 1);`, 'its default export is a step'],
        [`export default { ci: 3 };`, '"ci" of its default export is 3'],
        [`import { step } from 'treadle'; export default { a: [step('a', () => 1)] };`, '"a" of its default export is a list'],
        [`export default function make() {}`, 'its default export is the function make'],
      ] as const) {
        const error = await failure(makeProject({ 'treadle.config.ts': text }));
        assert.equal(error.code, 'E_CONFIG_INVALID');
        assert.equal(error.message, `treadle.config.ts: ${what}, not a pipeline.`);
        assert.match(error.hint ?? '', /export default definePipeline/);
      }
    });

    it('without a default export is said, also where a module of type commonjs has one all the same', async () => {
      const said = async (files: Readonly<Record<string, string>>): Promise<string> => (await failure(makeProject(files))).message;
      assert.equal(await said({ 'treadle.config.ts': 'export const x = 1;' }), 'treadle.config.ts: it has no default export.');
      const commonjs = {
        'package.json': '{ "type": "commonjs" }',
        'treadle.config.ts': `import { step } from 'treadle'; step('a', () => 1);`,
      };
      assert.equal(await said(commonjs), 'treadle.config.ts: it has no default export, or an empty one.');
    });

    it('with an option names step, place and option', async () => {
      const error = await failure(
        makeProject({
          'plugins/lint.ts': lintPlugin,
          'treadle.config.ts': config(`  step('types', { uses: 'lint', with: { depth: 'x' } }),`),
        }),
      );
      assert.equal(error.code, 'E_PLUGIN_OPTIONS');
      assert.equal(error.message, 'step "types" (treadle.config.ts:3:3): options.depth: not a number');
      assert.deepEqual(error.location, { file: 'treadle.config.ts', line: 3, column: 3 });
    });

    it('with the name of a plugin comes with a suggestion', async () => {
      const root = makeProject({ 'plugins/lint.ts': lintPlugin, 'treadle.config.ts': config(`  step('a', { uses: 'lnt' }),`) });
      const near = await failure(root);
      assert.equal(near.code, 'E_PLUGIN_UNKNOWN');
      assert.equal(near.message, 'step "a" (treadle.config.ts:3:3) uses "lnt", and there is no plugin of that name.');
      assert.equal(near.hint, 'Did you mean "lint"?');
      addFiles(root, { 'treadle.config.ts': config(`  step('a', { uses: 'zzzzzzzz' }),`) });
      assert.match((await failure(root)).hint ?? '', /use one of: lint, shell, http/);
    });

    it('in several places is said at once, in the order of the lines', async () => {
      const error = await failure(
        makeProject({
          'plugins/lint.ts': lintPlugin,
          'treadle.config.ts': `import { definePipeline, step } from 'treadle';
export default {
  ci: definePipeline([
    step('a', { uses: 'lint', with: { depth: 'x' } }),
    step('b', () => 1, { retries: -1 }),
    step('c', { uses: 'gone' }),
  ]),
  nightly: definePipeline([step('d', { uses: 'lint', with: { depth: {} } })]),
};
`,
        }),
      );
      assert.equal(error.code, 'E_CONFIG_INVALID');
      assert.equal(error.message, 'treadle.config.ts has 4 problems.');
      assert.deepEqual(
        error.errors?.map(({ code, location }) => [code, location?.line]),
        [
          ['E_PLUGIN_OPTIONS', 4],
          ['E_CONFIG_INVALID', 5],
          ['E_PLUGIN_UNKNOWN', 6],
          ['E_PLUGIN_OPTIONS', 8],
        ],
      );
    });

    it('with a plugin stops the pipelines that use it, and no others', async () => {
      const root = makeProject({
        'plugins/lint.ts': lintPlugin,
        'plugins/broken.ts': `throw new Error('no');\nexport default 1;`,
        'treadle.config.ts': config(`  step('a', { uses: 'lint' }),`),
      });
      assert.deepEqual(
        (await load(root)).plugins.problems.map(({ message }) => message),
        ['plugins/broken.ts:1:7: no'],
      );
      addFiles(root, { 'treadle.config.ts': config(`  step('a', { uses: 'broken' }),`) });
      const named = await failure(root);
      assert.equal(named.code, 'E_PLUGIN_LOAD');
      assert.equal(named.message, 'step "a" (treadle.config.ts:3:3) uses "broken", which cannot be loaded: plugins/broken.ts:1:7: no');
      addFiles(root, { 'treadle.config.ts': `import broken from './plugins/broken.ts';\n${config(`  broken('a'),`)}` });
      const imported = await failure(root);
      assert.equal(imported.code, 'E_CONFIG_LOAD');
      assert.equal(imported.message, 'plugins/broken.ts:1:7: no');
      addFiles(root, { 'plugins/broken.ts': `export const other = 1;` });
      assert.equal(
        (await failure(root)).message,
        "treadle.config.ts:1:8: SyntaxError: The requested module 'plugins/broken.ts' does not provide an export named 'default'",
      );
    });

    it('with the names of plugins stops everything', async () => {
      const error = await failure(
        makeProject({
          'plugins/lint.ts': lintPlugin,
          'plugins/lint/index.ts': lintPlugin,
          'treadle.config.ts': config(`step('a', () => 1)`),
        }),
      );
      assert.equal(error.code, 'E_PLUGIN_DUPLICATE');
    });

    it('with what a JavaScript author wrote never ends in a crash', async () => {
      for (const text of [
        `definePipeline(undefined)`,
        `definePipeline([undefined, null, 3, 'x', {}, { kind: 'step' }, { children: 3 }])`,
        `definePipeline([step()])`,
        `definePipeline([step('a', () => 1, null)])`,
        `definePipeline([step('a', () => 1)], null)`,
        `definePipeline([step('a', () => 1)], { plugins: 'plugins' })`,
        `definePipeline([step('a', () => 1)], { plugins: [3] })`,
        `definePipeline([step('a', () => 1)], { name: 3 })`,
        `definePipeline([step('a', { uses: 3 })])`,
      ]) {
        const error = await failure(
          makeProject({ 'treadle.config.js': `import { definePipeline, step } from 'treadle';\nexport default ${text};\n` }),
        );
        assert.match(error.code, /^E_CONFIG_INVALID$/, text);
      }
    });
  });
});
