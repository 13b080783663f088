import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withProject } from '../support/cli.ts';

const config = `
  import { definePipeline, step } from 'treadle';
  export default definePipeline([step('a', () => {}), step('b', () => { throw new Error('no'); })], { name: 'ci' });
`;

const lister = `
  import { defineReporter } from 'treadle';
  import { mark } from './mark.ts';
  export default defineReporter((output, options) => {
    const ended: string[] = [];
    return {
      onEvent(event) {
        if (event.type === 'step:end') ended.push(mark(event.id) + ' ' + event.status);
      },
      async close() {
        await Promise.resolve();
        output.write(ended.join('\\n') + '\\nin ' + options.cwd + '\\n');
      },
    };
  });
`;

const files = {
  'treadle.config.ts': config,
  'tools/lister.ts': lister,
  'tools/mark.ts': 'export const mark = (id: string): string => `<${id}>`;\n',
};

describe('reporters of one’s own', () => {
  it('are files, beside built-in ones, to standard output or to a file', async () => {
    await withProject(files, async (project) => {
      const alone = await project.run(['--reporter', './tools/lister.ts']);
      assert.equal(alone.exitCode, 1, alone.stderr);
      assert.equal(alone.stdout, `<a> passed\n<b> failed\nin ${project.root}\n`);
      const both = await project.run(['--reporter', 'tap', '--reporter', './lister.ts=../out/list.txt'], { cwd: 'tools' });
      assert.equal(both.exitCode, 1, both.stderr);
      assert.match(both.stdout, /^TAP version 14\n/);
      assert.match(await project.read('out/list.txt'), /^<a> passed\n<b> failed\n/);
    });
  });

  it('may lie outside of the project, as in a repository of several', async () => {
    const { 'treadle.config.ts': own, ...tools } = files;
    await withProject({ 'packages/shop/treadle.config.ts': own, ...tools }, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['--reporter', '../../tools/lister.ts'], { cwd: 'packages/shop' });
      assert.equal(exitCode, 1, stderr);
      assert.match(stdout, /^<a> passed\n/);
    });
  });

  it('are packages, by their name or what follows treadle-reporter-, and classes', async () => {
    const reporter = `
      export default class {
        constructor(output) { this.output = output; }
        onEvent(event) { if (event.type === 'run:end') this.output.write('the run ' + event.status + '\\n'); }
      }
    `;
    const packages = {
      'node_modules/treadle-reporter-short/package.json': '{ "name": "treadle-reporter-short", "type": "module", "exports": "./main.js" }',
      'node_modules/treadle-reporter-short/main.js': reporter,
      'node_modules/@acme/treadle-reporter-terse/package.json':
        '{ "name": "@acme/treadle-reporter-terse", "type": "module", "main": "index.js" }',
      'node_modules/@acme/treadle-reporter-terse/index.js': reporter,
    };
    await withProject({ ...files, ...packages }, async (project) => {
      for (const name of ['treadle-reporter-short', 'short', '@acme/treadle-reporter-terse', '@acme/terse']) {
        const { stdout, stderr } = await project.run(['--reporter', name]);
        assert.equal(stdout, 'the run failed\n', `${name}: ${stderr}`);
      }
    });
  });

  it('that are not there, or are no reporters, are said to be so before anything runs', async () => {
    const broken = {
      'syntax.ts': 'export default (\n',
      'nothing.ts': 'export const a = 1;\n',
      'text.ts': "export default 'hello';\n",
      'empty.ts': 'export default () => ({});\n',
      'throws.ts': "export default () => { throw new Error('no token'); };\n",
      'node_modules/treadle-reporter-hollow/package.json': '{ "name": "treadle-reporter-hollow" }',
    };
    await withProject({ ...files, ...broken }, async (project) => {
      const expected: readonly (readonly [spec: string, message: RegExp])[] = [
        ['./missing.ts', /E_USAGE There is no file \.\/missing\.ts to report with\./],
        ['short', /E_USAGE There is no reporter "short"\.[^]*treadle-reporter-NAME/],
        ['juni', /Did you mean "junit"\?/],
        ['hollow', /E_PLUGIN_LOAD The package treadle-reporter-hollow has no entry/],
        ['./syntax.ts', /E_PLUGIN_LOAD syntax\.ts:\d+:\d+: /],
        ['./nothing.ts', /E_PLUGIN_INVALID The reporter \.\/nothing\.ts cannot be used: it has no default export\.[^]*defineReporter/],
        ['./text.ts', /E_PLUGIN_INVALID .* its default export is no function/],
        ['./empty.ts', /E_PLUGIN_INVALID .* what it makes has no onEvent function/],
        ['./throws.ts', /E_PLUGIN_LOAD The reporter \.\/throws\.ts could not start: no token/],
        ['./tools/lister.ts=', /E_USAGE --reporter \.\/tools\/lister\.ts= names no file/],
      ];
      for (const [spec, message] of expected) {
        const { exitCode, stdout, stderr } = await project.run(['--reporter', spec, '--reporter', 'ndjson=events.ndjson']);
        assert.deepEqual([exitCode, stdout], [2, ''], `${spec}: ${stderr}`);
        assert.match(stderr, message);
        assert.doesNotMatch(stderr, /\n {4}at /);
      }
    });
  });

  it('that fail later are left out with a warning, and decide on nothing', async () => {
    const failing = {
      'throws.ts': "export default () => ({ onEvent(event) { if (event.type === 'step:end') throw new Error('oh'); } });\n",
      'rejects.ts': "export default () => ({ async onEvent(event) { if (event.type === 'step:end') throw new Error('oh no'); } });\n",
      'closes.ts': "export default () => ({ onEvent() {}, async close() { throw new Error('no room'); } });\n",
    };
    await withProject({ ...files, ...failing }, async (project) => {
      for (const [file, message] of [
        ['throws.ts', 'oh'],
        ['rejects.ts', 'oh no'],
        ['closes.ts', 'no room'],
      ]) {
        const { exitCode, stdout, stderr } = await project.run([
          '--reporter',
          `./${file}=${file}.txt`,
          '--reporter',
          'ndjson',
          '--only',
          'a',
        ]);
        assert.equal(exitCode, 0, stderr);
        assert.equal(stderr, `treadle: the reporter "./${file}" failed and was left out: ${message}\n`);
        assert.match(stdout, /"type":"run:end"/);
      }
    });
  });

  it('that never finish do not hold up the run', async () => {
    const endless = {
      'waits.ts': 'export default () => ({ onEvent() {}, close: () => new Promise(() => setInterval(() => {}, 1000)) });\n',
    };
    await withProject({ ...files, ...endless }, async (project) => {
      const { exitCode, stderr } = await project.run(['--reporter', './waits.ts', '--only', 'a']);
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /the reporter "\.\/waits\.ts" failed and was left out: it has not finished within 10 s\./);
    });
  }).timeout(60_000);

  it('are listed with the plugins when they are packages, also those of the folders above', async () => {
    const reporter = 'throw new Error("listing loads no reporter");';
    const project = {
      'shop/treadle.config.ts': config,
      'shop/node_modules/treadle-reporter-short/package.json': '{ "description": "In short", "exports": "./main.js" }',
      'shop/node_modules/treadle-reporter-short/main.js': reporter,
      'node_modules/@acme/treadle-reporter-terse/package.json': '{ "main": "index.js" }',
      'node_modules/@acme/treadle-reporter-terse/index.js': reporter,
    };
    await withProject(project, async ({ run, write, path }) => {
      const { exitCode, stdout, stderr } = await run(['plugins'], { cwd: 'shop' });
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /Installed reporters\n {2}@acme\/terse +\S*index\.js\n {2}short +In short\n/);
      const { reporters }: { reporters: unknown } = JSON.parse((await run(['plugins', '--json'], { cwd: 'shop' })).stdout);
      assert.deepEqual(reporters, [
        { name: '@acme/terse', package: '@acme/treadle-reporter-terse', file: path('node_modules/@acme/treadle-reporter-terse/index.js') },
        {
          name: 'short',
          package: 'treadle-reporter-short',
          description: 'In short',
          file: path('shop/node_modules/treadle-reporter-short/main.js'),
        },
      ]);
      await write('node_modules/treadle-reporter-hollow/package.json', '{}');
      const broken = await run(['plugins'], { cwd: 'shop' });
      assert.equal(broken.exitCode, 2);
      assert.match(broken.stderr, /The package treadle-reporter-hollow has no entry/);
    });
  });
});
