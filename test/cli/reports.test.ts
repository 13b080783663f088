import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type CliProject, withProject } from '../support/cli.ts';
import { allOf, commonSchema, parseXml, violations } from '../support/junit-schema.ts';

const troubled = `
  import { any, definePipeline, step } from 'treadle';
  import { shell } from 'treadle/plugins';
  export default definePipeline([
    [
      step('fine', (context) => context.log('all is well')),
      step('says-no', () => { throw new TypeError('no, and <why>'); }),
      step('leaves', () => process.exit(0)),
      step('hangs', () => { for (;;); }, { timeout: '300ms' }),
      shell('killed', 'kill -9 $$'),
    ],
    any([shell('near', 'exit 1'), shell('far', 'exit 0')], { id: 'reachable' }),
  ], { name: 'ci', failFast: false });
`;

/** How each case of a report ended. */
async function outcomes(project: CliProject, file: string): Promise<Record<string, string>> {
  const root = parseXml(await project.read(file));
  assert.deepEqual(violations(root, commonSchema), []);
  return Object.fromEntries(
    allOf(root, 'testcase').map(({ attributes, children }) => [
      `${attributes['classname']}/${attributes['name']}`,
      children.find(({ name }) => name !== 'system-out')?.name ?? 'passed',
    ]),
  );
}

describe('reports', () => {
  it('are written several at once, each to its file, with paths as the repository has them', async () => {
    await withProject({ '.git/HEAD': '', 'packages/shop/treadle.config.ts': troubled }, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(
        ['--reporter', 'line', '--reporter', 'junit=out/a/junit.xml', '--reporter', 'json=out/b.json'],
        {
          cwd: 'packages/shop',
        },
      );
      assert.equal(exitCode, 1, stderr);
      assert.match(stdout, /✖ says-no/);
      assert.deepEqual(await outcomes(project, 'packages/shop/out/a/junit.xml'), {
        'ci/fine': 'passed',
        'ci/says-no': 'failure',
        'ci/leaves': 'error',
        'ci/hangs': 'error',
        'ci/killed': 'error',
        'ci.reachable/near': 'skipped',
        'ci.reachable/far': 'passed',
      });
      const xml = await project.read('packages/shop/out/a/junit.xml');
      assert.match(xml, /name="says-no" [^>]*file="packages\/shop\/treadle\.config\.ts" line="7"/);
      assert.match(JSON.parse(await project.read('packages/shop/out/b.json')).pipeline, /^ci$/);
    });
  });

  it('tell why a group failed of which too few steps passed though none failed', async () => {
    const config = `
      import { any, atLeast, definePipeline, step } from 'treadle';
      import { shell } from 'treadle/plugins';
      export default {
        quorum: definePipeline([
          atLeast(2, [atLeast(2, [shell('eu', 'true'), shell('us', 'true', { when: 'never' })], { id: 'regions' }), shell('home', 'true')], { id: 'all' }),
          shell('next', 'true'),
        ]),
        none: definePipeline([any([], { id: 'mirrors' }), shell('next', 'true')]),
        failing: definePipeline([atLeast(2, [shell('eu', 'true'), shell('us', 'exit 1')], { id: 'regions' })]),
      };
    `;
    await withProject({ 'treadle.config.ts': config }, async (project) => {
      const names = ['line', 'github', 'junit', 'tap'] as const;
      const told = async (pipeline: string): Promise<Record<string, string>> => {
        const { exitCode, stderr } = await project.run([
          'run',
          pipeline,
          ...names.flatMap((name) => ['--reporter', `${name}=out/${name}`]),
        ]);
        assert.equal(exitCode, 1, stderr);
        return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await project.read(`out/${name}`)] as const)));
      };
      for (const [name, report] of Object.entries(await told('quorum'))) {
        assert.match(report, /Fewer than 2 of the 2 steps of the group .*regions/, name);
        if (name !== 'tap') assert.doesNotMatch(report, /group .*all/, `${name} says it once`);
      }
      for (const [name, report] of Object.entries(await told('none'))) {
        assert.match(report, /The group .*mirrors.* needs 1 that pass, and has 0\./, name);
      }
      const { line } = await told('failing');
      assert.doesNotMatch(line ?? '', /group/, 'the step that failed says enough');
    });
  });

  it('survive whatever code says that no compiler has checked', async () => {
    const config = `
      import { definePipeline, step } from 'treadle';
      const odd = { type: 'run:end', id: 'other', file: 'a.js', line: 0, column: 0, code: null, severity: 'error', message: 'found', source: 'odd' };
      export default definePipeline([
        step('speaks', (context) => {
          context.warn(new Error('an error as a warning'));
          context.warn({ left: 1 });
          context.warn(Object.assign(new Error('lost'), { message: 7, stack: 'its stack' }));
          context.updateStepProgress(50, { at: 2 });
          context.diagnostic(odd);
          context.test({ type: 'step:end', name: 'reads', path: [], status: 'passed', durationMs: 1, error: null, extra: () => 1 });
        }),
        step('no-severity', (context) => context.diagnostic({ ...odd, severity: 2 })),
        step('no-message', (context) => context.diagnostic({ ...odd, message: new Error('x') })),
        step('no-path', (context) => context.test({ name: 'a', status: 'passed', durationMs: 1 })),
        step('no-name', (context) => context.test()),
        step('number', (context) => context.attach(7, 'text')),
        step('object', (context) => context.attach('report.json', { left: 1 })),
      ], { failFast: false });
    `;
    await withProject({ 'treadle.config.js': config }, async (project) => {
      for (const executor of ['threads', 'inline']) {
        const names = ['line', 'github', 'tap', 'junit', 'json', 'ctrf', 'codequality', 'html'];
        const reporters = [...names.map((name) => `${name}=out/${name}`), 'ndjson'].flatMap((reporter) => ['--reporter', reporter]);
        const { exitCode, events, stderr } = await project.run(['run', '--executor', executor, ...reporters]);
        assert.equal(exitCode, 1);
        assert.equal(stderr, '', 'no reporter was left out');
        const said = events.flatMap((event) => ('id' in event && event.id === 'speaks' ? [event] : []));
        assert.deepEqual(
          said.flatMap((event) => (event.type === 'step:warning' ? [event.message] : [])),
          ['an error as a warning', '{ left: 1 }', '[its stack]'],
        );
        const [found] = said.flatMap((event) => (event.type === 'step:diagnostic' ? [event] : []));
        assert.deepEqual([found?.line, found?.column, found?.message, found?.code], [1, 1, 'found', undefined]);
        assert.equal(said.filter(({ type }) => type === 'step:test').length, 1);
        assert.equal(said.filter(({ type }) => type === 'step:end').length, 1);
        assert.deepEqual(
          events.flatMap((event) =>
            event.type === 'step:end' && event.error !== undefined ? [`${event.id}: ${event.error.message}`] : [],
          ),
          [
            'no-severity: context.diagnostic: severity must be one of error, warning, info, not 2.',
            'no-message: context.diagnostic: message must be a text, not an object.',
            'no-path: context.test: path must be a list of texts, not undefined.',
            'no-name: context.test must be given an object, not undefined.',
            'number: context.attach: the name must be a text, not 7.',
            'object: context.attach: the content must be a text or bytes (Uint8Array), not an object.',
          ],
        );
      }
    });
  });

  it("tell of test cases and of plugins where the project's code failed, and nothing of Treadle's own code", async () => {
    const config = `
      import { definePipeline, step } from 'treadle';
      import careless from './plugins/careless.ts';
      export default definePipeline([
        step('cases', async (context) => {
          await context.test('reads', () => {
            const cart: any = undefined;
            cart.items();
          });
          await context.test('counts', async () => {
            const assert = await import('node:assert');
            assert.equal(1, 2);
          });
        }),
        careless('careless', {}),
      ], { name: 'ci', failFast: false });
    `;
    const plugin = `
      import { definePlugin } from 'treadle';
      export default definePlugin({ async run() { deep(); } });
      function deep(): never { throw new RangeError('too deep', { cause: new TypeError('why') }); }
    `;
    const names = ['line', 'tree', 'github', 'tap', 'junit', 'junit-strict', 'ctrf', 'codequality', 'html'];
    const options = [...names, 'ndjson'].flatMap((name) => ['--reporter', `${name}=out/${name}`]);
    await withProject({ 'treadle.config.ts': config, 'plugins/careless.ts': plugin }, async (project) => {
      assert.equal((await project.run(options)).exitCode, 1);
      for (const name of names) {
        // The script of the page is Treadle's own.
        const text = (await project.read(`out/${name}`)).replaceAll(/<script(?! type="application)[^]*?<\/script>/g, '');
        assert.doesNotMatch(text, /runTestCase|runStep|worker\.[jt]s|step-context/, name);
        if (name !== 'codequality') assert.match(text, /treadle\.config\.ts(?::8\b|[^\n]*\bline"?[:=] ?"?8\b)/, name);
        assert.ok(!text.includes(project.root), name);
      }
      const cases = allOf(parseXml(await project.read('out/junit')), 'testcase');
      assert.deepEqual(
        cases.map(({ attributes, children }) => [
          attributes['name'],
          attributes['file'],
          attributes['line'],
          children[0]?.attributes['type'],
        ]),
        [
          ['reads', 'treadle.config.ts', '8', 'TypeError'],
          ['counts', 'treadle.config.ts', '12', 'AssertionError'],
          ['careless', 'plugins/careless.ts', '4', 'RangeError'],
        ],
      );
      assert.match(await project.read('out/ndjson'), /"error":\{"name":"TypeError","message":"Cannot read/);
    });
  });

  it('tell of a step that was running when the run was killed', async () => {
    const config = `
      import { definePipeline, step } from 'treadle';
      export default definePipeline([
        step('done', () => {}),
        step('runs', async (context) => { context.log('started'); await new Promise(() => setInterval(() => {}, 1000)); }),
      ], { name: 'ci' });
    `;
    await withProject({ 'treadle.config.ts': config }, async (project) => {
      const run = project.start(['--reporter', 'ndjson', '--reporter', 'junit=junit.xml']);
      await run.event('step:output', ({ text }) => text.includes('started'));
      run.signal('SIGINT');
      run.signal('SIGINT');
      const { exitCode } = await run.ended;
      assert.equal(exitCode, 130);
      const found = await outcomes(project, 'junit.xml');
      assert.equal(found['ci/done'], 'passed');
      // The run may just have had the time to say that it was cancelled.
      assert.ok(found['ci/runs'] === 'error' || found['ci/ci'] === 'error', JSON.stringify(found));
    });
  });
});
