import assert from 'node:assert/strict';
import { withProject } from '../support/cli.ts';

describe('what watch mode tells', function () {
  this.timeout(60_000);

  it('tells once of a file that a service writes while nothing runs, and goes on', async () => {
    const server = `console.log('up');
let count = 0;
setInterval(() => require('node:fs').writeFileSync('heartbeat.json', String(count++)), 150);`;
    const config = `import { definePipeline } from 'treadle';
import { service, shell } from 'treadle/plugins';
export default definePipeline([
  service('server', { command: ['node', 'server.cjs'], ready: { log: 'up' } }, { inputs: ['server.cjs'] }),
  shell('look', 'true'),
]);`;
    await withProject({ 'treadle.config.ts': config, 'server.cjs': server }, async (project) => {
      const watching = project.start(['watch', '--reporter', 'ndjson']);
      const { file, stepIds } = await watching.watchEvent('watch:loop', 1, ({ by }) => by === 'other');
      assert.deepEqual([file, stepIds], ['heartbeat.json', ['server']]);
      // A person is not kept from anything.
      await project.write('mine.txt', '1');
      await watching.watchEvent('watch:change', 1, ({ files: changed }) => changed.includes('mine.txt'));
      await project.write('treadle.config.ts', config.replace(`inputs: ['server.cjs']`, `inputs: ['server.cjs'], outputs: ['*.json']`));
      await watching.watchEvent('watch:change', 1, ({ affected }) => affected === undefined);
      watching.signal('SIGINT');
      const { stdout, exitCode } = await watching.ended;
      assert.deepEqual([stdout.split('"by":"other"').length - 1, exitCode], [1, 130]);
    });
  });

  it('says why it waits for steps that clean up before it runs again', () => {
    const config = `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([
      shell('look', 'cat value', { inputs: ['value'] }),
      shell('slow', 'sleep 300', { inputs: [] }),
      shell('clean', 'echo begun > begun; while [ ! -e go ]; do sleep 0.05; done', { when: 'always', inputs: [] }),
    ]);`;
    return withProject({ 'treadle.config.ts': config, value: '1', '.gitignore': '.treadle\nbegun\ngo\n' }, async (project) => {
      const watching = project.start(['watch', '--reporter', 'line']);
      await watching.output('✔ look');
      await project.write('value', '2');
      await watching.output('Stopped: value changed. "clean" cleans up; then the pipeline runs again.');
      // More saves do not hurry it, nor say it again.
      await project.write('value', '3');
      await project.write('go', '');
      await watching.output('RERUN  value changed · look depends on it');
      watching.signal('SIGINT');
      const { stdout, exitCode } = await watching.ended;
      assert.deepEqual([stdout.split('Stopped: value changed.').length, exitCode], [2, 130]);
    });
  });
});
