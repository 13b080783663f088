import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withProject } from '../support/cli.ts';

const files = {
  'treadle.config.ts': `
    import { all, definePipeline, step } from 'treadle';
    export default {
      checks: definePipeline([step('lint', () => {}, { description: 'look for mistakes' }), all([step('a', () => {}), step('b', () => {})], { id: 'both' })], { description: 'what CI runs' }),
      nightly: definePipeline([step('soak', () => {})]),
    };
  `,
  'plugins/greet.ts': `
    import { definePlugin } from 'treadle';
    const schema = {
      type: 'object',
      properties: { who: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }, times: { type: 'number', default: 1 } },
      required: ['who'],
    };
    const options = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }), jsonSchema: { input: () => schema } } };
    export default definePlugin({ description: 'Says hello', options, run() {} });
  `,
};

describe('treadle list', () => {
  it('shows each pipeline as a tree', async () => {
    await withProject(files, async (project) => {
      const { exitCode, stdout } = await project.run(['list']);
      assert.equal(exitCode, 0);
      assert.equal(
        stdout,
        [
          'checks  3 steps · what CI runs',
          '├─ lint  function · look for mistakes',
          '└─ both  all of',
          '   ├─ a  function',
          '   └─ b  function',
          '',
          'nightly  1 step',
          '└─ soak  function',
          '',
        ].join('\n'),
      );
    });
  });

  it('prints the plans as JSON', async () => {
    await withProject(files, async (project) => {
      const { exitCode, stdout } = await project.run(['list', '--json']);
      assert.equal(exitCode, 0);
      const {
        root,
        pipelines,
      }: { root: string; pipelines: readonly { name: string; plan: { kind: string; children: readonly { id: string }[] } }[] } =
        JSON.parse(stdout);
      assert.equal(root, project.root);
      assert.deepEqual(
        pipelines.map(({ name, plan }) => [name, plan.kind, plan.children.map(({ id }) => id)]),
        [
          ['checks', 'pipeline', ['lint', 'both']],
          ['nightly', 'pipeline', ['soak']],
        ],
      );
    });
  });
});

describe('treadle plugins', () => {
  it('shows name, origin, description and options', async () => {
    await withProject(files, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['plugins']);
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /greet +Says hello\n +plugins\/greet\.ts\n +who: string \| string\[\], times\?: number = 1\n/);
      assert.match(stdout, /Built in\n[\s\S]* shell +Run a command\n +command: string \| string\[\], cwd\?: string/);
      assert.deepEqual(
        stdout.split('\n').filter((line) => line.length > 80),
        [],
      );
    });
  });

  it('prints them as JSON', async () => {
    await withProject(files, async (project) => {
      const { stdout } = await project.run(['plugins', '--json']);
      const {
        plugins,
        problems,
      }: { plugins: readonly { name: string; builtIn: boolean; file: string; options?: unknown }[]; problems: readonly unknown[] } =
        JSON.parse(stdout);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        plugins.filter(({ builtIn }) => !builtIn).map(({ name, file }) => [name, file]),
        [['greet', 'plugins/greet.ts']],
      );
      assert.ok(plugins.some(({ name, builtIn }) => name === 'shell' && builtIn));
    });
  });

  it('names broken ones with the reason, beside the others, and exits with 2', async () => {
    await withProject(
      { ...files, 'plugins/bad.ts': 'throw new Error("no good");', 'plugins/empty.ts': 'export const a = 1;' },
      async (project) => {
        const { exitCode, stdout, stderr } = await project.run(['plugins']);
        assert.equal(exitCode, 2);
        assert.match(stdout, /greet/);
        assert.match(stderr, /plugins\/bad\.ts[\s\S]*no good/);
        assert.match(stderr, /plugins\/empty\.ts/);
        const json = await project.run(['plugins', '--json']);
        assert.equal(json.exitCode, 2);
        const run = await project.run(['nightly']);
        assert.equal(run.exitCode, 0);
        assert.equal(run.stderr, 'treadle: a plugin that no step uses is broken: plugins/bad.ts:1:7: no good\n');
        assert.deepEqual(
          JSON.parse(json.stdout)
            .problems.map(({ code }: { code: string }) => code)
            .sort(),
          ['E_PLUGIN_INVALID', 'E_PLUGIN_LOAD'],
        );
      },
    );
  });

  it('works before there is a pipeline file', async () => {
    await withProject({ 'plugins/greet.ts': files['plugins/greet.ts'] }, async (project) => {
      const { exitCode, stdout } = await project.run(['plugins']);
      assert.equal(exitCode, 0);
      assert.match(stdout, /greet/);
    });
  });
});

describe('code that was compiled to CommonJS', () => {
  it('gives plugins, pipelines and reporters as ES modules do', async () => {
    const compiled = (body: string): string =>
      `'use strict';\nObject.defineProperty(exports, '__esModule', { value: true });\nconst treadle = require('treadle');\n${body}`;
    const project = {
      'package.json': '{ "type": "commonjs", "dependencies": { "treadle-plugin-far": "1" } }',
      'node_modules/treadle-plugin-far/package.json': '{ "name": "treadle-plugin-far", "version": "1.0.0", "main": "index.js" }',
      'node_modules/treadle-plugin-far/index.js': compiled(
        'exports.default = treadle.definePlugin({ run({ results }) { results.far = 1; } });',
      ),
      'plugins/near.js': compiled('exports.default = treadle.definePlugin({ run({ results }) { results.near = 2; } });'),
      'reporter.js': compiled(`exports.default = treadle.defineReporter((output) => ({
        onEvent(event) { if (event.type === 'run:end') output.write(JSON.stringify(event.results)); },
        close() {},
      }));`),
      'treadle.config.js': compiled(`exports.default = treadle.definePipeline([
        treadle.step('far', { uses: 'far' }),
        treadle.step('near', { uses: 'near' }),
        treadle.step('function', ({ results }) => { results.sum = results.far + results.near; }),
      ]);`),
    };
    await withProject(project, async ({ run }) => {
      const { stdout, stderr } = await run(['--reporter', './reporter.js']);
      assert.equal(stderr, '');
      assert.equal(stdout, '{"far":1,"near":2,"sum":3}');
    });
  });
});

describe('treadle new plugin', () => {
  it('writes a plugin that runs', async () => {
    await withProject(
      {
        'treadle.config.ts': `import { definePipeline, step } from 'treadle';\nexport default definePipeline([step('hi', { uses: 'check-links', with: { who: 'you' } })]);`,
      },
      async (project) => {
        const made = await project.run(['new', 'plugin', 'check-links']);
        assert.equal(made.exitCode, 0, made.stderr);
        assert.match(made.stdout, /wrote +plugins\/check-links\.ts/);
        const trial = /treadle --config (\S+)/.exec(made.stdout)?.[1];
        assert.ok(trial !== undefined);
        assert.equal((await project.run(['--config', trial])).exitCode, 0, 'what it says to try works');
        assert.equal((await project.run([])).exitCode, 0, 'and so does using it');
        const again = await project.run(['new', 'plugin', 'check-links']);
        assert.equal(again.exitCode, 2);
        assert.match(again.stderr, /exists already/);
      },
    );
  });

  it('refuses a name that cannot be one', async () => {
    await withProject({}, async (project) => {
      const { exitCode, stderr } = await project.run(['new', 'plugin', '../up']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /"\.\.\/up"/);
    });
  });
});

describe('a project in a folder whose name has a line break', () => {
  it('has places in its errors, on threads, inline, in test cases and while it is loaded', async function () {
    // Windows has no such names.
    if (process.platform === 'win32') this.skip();
    const folder = 'line\nbreak (and more)';
    const broken = {
      [`${folder}/treadle.config.js`]: `import { definePipeline, step } from 'treadle';
import { fail } from './lib/a b.js';
export default definePipeline([
  step('thread', () => fail()),
  step('inline', () => { throw new Error('inline'); }, { executor: 'inline' }),
  step('tests', async (context) => { await context.test('case', () => fail()); }),
], { failFast: false });`,
      [`${folder}/lib/a b.js`]: `export const fail = () => {\n  throw new Error('thread');\n};`,
      [`${folder}/other.js`]: `\nthrow new Error('while it is loaded');`,
    };
    await withProject(broken, async (project) => {
      const { events } = await project.run(['run', '--reporter', 'ndjson'], { cwd: folder });
      const places = Object.fromEntries(
        events.flatMap((event) => {
          if (event.type === 'step:end' && event.error?.location !== undefined) return [[event.id, event.error.location]];
          return event.type === 'step:test' ? [[event.name, event.location]] : [];
        }),
      );
      const inLib = { file: 'lib/a b.js', line: 2, column: 9 };
      assert.deepEqual(places, { thread: inLib, inline: { file: 'treadle.config.js', line: 5, column: 32 }, case: inLib });
      const { stdout } = await project.run(['run', '--reporter', 'line'], { cwd: folder });
      assert.match(stdout, /lib\/a b\.js:2:9\n[^]*\n {2}at treadle\.config\.js:4:24\n/);
      const { stderr } = await project.run(['list', '--config', 'other.js'], { cwd: folder });
      assert.match(stderr, /^E_CONFIG_LOAD other\.js:2:7: while it is loaded\n/);
    });
  });
});
