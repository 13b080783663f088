import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { after, describe, it } from 'mocha';
import { TreadleError } from '../../../core/contract/errors.ts';
import { type CompiledModule, compileModule, stopCompiler } from '../../../core/plugins/compile.ts';
import { importModule } from '../../../core/plugins/import-module.ts';
import { addFiles, makeProject, removeProjects } from '../../support/project.ts';

function compile(root: string, entry = 'main.ts', plugins?: ReadonlyMap<string, CompiledModule>): Promise<CompiledModule> {
  return compileModule({ root, entry: join(root, entry), errorCode: 'E_CONFIG_LOAD', ...(plugins === undefined ? {} : { plugins }) });
}

async function valueOf(files: Readonly<Record<string, string>>, entry = 'main.ts'): Promise<unknown> {
  const root = makeProject(files);
  return (await importModule((await compile(root, entry)).url))['default'];
}

describe('compileModule', () => {
  after(removeProjects);

  describe('what project code may use', () => {
    it('TypeScript that Node itself refuses: enums, parameter properties, namespaces', async () => {
      const value = await valueOf({
        'main.ts': `enum Colour { red = 'r', blue = 'b' }
          class Point { constructor(readonly x: number) {} }
          namespace Deep { export const value = 7; }
          export default [Colour.blue, new Point(3).x, Deep.value];`,
      });
      assert.deepEqual(value, ['b', 3, 7]);
    });

    it('sibling files with and without extension, JSON, and paths of tsconfig.json', async () => {
      const value = await valueOf({
        'tsconfig.json': `{ "extends": "./base.json", // comments are allowed
          "compilerOptions": {} }`,
        'base.json': `{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }`,
        'lib/aliased.ts': `export const aliased: string = 'aliased';`,
        'lib/plain.js': `export const plain = 'plain';`,
        'near.ts': `export const near = 'near';`,
        'data.json': `{ "answer": 42 }`,
        'main.ts': `import { aliased } from '@lib/aliased';
          import { plain } from '@lib/plain';
          import { near } from './near';
          import { near as again } from './near.ts';
          import data from './data.json' with { type: 'json' };
          export default [aliased, plain, near === again, data.answer];`,
      });
      assert.deepEqual(value, ['aliased', 'plain', true, 42]);
    });

    it('CommonJS files of its own, which see their own place', async () => {
      const root = makeProject({
        'lib/old.cjs': `#!/usr/bin/env node\n'use strict';\nconst path = require('node:path');
          module.exports = { name: path.basename(__filename), folder: path.basename(__dirname), fake: require('fake-cjs').kind };`,
        'node_modules/fake-cjs/package.json': `{ "name": "fake-cjs", "version": "1.0.0", "main": "lib.js" }`,
        'node_modules/fake-cjs/lib.js': `exports.kind = 'cjs';`,
        'main.ts': `import old from './lib/old.cjs';
          import { createRequire } from 'node:module';
          const require = createRequire(import.meta.url);
          export default { ...old, required: require('fake-cjs').kind };`,
      });
      const { url } = await compile(root);
      assert.deepEqual((await importModule(url))['default'], { name: 'old.cjs', folder: 'lib', fake: 'cjs', required: 'cjs' });
    });

    it('without what only CommonJS needs, where there is none', async () => {
      const root = makeProject({ 'main.ts': `export default (): never => { throw new Error('here'); };` });
      const { url } = await compile(root);
      assert.doesNotMatch(readFileSync(fileURLToPath(url), 'utf8'), /createRequire/);
      const { default: fails } = await importModule(url);
      assert.throws(
        () => typeof fails === 'function' && fails(),
        ({ stack }: Error) => stack?.includes('main.ts:1:37') ?? false,
      );
    });

    it('import.meta of each source file, not of the compiled one', async () => {
      const root = makeProject({
        'lib/with space#1/where.ts': `export const where = [import.meta.url, import.meta.filename, import.meta.dirname, import.meta.resolve('./x.txt')];`,
        'main.ts': `import { where } from './lib/with space#1/where.ts';
          export default { where, here: import.meta.filename, dir: __dirname, text: 'import.meta.url' };`,
      });
      const folder = join(root, 'lib/with space#1');
      assert.deepEqual((await importModule((await compile(root)).url))['default'], {
        where: [pathToFileURL(join(folder, 'where.ts')).href, join(folder, 'where.ts'), folder, pathToFileURL(join(folder, 'x.txt')).href],
        here: join(root, 'main.ts'),
        dir: root,
        text: 'import.meta.url',
      });
    });
  });

  describe('packages', () => {
    const dual = (name: string, mark: string): Record<string, string> => ({
      [`${name}/package.json`]: `{ "name": "dual", "version": "1.0.0", "exports": { "import": "./index.mjs", "require": "./index.cjs" } }`,
      [`${name}/index.mjs`]: `export const form = 'esm'; export const mark = '${mark}'; globalThis.loads = (globalThis.loads ?? 0) + 1;`,
      [`${name}/index.cjs`]: `exports.form = 'cjs'; exports.mark = '${mark}';`,
    });

    it('come as the file that Node would import or require, from where the source lies', async () => {
      const root = makeProject({
        ...dual('node_modules/dual', 'root'),
        ...dual('tools/node_modules/dual', 'tools'),
        'tools/tool.ts': `export { form, mark } from 'dual';`,
        'tools/old.cjs': `module.exports = require('dual');`,
        'main.ts': `import * as own from 'dual'; import * as tool from './tools/tool.ts'; import old from './tools/old.cjs';
          export default [own.form, own.mark, tool.form, tool.mark, old.form, old.mark];`,
      });
      const { url, inputs } = await compile(root);
      assert.deepEqual((await importModule(url))['default'], ['esm', 'root', 'esm', 'tools', 'cjs', 'tools']);
      assert.ok(inputs.includes(join(root, 'tools/tool.ts')));
      assert.ok(!inputs.some((file) => file.endsWith('index.mjs')), 'packages are not bundled');
    });

    it('that hold TypeScript or JSON are bundled, as Node cannot import those', async () => {
      const value = await valueOf({
        'node_modules/typed/package.json': `{ "name": "typed", "version": "1.2.3", "exports": { ".": "./index.ts", "./package.json": "./package.json" } }`,
        'node_modules/typed/index.ts': `enum Kind { typed = 'typed' } export const kind: Kind = Kind.typed;`,
        'main.ts': `import { kind } from 'typed'; import manifest from 'typed/package.json'; export default [kind, manifest.version];`,
      });
      assert.deepEqual(value, ['typed', '1.2.3']);
    });

    it('of the same workspace, which are linked, are compiled as what they are: sources that change', async () => {
      const root = makeProject({
        'lib/package.json': `{ "name": "@acme/lib", "version": "1.0.0", "type": "module", "main": "first.js" }`,
        'lib/first.js': `import { part } from './part.js'; export default [part, import.meta.dirname.endsWith('lib')];`,
        'lib/part.js': `export const part = 1;`,
        'lib/second.cjs': `module.exports = [require('node:path').basename(__dirname)];`,
        'app/main.ts': `import value from '@acme/lib'; export default value;`,
      });
      addFiles(root, { 'app/node_modules/@acme/.keep': '' });
      symlinkSync(join(root, 'lib'), join(root, 'app/node_modules/@acme/lib'));
      const compiled = async (): Promise<readonly [unknown, readonly string[]]> => {
        const { url, inputs } = await compileModule({
          root: join(root, 'app'),
          entry: join(root, 'app/main.ts'),
          errorCode: 'E_CONFIG_LOAD',
        });
        return [(await importModule(url))['default'], inputs];
      };
      const [first, inputs] = await compiled();
      assert.deepEqual(first, [1, true]);
      for (const file of ['lib/part.js', 'lib/first.js', 'lib/package.json']) assert.ok(inputs.includes(join(root, file)), file);
      addFiles(root, { 'lib/part.js': `export const part = 22;` });
      assert.deepEqual((await compiled())[0], [22, true]);
      addFiles(root, { 'lib/package.json': `{ "name": "@acme/lib", "version": "1.0.0", "main": "second.cjs" }` });
      assert.deepEqual((await compiled())[0], ['lib']);
    });

    it('that are missing are named with the place of the import', async () => {
      const root = makeProject({ 'main.ts': `const é = 'é'; import x from 'not-there';\nexport default x;` });
      await assert.rejects(compile(root), (error: unknown) => {
        assert.ok(error instanceof TreadleError);
        assert.equal(error.code, 'E_CONFIG_LOAD');
        assert.deepEqual(error.location, { file: 'main.ts', line: 1, column: 30 });
        assert.match(error.message, /^main\.ts:1:30: Could not resolve "not-there"/);
        assert.match(error.hint ?? '', /npm install --save-dev not-there/);
        return true;
      });
    });

    it('that Node.js does not have are named with what was meant, unless they are asked for at run time', async () => {
      const root = makeProject({ 'main.ts': `import { join } from 'node:pat';\nexport default join;` });
      await assert.rejects(compile(root), (error: unknown) => {
        assert.ok(error instanceof TreadleError);
        assert.deepEqual(error.location, { file: 'main.ts', line: 1, column: 22 });
        assert.match(error.message, /^main\.ts:1:22: Could not resolve "node:pat"/);
        assert.equal(error.hint, 'Did you mean "node:path"?');
        return true;
      });
      const value = await valueOf({ 'main.ts': `export default await import('node:pat').catch(() => 'none');` });
      assert.equal(value, 'none');
    });

    it('that are optional may be missing', async () => {
      const value = await valueOf({
        'main.ts': `let found; try { found = require('not-there'); } catch { found = 'none'; } export default found;`,
      });
      assert.equal(value, 'none');
    });
  });

  it('reports every syntax error with its place', async () => {
    const root = makeProject({
      'main.ts': `import './one.ts';\nimport './two.ts';\n`,
      'one.ts': `const a = ;\n`,
      'two.ts': `let x = 1;\nlet x = 2;\n`,
    });
    await assert.rejects(compile(root), (error: unknown) => {
      assert.ok(error instanceof TreadleError);
      assert.deepEqual(error.errors?.map(({ location }) => `${location?.file}:${location?.line}:${location?.column}`).toSorted(), [
        'one.ts:1:11',
        'two.ts:2:5',
      ]);
      assert.match(error.message, /^main\.ts cannot be compiled, for 2 reasons\.$/);
      return true;
    });
  });

  describe('maps', () => {
    it('let stacks name the source', async () => {
      const root = makeProject({
        'lib/fail.ts': `interface Nothing { readonly a: 1 }\n\nexport function fail(): never {\n  throw new Error('oops');\n}\n`,
        'main.ts': `import { fail } from './lib/fail.ts';\nexport default fail;\n`,
      });
      const { default: fail } = await importModule((await compile(root)).url);
      assert.ok(typeof fail === 'function');
      assert.throws(
        () => fail(),
        (error: Error) => error.stack?.includes(`${join(root, 'lib/fail.ts')}:4:9`) === true,
      );
    });
  });

  describe('the cache', () => {
    it('gives the same module for an unchanged entry, and does not compile', async () => {
      const root = makeProject({ 'main.ts': `export default 1;` });
      const first = await compile(root);
      const second = await compile(root);
      assert.deepEqual([first.cached, second.cached], [false, true]);
      assert.deepEqual({ ...second, cached: false }, first);
      assert.equal(readFileSync(join(root, '.treadle/.gitignore'), 'utf8'), '*\n');
    });

    it('looks through a changed time to the content', async () => {
      const root = makeProject({ 'main.ts': `export default 1;` });
      const first = await compile(root);
      utimesSync(join(root, 'main.ts'), 1, 1);
      const second = await compile(root);
      assert.equal(second.cached, true);
      assert.equal(second.url, first.url);
    });

    it('notices each kind of input: a sibling, a tsconfig.json, a base of it, a new tsconfig.json, a package', async () => {
      const root = makeProject({
        'main.ts': `import { a } from './a.ts'; import { b } from 'pack'; export default a + b;`,
        'a.ts': `export const a = 'a';`,
        'node_modules/pack/package.json': `{ "name": "pack", "version": "1.0.0", "type": "module", "exports": "./index.js" }`,
        'node_modules/pack/index.js': `export const b = 'b';`,
      });
      const hashes = [(await compile(root)).hash];
      const changes: readonly Readonly<Record<string, string>>[] = [
        { 'a.ts': `export const a = 'A';` },
        { 'tsconfig.json': `{ "extends": "./base.json" }`, 'base.json': '{}' },
        { 'base.json': `{ "compilerOptions": { "useDefineForClassFields": false } }` },
        { 'node_modules/pack/package.json': `{ "name": "pack", "version": "1.0.1", "type": "module", "exports": "./index.js" }` },
      ];
      for (const change of changes) {
        addFiles(root, change);
        const { hash, cached } = await compile(root);
        assert.equal(cached, false, Object.keys(change).join());
        hashes.push(hash);
      }
      assert.equal(new Set(hashes).size, hashes.length);
    });

    it('gives the same identity wherever the project lies, and works there', async () => {
      const files = {
        'main.ts': `import { b } from 'pack'; export default [b, import.meta.filename];`,
        'node_modules/pack/package.json': `{ "name": "pack", "version": "1.0.0", "type": "module", "exports": "./index.js" }`,
        'node_modules/pack/index.js': `export const b = 'b';`,
      };
      const [here, there] = [makeProject(files), makeProject(files)];
      const [first, second] = [await compile(here), await compile(there)];
      assert.equal(first.hash, second.hash);
      assert.deepEqual((await importModule(second.url))['default'], ['b', join(there, 'main.ts')]);
    });

    it('compiles again when its file is gone or its record is damaged', async () => {
      const root = makeProject({ 'main.ts': `export default 1;` });
      const { file } = await compile(root);
      const folder = join(root, '.treadle/compiled');
      const record = readdirSync(folder).find((name) => name.endsWith('.json'));
      writeFileSync(join(folder, record ?? ''), '{');
      assert.equal((await compile(root)).cached, false);
      assert.ok(existsSync(file));
    });

    it('says to linters that look into hidden folders that there is nothing for them', async () => {
      const root = makeProject({ 'main.ts': `export default 1;` });
      const { file } = await compile(root);
      const text = readFileSync(file, 'utf8');
      assert.ok(text.startsWith('/* eslint-disable */\n// biome-ignore-all lint'), text.slice(0, 100));
    });

    it('keeps only a few old versions', async () => {
      const root = makeProject({});
      for (let version = 0; version < 8; version += 1) {
        addFiles(root, { 'main.ts': `export default ${version};` });
        await compile(root);
      }
      const names = readdirSync(join(root, '.treadle/compiled'));
      assert.equal(names.filter((name) => name.endsWith('.mjs')).length, 4);
      assert.equal(names.filter((name) => name.endsWith('.map')).length, 4);
      assert.deepEqual(
        names.filter((name) => name.endsWith('.tmp')),
        [],
      );
    });

    it('can be filled by several at once', async () => {
      const root = makeProject({ 'main.ts': `export default 'whole';` });
      const all = await Promise.all(Array.from({ length: 8 }, () => compile(root)));
      assert.equal(new Set(all.map(({ url }) => url)).size, 1);
      assert.equal((await importModule(all[0]?.url ?? ''))['default'], 'whole');
    });
  });

  it('goes on after its process was stopped', async () => {
    const root = makeProject({ 'one.ts': `export default 1;`, 'two.ts': `export default 2;` });
    await compile(root, 'one.ts');
    await stopCompiler();
    assert.equal((await importModule((await compile(root, 'two.ts')).url))['default'], 2);
  });

  describe('plugins that an entry imports', () => {
    it('are shared as modules of their own, and their change is a change of the entry', async () => {
      const root = makeProject({
        'plugins/p.ts': `export default { made: 1 };`,
        'main.ts': `import p from './plugins/p.ts'; export default p;`,
      });
      const plugin = await compile(root, 'plugins/p.ts');
      const main = await compile(root, 'main.ts', new Map([[plugin.entry, plugin]]));
      const [own, shared] = await Promise.all([importModule(plugin.url), importModule(main.url)]);
      assert.ok(own['default'] === shared['default'] && typeof own['default'] === 'object');

      addFiles(root, { 'plugins/p.ts': `export default { made: 2 };` });
      const changed = await compile(root, 'plugins/p.ts');
      const again = await compile(root, 'main.ts', new Map([[changed.entry, changed]]));
      assert.equal(again.cached, false);
      assert.notEqual(again.hash, main.hash);
      assert.deepEqual((await importModule(again.url))['default'], { made: 2 });

      // Without the plugin as a module of its own, its code is bundled.
      assert.equal((await compile(root, 'main.ts')).cached, false);
      assert.equal((await compile(root, 'main.ts', new Map([[changed.entry, changed]]))).cached, false);
    });
  });
});
