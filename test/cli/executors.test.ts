import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { threadCount } from '../../core/executors/threads/thread-count.ts';
import { withProject } from '../support/cli.ts';

describe('where steps run', () => {
  it('runs steps where --executor says, except those that only wait, whatever the pipeline file says', async () => {
    await withProject(
      {
        'treadle.config.ts': `
          import { isMainThread } from 'node:worker_threads';
          import { definePipeline, step } from 'treadle';
          import { shell } from 'treadle/plugins';
          const where = ({ results, step: { id } }) => { results[id] = isMainThread; };
          export default definePipeline([
            step('default', where),
            step('inline', where, { executor: 'inline' }),
            step('threads', where, { executor: 'threads' }),
            step('asked', where, { when: () => { console.log('main', isMainThread); return true; } }),
            shell('waits', 'true'),
          ], { executor: 'inline' });
        `,
      },
      async (project) => {
        const run = async (...args: readonly string[]): Promise<unknown> => {
          const { events } = await project.run(['--reporter', 'ndjson', ...args]);
          const started = events.flatMap((event) => (event.type === 'step:start' && event.id === 'waits' ? [event.executor] : []));
          const asked = events.flatMap((event) => (event.type === 'step:output' && event.id === 'asked' ? [event.text] : []));
          return [events.findLast((event) => event.type === 'run:end')?.results, ...started, ...asked];
        };
        assert.deepEqual(await run(), [{ default: true, inline: true, threads: false, asked: true }, 'inline', 'main true\n']);
        assert.deepEqual(await run('--executor', 'threads'), [
          { default: false, inline: false, threads: false, asked: false },
          'inline',
          'main false\n',
        ]);
        assert.deepEqual(await run('--executor', 'inline'), [
          { default: true, inline: true, threads: true, asked: true },
          'inline',
          'main true\n',
        ]);
      },
    );
  });

  it('begins a step only when there is a thread for it, so that its time does not run while it waits', async () => {
    const most = threadCount();
    await withProject(
      {
        'treadle.config.ts': `
          import { setTimeout } from 'node:timers/promises';
          import { definePipeline, step } from 'treadle';
          export default definePipeline([Array.from({ length: ${2 * most} }, (_, at) => step('s' + at, () => setTimeout(20)))]);
        `,
      },
      async (project) => {
        const { events, exitCode } = await project.run(['--reporter', 'ndjson']);
        assert.equal(exitCode, 0);
        let running = 0;
        let peak = 0;
        for (const { type } of events) {
          if (type === 'step:start') peak = Math.max(peak, (running += 1));
          else if (type === 'step:end') running -= 1;
        }
        assert.deepEqual([running, peak], [0, most]);
      },
    );
  });
});
