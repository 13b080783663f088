import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { before, describe, it } from 'mocha';
import { ciCommands } from '../support/ci-commands.ts';
import { withProject, type CliProject } from '../support/cli.ts';
import { applications } from '../support/layouts/applications.ts';
import { libraries } from '../support/layouts/libraries.ts';

const layouts = [...libraries, ...applications];

const manifest = `{\n  "name": "small",\n  "type": "module",\n  "scripts": { "lint": "eslint .", "test": "node --test" }\n}\n`;

/** What `init --yes` wrote into a project of these files. */
async function written(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  return withProject(files, async (project) => {
    const { exitCode, stdout, stderr } = await project.run(['init', '--yes', ...args]);
    assert.equal(exitCode, 0, stderr);
    const names = [...stdout.matchAll(/^(?:wrote|changed) +(\S+)$/gm)].map(([, name = '']) => name);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await project.read(name)] as const)));
  });
}

/** The project can be looked at and its plan is sound, right after `init`. */
async function assertLoads(project: CliProject): Promise<void> {
  for (const args of [['list'], ['run', '--dry-run']]) {
    const { exitCode, stderr } = await project.run(args);
    assert.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`);
  }
}

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

  it('has an example where there are no scripts', async () => {
    await withProject({ 'package.json': '{}' }, async (project) => {
      await project.run(['init', '--yes']);
      const { exitCode, stdout } = await project.run([]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /✔ hello/);
    });
  });
});

describe('treadle init on a terminal', function () {
  const hasTerminal = spawnSync('script', ['--version']).error === undefined;

  /** Answers each question when it has been asked. */
  function answer(project: CliProject, args: string, answers: readonly (readonly [question: string, typed: string])[]): Promise<Answered> {
    const command = `'${process.execPath}' '${project.program}' init ${args}`;
    const { CI: _ci, FORCE_COLOR: _colour, ...env } = process.env;
    const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: project.root, env: { ...env, NO_COLOR: '1' } });
    let text = '';
    let read = 0;
    const left = [...answers];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [next] = left;
      const at = next === undefined ? -1 : text.indexOf(next[0], read);
      if (next === undefined || at < 0) return;
      left.shift();
      read = at + next[0].length;
      child.stdin.write(next[1]);
    });
    return new Promise((resolve) => {
      child.on('close', (exitCode) => resolve({ exitCode, text, unanswered: left.map(([question]) => question) }));
    });
  }

  interface Answered {
    readonly exitCode: number | null;
    readonly text: string;
    readonly unanswered: readonly string[];
  }

  before(function () {
    if (!hasTerminal) this.skip();
  });

  it('asks, and writes when the answer is Enter', async () => {
    await withProject({ 'package.json': manifest }, async (project) => {
      const { exitCode, text, unanswered } = await answer(project, '', [['Write these 2 files? (Y/n) ', '\r']]);
      assert.deepEqual([exitCode, unanswered], [0, []], text);
      await assertLoads(project);
    });
  });

  it('writes nothing when the answer is no, or there is none', async () => {
    for (const [typed, code] of [
      ['n\r', 0],
      ['\u0003', 130],
      ['\u0004', 130],
    ] as const) {
      await withProject({ 'package.json': manifest }, async (project) => {
        const { exitCode, text } = await answer(project, '', [['Write these 2 files? (Y/n) ', typed]]);
        assert.equal(exitCode, code, text);
        assert.match(text, /Nothing was written\./);
        assert.equal(existsSync(project.path('treadle.config.js')), false);
      });
    }
  });

  it('asks about each file that exists, and asks again when it does not understand', async () => {
    const files = {
      'package.json': manifest,
      'treadle.config.js': 'export default 1;\n',
      '.gitlab-ci.yml': 'mine: 1\n',
      '.gitignore': '.treadle\n.vscode\n',
    };
    await withProject(files, async (project) => {
      const { exitCode, text, unanswered } = await answer(project, '--ci gitlab', [
        ['treadle.config.js exists. Overwrite it? (y/N) ', 'what\r'],
        ['treadle.config.js exists. Overwrite it? (y/N) ', 'y\r'],
        ['.gitlab-ci.yml exists. Overwrite it? (y/N) ', '\r'],
      ]);
      assert.deepEqual([exitCode, unanswered], [0, []], text);
      assert.match(await project.read('treadle.config.js'), /definePipeline/);
      assert.equal(await project.read('.gitlab-ci.yml'), 'mine: 1\n');
    });
  });
});

describe('treadle init --ci', () => {
  const installs = {
    npm: 'npm ci',
    pnpm: 'pnpm install --frozen-lockfile',
    yarn: 'yarn install --immutable',
    bun: 'bun install --frozen-lockfile',
  };
  const runs = { npm: 'npx treadle', pnpm: 'pnpm exec treadle', yarn: 'yarn treadle', bun: 'bunx treadle' };
  const lockFiles = { npm: 'package-lock.json', pnpm: 'pnpm-lock.yaml', yarn: 'yarn.lock', bun: 'bun.lock' };

  for (const manager of ['npm', 'pnpm', 'yarn', 'bun'] as const) {
    it(`writes what runs with ${manager}`, async () => {
      const commands = await Promise.all(
        ['github', 'gitlab', 'azure', 'jenkins'].map(async (system) => {
          const files = await written({ 'package.json': manifest, [lockFiles[manager]]: '' }, '--ci', system);
          const [path, text] = Object.entries(files).at(-1) ?? ['', ''];
          return commandsOf(path, text);
        }),
      );
      const [github, ...others] = commands;
      assert.deepEqual(github?.slice(-2), [installs[manager], runs[manager]]);
      for (const [index, each] of others.entries()) {
        const reports = `--reporter line --reporter junit=.treadle/junit.xml${index === 0 ? ' --reporter codequality=.treadle/codequality.json' : ''}`;
        assert.deepEqual(each.slice(-2), [installs[manager], `${runs[manager]} ${reports}`]);
      }
    });
  }

  it('installs browsers where Playwright needs them', async () => {
    const { files } = layouts.find(({ name }) => name === 'vue-app') ?? { files: {} };
    const text = (await written(files, '--ci', 'github'))['.github/workflows/treadle.yml'] ?? '';
    assert.deepEqual(commandsOf('.github/workflows/treadle.yml', text), ['npm ci', 'npx playwright install --with-deps', 'npx treadle']);
  });

  it('adds it to a project that has a pipeline', async () => {
    const files = await written(
      { 'package.json': manifest, 'treadle.config.js': 'export default 1;\n', '.gitignore': '.treadle\n.vscode\n' },
      '--ci',
      'github',
    );
    assert.deepEqual(Object.keys(files), ['.github/workflows/treadle.yml']);
  });
});

function commandsOf(path: string, text: string): readonly string[] {
  if (path !== '.github/workflows/treadle.yml') assert.match(text, /(?:junit:?|testResultsFiles:) '?\.treadle\/junit\.xml/, path);
  return ciCommands(path === 'Jenkinsfile' ? 'groovy' : 'yaml', text, path);
}

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
