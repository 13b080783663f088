import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { addFiles, makeProject, removeProjects } from '../support/project.ts';

const repository = resolve(import.meta.dirname, '../..');

/** What a person writes in the first minutes. */
const firstProject = {
  'plugins/greet.ts': `import { definePlugin } from 'treadle';
import * as v from 'valibot';

export default definePlugin({
  options: v.object({ who: v.optional(v.string(), 'world') }),
  run(context, { who }) {
    context.results.greeting = \`hello \${who}\`;
  },
});
`,
  'treadle.config.ts': `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
import greet from './plugins/greet.ts';

export default definePipeline([
  [shell('shell', 'echo from a shell'), greet('greet', { who: 'you' }), step('by-name', { uses: 'greet' })],
  step('summary', (context) => context.log('the greeting is', String(context.results.greeting).toUpperCase())),
]);
`,
  'engine.mjs': `import { createEngine } from 'treadle';

const engine = await createEngine();
const { status, results } = await engine.start({ only: ['greet'] }).result;
console.log(status, results.greeting);
await engine.close();
`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, allowImportingTsExtensions: true, types: [] },
    exclude: ['node_modules', '.treadle'],
  }),
};

describe('the packed package, installed in an empty project', function () {
  this.timeout(180_000);
  let root = '';
  let tarball = '';

  before(() => {
    root = makeProject({ 'package.json': '{ "name": "first", "version": "1.0.0", "private": true, "type": "module" }\n' });
    // Without scripts: the package is built already, and being tested.
    npm(repository, 'pack', '--silent', '--ignore-scripts', '--pack-destination', root);
    tarball = readdirSync(root).find((name) => name.endsWith('.tgz')) ?? '';
    npm(root, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--save-dev', `./${tarball}`, 'valibot');
    addFiles(root, firstProject);
  });
  after(removeProjects);

  it('holds what users need, and nothing else', () => {
    const files = execFileSync('tar', ['-tzf', join(root, tarball)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const others = files.filter((file) => !/^package\/(?:dist\/.+|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file));
    assert.deepEqual(others, []);
    const needed = [
      'dist/bin.cjs',
      'dist/index.js',
      'dist/types/core/index.d.ts',
      'dist/schema/pipeline.json',
      'dist/THIRD-PARTY-NOTICES.txt',
      'LICENSE',
    ];
    assert.deepEqual(
      needed.filter((file) => !files.includes(`package/${file}`)),
      [],
    );
  });

  it('runs a pipeline of plugins, commands and functions', () => {
    const { status, stdout, stderr } = npx(root, 'treadle', '--reporter', 'ndjson');
    assert.equal(status, 0, stdout + stderr);
    const events = stdout
      .trim()
      .split('\n')
      .map((line): { type: string; id?: string; status?: string; text?: string } => JSON.parse(line));
    assert.deepEqual(
      events
        .filter(({ type }) => type === 'step:end')
        .map(({ id, status: ended }) => `${id} ${ended}`)
        .toSorted(),
      ['by-name passed', 'greet passed', 'shell passed', 'summary passed'],
    );
    // The later of two siblings wins.
    assert.ok(events.some(({ type, text }) => type === 'step:output' && text?.includes('the greeting is HELLO WORLD')));
  });

  it('runs inside a program', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['engine.mjs'], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^passed hello you$/m);
  });

  it('has types that fit', () => {
    const { status, stdout } = spawnSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', root], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout);
  });

  it('says where a mistake is, and exits with 2', () => {
    addFiles(root, { 'wrong.config.ts': firstProject['treadle.config.ts'].replace("who: 'you'", 'who: 1') });
    const { status, stderr } = npx(root, 'treadle', '--config', 'wrong.config.ts');
    assert.equal(status, 2, stderr);
    assert.match(stderr, /E_PLUGIN_OPTIONS[^]*who[^]*wrong\.config\.ts:6/);
  });

  it('names the module that an import was meant to be of', () => {
    const source = firstProject['treadle.config.ts'];
    for (const [name, module] of [
      ['step', 'treadle'],
      ['shell', 'treadle/plugins'],
    ] as const) {
      addFiles(root, { 'wrong.config.ts': source.replaceAll(new RegExp(`\\b${name}\\b(?! ?')`, 'g'), `${name}x`) });
      const { status, stderr } = npx(root, 'treadle', '--config', 'wrong.config.ts');
      assert.equal(status, 2, stderr);
      assert.ok(stderr.includes(`The requested module '${module}' does not provide an export named '${name}x'`), stderr);
    }
  });

  it('writes a plugin whose test passes', () => {
    const { status, stdout, stderr } = npx(root, 'treadle', 'new', 'plugin', 'count-words');
    assert.equal(status, 0, stdout + stderr);
    const run = spawnSync(process.execPath, ['--test', 'test/plugins/count-words.test.ts'], {
      cwd: root,
      encoding: 'utf8',
      env: environment(),
    });
    assert.equal(run.status, 0, run.stdout + run.stderr);
  });
});

/** The Node that runs this test is the one that npm and the package are to use. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return { ...env, PATH: `${dirname(process.execPath)}${delimiter}${env['PATH']}` };
}

function npm(cwd: string, ...args: readonly string[]): void {
  execFileSync('npm', args, { cwd, env: environment(), stdio: ['ignore', 'ignore', 'inherit'] });
}

function npx(cwd: string, ...args: readonly string[]) {
  return spawnSync('npx', ['--no', '--', ...args], { cwd, env: environment(), encoding: 'utf8' });
}
