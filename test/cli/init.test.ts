import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { withProject } from '../support/cli.ts';
import { assertLoads, manifest, written } from '../support/init.ts';
import { applications } from '../support/layouts/applications.ts';
import { libraries } from '../support/layouts/libraries.ts';

const layouts = [...libraries, ...applications];

describe('treadle init in a project like', () => {
  for (const { name, files, pipeline, text } of layouts) {
    it(name, async () => {
      await withProject(files, async (project) => {
        const { exitCode, stderr } = await project.run(['init', '--yes', '--no-plugin']);
        assert.equal(exitCode, 0, stderr);
        assert.equal(await project.read(pipeline), text);
        await assertLoads(project);
      });
    });
  }

  it('any of them, with the sample plugin', async () => {
    for (const { files } of layouts.filter(({ name }) => ['ky', 'express', 'vue-app'].includes(name))) {
      await withProject(files, async (project) => {
        await project.run(['init', '--yes']);
        await assertLoads(project);
        const { exitCode, events, stderr } = await project.run(['--only', 'notes', '--reporter', 'ndjson']);
        assert.equal(exitCode, 0, stderr);
        const found = events.flatMap((event) => (event.type === 'step:diagnostic' ? [`${event.file}:${event.line} ${event.message}`] : []));
        assert.deepEqual(found, existsSync(project.path('source')) ? ['source/index.ts:1 TODO: more'] : []);
      });
    }
  });
});

describe('what treadle init writes', () => {
  it('is shown first, and with --dry-run only shown', async () => {
    await withProject({ 'package.json': manifest }, async (project) => {
      const { exitCode, stdout } = await project.run(['init', '--dry-run']);
      assert.equal(exitCode, 0);
      assert.match(stdout, /^treadle\.config\.js {2}new\n {2}\+ import \{ all, definePipeline \} from 'treadle';\n/m);
      assert.equal(existsSync(project.path('treadle.config.js')), false);
    });
  });

  it('is nothing where nobody can be asked', async () => {
    await withProject({ 'package.json': manifest }, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['init']);
      assert.equal(exitCode, 2);
      assert.match(stdout, /treadle\.config\.js {2}new/);
      assert.match(stderr, /E_USAGE Nothing was written[^]*treadle init --yes/);
      assert.equal(existsSync(project.path('treadle.config.js')), false);
    });
  });

  it('says what comes next, in the words of the package manager', async () => {
    await withProject({ 'package.json': manifest, 'pnpm-lock.yaml': '' }, async (project) => {
      const { stdout } = await project.run(['init', '--yes']);
      assert.match(stdout, /default {2}2 steps\n└─ checks {3}all of/);
      assert.match(stdout, /^Install it +pnpm add --save-dev treadle$/m);
      assert.match(stdout, /^Run it +pnpm exec treadle$/m);
    });
  });

  it('says to pnpm that the workspace itself is meant', async () => {
    const files = {
      'package.json': manifest,
      'pnpm-workspace.yaml': 'packages:\n  - "packages/*"\n',
      'packages/a/package.json': '{ "name": "a" }',
    };
    await withProject(files, async (project) => {
      const { stdout } = await project.run(['init', '--yes']);
      assert.match(stdout, /^packages +packages\/a$/m);
      assert.match(stdout, /^Install it +pnpm add --save-dev --workspace-root treadle$/m);
    });
  });

  it('leaves out what is there already', async () => {
    const files = await written(
      {
        'package.json': manifest,
        'treadle.config.ts': 'export default 1;\n',
        '.gitignore': '/.treadle\n',
        '.vscode/extensions.json': '{ "unwantedRecommendations": ["treadle.treadle"] }',
      },
      '--no-plugin',
    );
    assert.deepEqual(files, {});
  });

  it('overwrites a pipeline file only with --force', async () => {
    await withProject({ 'package.json': manifest, 'treadle.config.mjs': 'export default 1;\n' }, async (project) => {
      const { exitCode, stdout } = await project.run(['init', '--yes']);
      assert.equal(exitCode, 0);
      assert.match(stdout, /^treadle\.config\.mjs {2}changed\n {2}- export default 1;\n/m);
      assert.equal(await project.read('treadle.config.mjs'), 'export default 1;\n');
      await project.run(['init', '--yes', '--force']);
      assert.match(await project.read('treadle.config.mjs'), /definePipeline/);
      assert.equal(existsSync(project.path('treadle.config.js')), false, 'there is one pipeline file');
      await assertLoads(project);
    });
  });

  it('keeps a pipeline in JSON', async () => {
    await withProject({ 'package.json': manifest, 'treadle.config.json': '{ "steps": [] }' }, async (project) => {
      const { stdout } = await project.run(['init', '--yes', '--force']);
      assert.match(stdout, /treadle\.config\.json {2}is there already/);
      assert.equal(await project.read('treadle.config.json'), '{ "steps": [] }');
    });
  });

  it('adds to .gitignore and extensions.json, comments kept', async () => {
    const { files } = layouts.find(({ name }) => name === 'vue-app') ?? { files: {} };
    const found = await written(files);
    assert.equal(found['.gitignore'], 'node_modules\ndist\n.treadle/\n');
    assert.equal(
      found['.vscode/extensions.json'],
      '{\n  // What we use.\n  "recommendations": [\n    "Vue.volar",\n    "treadle.treadle"\n  ]\n}\n',
    );
  });

  it('makes a .gitignore in a repository, and only there', async () => {
    assert.equal((await written({ 'package.json': manifest }))['.gitignore'], undefined);
    assert.equal((await written({ 'package.json': manifest, '.git/HEAD': '' }))['.gitignore'], '.treadle/\n');
  });

  it('recommends nothing in a folder that git ignores', async () => {
    assert.deepEqual(Object.keys(await written({ 'package.json': manifest, '.gitignore': '.treadle\n.vscode\n' })), ['treadle.config.js']);
  });

  it('is for the whole package, wherever in it one stands', async () => {
    await withProject({ 'package.json': manifest, 'src/a.js': '' }, async (project) => {
      await project.run(['init', '--yes'], { cwd: 'src' });
      assert.equal(existsSync(project.path('treadle.config.js')), true);
    });
  });

  it('recommends nothing in a package of a larger repository', async () => {
    await withProject({ '.git/HEAD': '', 'packages/small/package.json': manifest }, async (project) => {
      const { exitCode, stdout } = await project.run(['init', '--yes'], { cwd: 'packages/small' });
      assert.equal(exitCode, 0);
      assert.deepEqual(
        [...stdout.matchAll(/^wrote +(.+)$/gm)].map(([, name]) => name),
        ['treadle.config.js'],
      );
    });
  });

  it('keeps away from a plugins folder of something else', async () => {
    await withProject(
      { 'package.json': manifest, 'plugins/router.client.ts': 'export const a = 1;\n', 'src/a.js': '' },
      async (project) => {
        const { exitCode } = await project.run(['init', '--yes']);
        assert.equal(exitCode, 0);
        assert.match(await project.read('treadle.config.js'), /plugins: \['treadle-plugins'\]/);
        const { exitCode: ran, stderr } = await project.run(['--only', 'notes']);
        assert.equal(ran, 0, stderr);
        assert.equal(stderr, '');
      },
    );
  });

  it('is JavaScript where the compiler would trip over TypeScript, and says why', async () => {
    const files = {
      'package.json': manifest,
      'tsconfig.json': '{ "compilerOptions": { "rootDir": "src", "module": "nodenext" } }',
      'src/a.ts': '',
    };
    await withProject(files, async (project) => {
      const { stdout } = await project.run(['init', '--yes']);
      assert.match(stdout, /JavaScript, since tsconfig\.json takes in/);
      assert.deepEqual([existsSync(project.path('treadle.config.js')), existsSync(project.path('plugins/notes.js'))], [true, true]);
      await assertLoads(project);
    });
  });

  it('comes with a word on linters that would stumble over it', async () => {
    const files = {
      'package.json': manifest,
      'biome.json': '{ "vcs": { "enabled": true } }',
      'eslint.config.js': 'export default [{ languageOptions: { parserOptions: { projectService: true } } }];',
      'tsconfig.json': '{ "include": ["src"] }',
    };
    await withProject(files, async (project) => {
      const { stdout } = await project.run(['init', '--dry-run']);
      assert.match(stdout, /^biome\.json: .*vcs\.useIgnoreFile/m);
      assert.match(stdout, /^eslint\.config\.js: .*\{ ignores: \['\.treadle\/', 'treadle\.config\.ts', 'plugins\/'\] \}/m);
    });
    await withProject(
      { ...files, 'biome.json': '{ "vcs": { "useIgnoreFile": true } }', 'eslint.config.js': 'export default [];' },
      async (project) => {
        const { stdout } = await project.run(['init', '--dry-run']);
        assert.doesNotMatch(stdout, /^(?:biome\.json|eslint\.config\.js): /m);
      },
    );
  });

  it('is written as settings of prettier that are code ask for, which are not run', async () => {
    const settings = [
      [
        'prettier.config.mjs',
        `/** @type {import("prettier").Config} */\nconst config = { singleQuote: true, semi: false };\nexport default config;`,
      ],
      [
        '.prettierrc.cjs',
        `process.exit(9);\nmodule.exports = {\n  // singleQuote: false,\n  'singleQuote': true, // yes\n  "semi": false\n};`,
      ],
      [
        'prettier.config.ts',
        `import type { Config } from 'prettier';\nconst config: Config = { overrides: [{ files: '*.x', options: { singleQuote: false } }], plugins: [...all], singleQuote: true, semi: false, };\nexport default config;`,
      ],
      [
        'prettier.config.js',
        `export default { ...shared({ semi: true }), singleQuote: true, semi: false, tabWidth: width } satisfies Config;`,
      ],
    ] as const;
    for (const [name, text] of settings) {
      await withProject({ 'package.json': manifest, [name]: text }, async (project) => {
        const { stdout, stderr } = await project.run(['init', '--dry-run']);
        assert.match(stdout, /import \{[^}]*\} from 'treadle'\n/, `${name}: ${stdout}${stderr}`);
      });
    }
    await withProject({ 'package.json': manifest, 'prettier.config.js': 'export { default } from "@acme/prettier";' }, async (project) => {
      assert.match((await project.run(['init', '--dry-run'])).stdout, /from "treadle";\n/);
    });
  });

  it('has no step that would run the pipeline itself', async () => {
    const scripts = {
      lint: 'eslint .',
      test: 'CI=1 npx treadle',
      build: 'treadle run build',
      check: 'tsc --noEmit && pnpm exec treadle run --only lint',
      ci: 'npm run lint && npm test',
    };
    const files = await written({ 'package.json': JSON.stringify({ name: 'small', type: 'module', scripts }) }, '--no-plugin');
    const text = files['treadle.config.js'] ?? Object.values(files).join('\n');
    assert.match(text, /'eslint \.'[^]*'tsc --noEmit'/);
    assert.doesNotMatch(text, /treadle run|npx|npm|'test'|'build'/);
  });

  it('has an example where there are no scripts', async () => {
    await withProject({ 'package.json': '{}' }, async (project) => {
      await project.run(['init', '--yes']);
      const { exitCode, stdout } = await project.run([]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /✔ hello/);
    });
  });
});

describe('treadle init says what is wrong', () => {
  it('without a package.json', async () => {
    await withProject({}, async (project) => {
      await mkdir(project.path('.git'));
      const { exitCode, stderr } = await project.run(['init', '--yes']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /E_INIT There is no package\.json in [^]*npm init/);
    });
  });

  it('with a broken one, and where', async () => {
    await withProject(
      { 'package.json': '{\n  "name": "small",\n  "scripts": {\n    "lint": "eslint ."\n    "test": "mocha"\n  }\n}\n' },
      async (project) => {
        const { exitCode, stderr } = await project.run(['init', '--yes']);
        assert.equal(exitCode, 2);
        assert.match(stderr, /E_INIT .*package\.json is not valid JSON: a comma is missing[^]*package\.json:5:5/);
        assert.doesNotMatch(stderr, /\n\s+at /);
      },
    );
  });

  it('with comments in it, which npm refuses too', async () => {
    await withProject({ 'package.json': '{\n  // a comment\n  "name": "small"\n}\n' }, async (project) => {
      const { exitCode, stderr } = await project.run(['init', '--yes']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /E_INIT .*package\.json is not valid JSON/);
    });
  });

  it('about a folder that leads out of the project', async () => {
    await withProject({ 'inside/package.json': manifest, 'outside/a': '' }, async (project) => {
      await symlink(project.path('outside'), project.path('inside/.vscode'));
      const { exitCode, stderr } = await project.run(['init', '--yes'], { cwd: 'inside' });
      assert.equal(exitCode, 2);
      assert.match(stderr, /E_PATH_OUTSIDE \.vscode\/extensions\.json/);
      assert.equal(existsSync(project.path('outside/extensions.json')), false);
    });
  });

  it('about a file that cannot be written', async () => {
    await withProject({ 'package.json': manifest, '.vscode': 'a file' }, async (project) => {
      const { exitCode, stderr } = await project.run(['init', '--yes']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /E_INIT \.vscode\/extensions\.json cannot be written/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  });

  it('about a CI system that it does not know', async () => {
    await withProject({ 'package.json': manifest }, async (project) => {
      const { exitCode, stderr } = await project.run(['init', '--ci', 'travis']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /"travis"[^]*github, gitlab, azure, jenkins/);
    });
  });
});
