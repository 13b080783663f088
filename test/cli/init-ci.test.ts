import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ciCommands } from '../support/ci-commands.ts';
import { manifest, written } from '../support/init.ts';
import { applications } from '../support/layouts/applications.ts';

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
    const { files } = applications.find(({ name }) => name === 'vue-app') ?? { files: {} };
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
