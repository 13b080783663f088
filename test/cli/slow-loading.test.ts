import assert from 'node:assert/strict';
import { withProject } from '../support/cli.ts';

/** A module that is loaded once there is a file. */
const waiting = (file: string, rest: string): string =>
  `import { existsSync } from 'node:fs';
import { definePipeline, definePlugin, step } from 'treadle';
while (!existsSync('${file}')) await new Promise((resolve) => setTimeout(resolve, 20));
${rest}`;
const pipeline = `export default definePipeline([step('a', () => {})]);`;
const said = (files: string): RegExp => new RegExp(`^treadle: still loading ${files} after 5 s: something that (?:it|they) awaits? .*\\n$`);

describe('a pipeline file that takes long to load', () => {
  it('is named on standard error, whatever the command; what is on standard output stays as it is', () =>
    withProject({ 'treadle.config.js': waiting('go', pipeline) }, async (project) => {
      const commands = [
        ['run', '--reporter', 'ndjson'],
        ['list', '--json'],
        ['watch', '--reporter', 'ndjson'],
      ];
      const processes = commands.map((args) => project.start(args));
      await Promise.all(processes.map((process) => process.output('still loading')));
      await project.write('go', '');
      const [run, list, watch] = processes;
      await watch?.watchEvent('watch:idle');
      watch?.signal('SIGINT');
      for (const [index, process] of processes.entries()) {
        const { stdout, stderr } = await process.ended;
        assert.match(stderr, said('treadle\\.config\\.js'), commands[index]?.join(' '));
        for (const text of process === list ? [stdout] : stdout.trim().split('\n')) assert.doesNotThrow(() => JSON.parse(text), text);
      }
      assert.equal((await run?.ended)?.exitCode, 0);
    }));

  it('is named in one line with the plugin that it waits for', () =>
    withProject(
      {
        'treadle.config.js': `import slow from './plugins/slow.js';\nimport { definePipeline } from 'treadle';\nexport default definePipeline([slow('a')]);`,
        'plugins/slow.js': waiting('go', 'export default definePlugin({ run() {} });'),
      },
      async (project) => {
        const run = project.start(['run']);
        await run.output('still loading');
        await project.write('go', '');
        const { exitCode, stderr } = await run.ended;
        assert.equal(exitCode, 0);
        assert.match(stderr, said('plugins/slow\\.js and treadle\\.config\\.js'));
      },
    ));

  it('is waited for, too, where it exports a promise; what that is rejected with is its fault, with the place', () =>
    withProject(
      {
        'promise.js': `import { definePipeline, step } from 'treadle';\nexport default Promise.resolve(definePipeline([step('a', () => {})]));`,
        'rejected.js': `const promise = Promise.reject(new Error('no such thing'));\nexport default promise;`,
      },
      async (project) => {
        assert.equal((await project.run(['run', '--config', 'promise.js'])).exitCode, 0);
        const { exitCode, stderr } = await project.run(['run', '--config', 'rejected.js']);
        assert.equal(exitCode, 2);
        assert.match(stderr, /^E_CONFIG_LOAD rejected\.js:1:32: no such thing\n/);
      },
    ));
});
