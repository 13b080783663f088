import assert from 'node:assert/strict';
import { createEngine } from '../../core/engine.ts';
import { threadCount } from '../../core/executors/threads/thread-count.ts';
import { withProject } from '../support/cli.ts';

describe('two runs of one engine', () => {
  it('share its threads: the time limit of a step that waits for one has not begun', async () => {
    const code = `import { definePipeline, step } from 'treadle';
const hold = () => { for (const began = performance.now(); performance.now() - began < 600;); };
export default {
  many: definePipeline([Array.from({ length: ${threadCount()} }, (_, index) => step('hold' + index, hold))]),
  one: definePipeline([step('quick', ({ results }) => { results.done = true; }, { timeout: 300 })]),
};
`;
    await withProject({ 'treadle.config.mjs': code }, async ({ root }) => {
      const engine = await createEngine({ cwd: root });
      try {
        const held = Promise.withResolvers<void>();
        let begun = 0;
        const many = engine.start({
          pipeline: 'many',
          onEvent: ({ type }) => {
            if (type === 'step:start' && (begun += 1) === threadCount()) held.resolve();
          },
        });
        await held.promise;
        const one = await engine.start({ pipeline: 'one' }).result;
        assert.deepEqual([one.status, one.errors, one.results], ['passed', [], { done: true }]);
        assert.equal((await many.result).status, 'passed');
      } finally {
        await engine.close();
      }
    });
  });
});
