import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, describe, it } from 'mocha';
import { discoverPlugins } from '../../../core/plugins/discover.ts';
import { loadModule } from '../../../core/plugins/load-module.ts';
import { type PluginRegistry, compilePlugins, loadPlugins } from '../../../core/plugins/registry.ts';
import { makeProject, removeProjects } from '../../support/project.ts';

const plugin = (extra = ''): string => `import { definePlugin } from 'treadle';\nexport default definePlugin({ ${extra} run: () => 1 });\n`;

async function load(root: string, configured?: readonly string[]): Promise<PluginRegistry> {
  return loadPlugins(await compilePlugins(root, configured));
}

const names = (registry: PluginRegistry): readonly string[] => registry.plugins.map(({ name }) => name).toSorted();
const messages = (errors: readonly Error[]): readonly string[] => errors.map(({ message }) => message);

describe('discoverPlugins', () => {
  after(removeProjects);

  const found = (root: string, configured?: readonly string[]): readonly string[] =>
    discoverPlugins(root, configured)
      .entries.map(({ name, shown }) => `${name} = ${shown}`)
      .toSorted();

  it('takes files and folders, and leaves tests, declarations and hidden ones', () => {
    const root = makeProject({
      'plugins/a.ts': '',
      'plugins/b.mts': '',
      'plugins/c.js': '',
      'plugins/d.mjs': '',
      'plugins/a.test.ts': '',
      'plugins/a.spec.js': '',
      'plugins/types.d.ts': '',
      'plugins/_shared.ts': '',
      'plugins/.hidden.ts': '',
      'plugins/README.md': '',
      'plugins/e/index.ts': '',
      'plugins/f/package.json': `{ "exports": { ".": { "types": "./t.d.ts", "import": "./lib/f.js" } } }`,
      'plugins/f/lib/f.js': '',
      'plugins/g/package.json': `{ "main": "lib/g" }`,
      'plugins/g/lib/g.ts': '',
      'plugins/templates/page.html': '',
      'plugins/node_modules/x/index.js': '',
      'elsewhere/h.ts': '',
    });
    const own = ['a = plugins/a.ts', 'b = plugins/b.mts', 'c = plugins/c.js', 'd = plugins/d.mjs'];
    assert.deepEqual(found(root), [...own, 'e = plugins/e/index.ts', 'f = plugins/f/lib/f.js', 'g = plugins/g/lib/g.ts']);
    assert.deepEqual(found(root, ['./elsewhere/']), ['h = elsewhere/h.ts']);
    assert.deepEqual(found(root, []), []);
  });

  it('takes packages called treadle-plugin-… that package.json lists, and those that are named', () => {
    const files = (name: string): Record<string, string> => ({
      [`node_modules/${name}/package.json`]: `{ "name": "${name}", "exports": "./index.js" }`,
      [`node_modules/${name}/index.js`]: '',
    });
    const root = makeProject({
      'package.json': `{ "devDependencies": { "treadle-plugin-one": "1", "other": "1" }, "dependencies": { "@acme/treadle-plugin-two": "1" } }`,
      ...files('treadle-plugin-one'),
      ...files('@acme/treadle-plugin-two'),
      ...files('treadle-plugin-unlisted'),
      ...files('other'),
    });
    assert.deepEqual(found(root), ['one = treadle-plugin-one', 'two = @acme/treadle-plugin-two']);
    assert.deepEqual(found(root, ['other']), ['one = treadle-plugin-one', 'other = other', 'two = @acme/treadle-plugin-two']);
  });

  it('finds a package that a folder above installed', () => {
    const root = makeProject({
      'node_modules/treadle-plugin-one/index.js': '',
      'packages/shop/package.json': `{ "dependencies": { "treadle-plugin-one": "1" } }`,
    });
    assert.deepEqual(found(join(root, 'packages/shop')), ['one = treadle-plugin-one']);
  });

  it('does without the default folder, and insists on a configured one', () => {
    const root = makeProject({});
    assert.deepEqual(discoverPlugins(root, undefined), { entries: [], broken: [], faults: [] });
    const { faults } = discoverPlugins(root, ['plugins']);
    assert.deepEqual(messages(faults), ['plugins: "plugins" is neither a folder of the project nor an installed package.']);
  });

  it('does not leave the project, nor a folder of plugins', () => {
    const root = makeProject({ 'project/plugins/a.ts': '', 'outside/b.ts': '', 'project/lib/c.ts': '' });
    const project = join(root, 'project');
    symlinkSync(join(root, 'outside'), join(project, 'linked'));
    symlinkSync(join(project, 'lib/c.ts'), join(project, 'plugins/c.ts'));
    symlinkSync(join(project, 'gone.ts'), join(project, 'plugins/gone.ts'));
    const { entries, broken, faults } = discoverPlugins(project, ['../outside', 'linked', join(root, 'outside'), 'plugins']);
    assert.deepEqual(
      entries.map(({ shown }) => shown),
      ['plugins/a.ts'],
    );
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['E_PATH_OUTSIDE', 'E_PATH_OUTSIDE', 'E_PATH_OUTSIDE'],
    );
    assert.deepEqual(
      broken.map(({ name, error }) => [name, error.code, error.message]),
      [['c', 'E_PATH_OUTSIDE', 'plugins/c.ts leads out of its folder of plugins, to lib/c.ts.']],
    );
  });

  it('says which package has no entry, and which is not installed', () => {
    const root = makeProject({
      'package.json': `{ "dependencies": { "treadle-plugin-gone": "1", "treadle-plugin-empty": "1" } }`,
      'node_modules/treadle-plugin-empty/package.json': `{ "main": "./dist/index.js" }`,
    });
    const { broken } = discoverPlugins(root, undefined);
    assert.deepEqual(
      broken.map(({ name }) => name),
      ['empty', 'gone'],
    );
    assert.match(broken[0]?.error.message ?? '', /names \.\/dist\/index\.js, and there is no such file/);
    assert.match(broken[1]?.error.message ?? '', /treadle-plugin-gone is listed in package\.json and not installed/);
  });
});

describe('the registry', () => {
  after(removeProjects);

  it('loads plugins of every form, with their names', async () => {
    const root = makeProject({
      'plugins/from-file.ts': plugin(`description: 'By file',`),
      'plugins/renamed.ts': plugin(`name: 'better',`),
      'plugins/classy.ts': `import { PipelineStep } from 'treadle';
        export default class extends PipelineStep { readonly id = 'x'; run() { return 1; } }`,
      'package.json': `{ "dependencies": { "treadle-plugin-pack": "1", "treadle-plugin-old": "1" } }`,
      'node_modules/treadle-plugin-pack/package.json': `{ "type": "module", "exports": "./index.js" }`,
      'node_modules/treadle-plugin-pack/index.js': plugin(),
      'node_modules/treadle-plugin-old/index.js': `module.exports = require('treadle').definePlugin({ run: () => 1 });`,
    });
    const registry = await load(root);
    assert.deepEqual(messages(registry.problems), []);
    assert.deepEqual(names(registry), ['better', 'classy', 'from-file', 'old', 'pack']);
    const own = registry.get('from-file');
    assert.equal(own?.file, 'plugins/from-file.ts');
    assert.equal(own?.description, 'By file');
    assert.equal(own?.implementation.name, 'from-file');
    assert.equal(own?.builtIn, false);
    assert.ok(own !== undefined && registry.owner(own.implementation) === own);
    assert.match(own.module, /\.treadle\/compiled\/from-file-[0-9a-f]{16}\.mjs$/);
    assert.deepEqual(own.inputs, [join(root, 'plugins/from-file.ts')]);
  });

  it('reports each broken plugin with file and reason, and keeps the others', async () => {
    const root = makeProject({
      'plugins/good.ts': plugin(),
      'plugins/syntax.ts': 'export default {;\n',
      'plugins/throws.ts': `import './_deep.ts';\nexport default 1;\n`,
      'plugins/_deep.ts': `\nconst table: Record<string, string> = {};\nif (Object.keys(table).length === 0) throw new RangeError('no tables');\n`,
      'plugins/throws-null.ts': 'throw null;\n',
      'plugins/nothing.ts': 'export const x = 1;\n',
      'plugins/wrong.ts': 'export default { run() {} };\n',
      'plugins/misused.ts': `import { definePlugin } from 'treadle';\n\nexport default definePlugin({ name: '' } as never);\n`,
      'plugins/missing-export.ts': `import { readFil } from 'node:fs';\nexport default readFil;\n`,
    });
    const registry = await load(root);
    assert.deepEqual(names(registry), ['good']);
    const problem = (name: string): string => {
      const error = registry.problemOf(name);
      return `${error?.code} ${error?.message}`;
    };
    assert.match(problem('syntax'), /^E_PLUGIN_LOAD plugins\/syntax\.ts:1:17: /);
    assert.equal(problem('throws'), 'E_PLUGIN_LOAD plugins/_deep.ts:3:44: RangeError: no tables');
    assert.deepEqual(registry.problemOf('throws')?.location, { file: 'plugins/_deep.ts', line: 3, column: 44 });
    assert.equal(problem('throws-null'), 'E_PLUGIN_LOAD plugins/throws-null.ts: it threw null while loading');
    assert.equal(problem('nothing'), 'E_PLUGIN_INVALID plugins/nothing.ts: it has no default export.');
    assert.equal(problem('wrong'), 'E_PLUGIN_INVALID plugins/wrong.ts: its default export is no plugin.');
    assert.equal(problem('misused'), 'E_PLUGIN_INVALID plugins/misused.ts:3:16: definePlugin needs an object with a run function.');
    assert.match(problem('missing-export'), /^E_PLUGIN_LOAD plugins\/missing-export\.ts(:1:\d+)?: SyntaxError: .*readFil/);
    assert.equal(registry.problems.length, 7);
    assert.deepEqual(registry.faults, []);
  });

  it('does not wait for ever for a module', async () => {
    const root = makeProject({ 'main.mjs': 'await new Promise(() => {});' });
    const file = join(root, 'main.mjs');
    const request = { root, file, url: pathToFileURL(file).href, errorCode: 'E_PLUGIN_LOAD', limitMs: 30 } as const;
    await assert.rejects(loadModule(request), { code: 'E_PLUGIN_LOAD', message: 'main.mjs has not finished loading after 0.03 s.' });
  });

  it('names both files when names clash', async () => {
    const root = makeProject({
      'plugins/lint.ts': plugin(),
      'plugins/lint/index.ts': plugin(),
      'plugins/other.ts': plugin(`name: 'lint',`),
    });
    const registry = await load(root);
    assert.deepEqual(messages(registry.faults), [
      '"lint" is defined by plugins/lint.ts and plugins/lint/index.ts.',
      '"lint" is defined by plugins/lint.ts and plugins/other.ts.',
    ]);
    assert.ok(registry.faults.every(({ code, hint }) => code === 'E_PLUGIN_DUPLICATE' && hint !== undefined));
  });

  it('does not let a plugin take the name of a built-in one', async () => {
    const registry = await load(makeProject({ 'plugins/shell.ts': plugin() }));
    assert.deepEqual(messages(registry.faults), ['"shell" is built into Treadle and also defined by plugins/shell.ts.']);
    assert.equal(registry.get('shell'), undefined);
    assert.ok(registry.names.includes('wait-for'));
  });

  it('knows the names of built-in plugins, and loads them when asked', async () => {
    const registry = await load(makeProject({ 'plugins/lint.ts': plugin() }));
    const builtIn = ['shell', 'http', 'wait-for', 'service', 'tests', 'assert'];
    assert.deepEqual(registry.names, ['lint', ...builtIn]);
    assert.deepEqual(names(registry), ['lint']);
    await Promise.all([registry.loadBuiltIns(), registry.loadBuiltIns()]);
    assert.deepEqual(
      registry.plugins.filter((found) => found.builtIn).map(({ name }) => name),
      builtIn,
    );
    const waitFor = registry.get('wait-for');
    assert.match(waitFor?.module ?? '', /#waitFor$/);
    assert.ok(waitFor !== undefined && registry.owner(waitFor.implementation) === waitFor);
    const schema = registry.get('shell')?.optionsSchema;
    assert.ok(schema === undefined || typeof schema === 'object');
  });
});
