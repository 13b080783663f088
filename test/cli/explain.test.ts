import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { build, pipeline, run } from '../support/cached-steps.ts';
import { withProject } from '../support/cli.ts';

describe('treadle explain', function () {
  this.timeout(60_000);

  it('tells whether a step would run, why, and what it depends on', () =>
    withProject({ 'treadle.config.ts': pipeline(`${build}, shell('lint', 'true')`), 'src/a': 'a', 'src/b': 'b' }, async (project) => {
      const explain = async (...args: readonly string[]): Promise<string> => (await project.run(['explain', ...args])).stdout;
      assert.match(await explain('lint'), /runs every time: it does not say which files it reads/);
      assert.match(await explain('build'), /would run: it has not passed yet[\s\S]*2 files in src, and lock files[\s\S]*restores +dist/);
      await run(project);
      assert.match(await explain('build'), /would not run: nothing has changed since it last passed/);
      await project.write('src/a', 'A');
      rmSync(project.path('src/b'));
      assert.match(await explain('build'), /would run; since it last passed\n +src\/a changed\n +src\/b is gone\n/);
      const { verdict, changes, inputFiles } = JSON.parse(await explain('build', '--json'));
      assert.deepEqual([verdict, changes, inputFiles], ['changed', ['src/a changed', 'src/b is gone'], 1]);
    }));

  it('suggests a step, and a pipeline', () =>
    withProject({ 'treadle.config.ts': pipeline(build) }, async (project) => {
      const unknown = await project.run(['explain', 'biuld']);
      assert.deepEqual([unknown.exitCode, /Did you mean "build"\?/.test(unknown.stderr)], [2, true]);
      const pipelines = await project.run(['explain', 'build', '--pipeline', 'nightly']);
      assert.deepEqual([pipelines.exitCode, /There is no pipeline "nightly"/.test(pipelines.stderr)], [2, true]);
    }));
});

describe('treadle cache', function () {
  this.timeout(60_000);

  it('says where it is and how large, and removes all of it', () =>
    withProject({ 'treadle.config.ts': pipeline(build), 'src/a': 'a' }, async (project) => {
      await run(project);
      assert.match((await project.run(['cache'])).stdout, /\.treadle\/cache\n3 files, .* of at most 1\.0 GiB\n$/);
      assert.match((await project.run(['cache', 'clean'])).stdout, /^Removed 3 files, /);
      assert.equal((await project.run(['cache', 'clean'])).stdout, 'The cache was empty already.\n');
      assert.deepEqual(await run(project), { build: 'has not passed yet' });
    }));
});
