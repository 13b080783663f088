import assert from 'node:assert/strict';
import type { RunEvent } from '../../core/contract/events.ts';
import { createEngine } from '../../core/engine.ts';
import { makeProject, removeProjects } from '../support/project.ts';

describe('the clean-up of a run that has timed out', () => {
  after(removeProjects);

  it('takes place, within its own limit of time', async () => {
    const cwd = makeProject({
      'treadle.config.js': `import { definePipeline, step } from 'treadle';
const forever = () => new Promise(() => setInterval(() => {}, 1000));
export default definePipeline([
  step('waits', forever),
  step('tidy', ({ results }) => { results.tidied = true; }, { when: 'always' }),
  step('hangs', forever, { when: 'always' }),
  step('last', () => {}, { when: 'always' }),
], { timeout: '200ms' });`,
    });
    const engine = await createEngine({ cwd });
    try {
      const events: RunEvent[] = [];
      const { status, results, errors } = await engine.start({ cleanUpMs: 3000, onEvent: (event) => events.push(event) }).result;
      assert.equal(status, 'timed-out');
      assert.deepEqual(results, { tidied: true });
      const ends = events.flatMap((event) => (event.type === 'step:end' ? [[event.id, event.status]] : []));
      assert.deepEqual(Object.fromEntries(ends), { waits: 'timed-out', tidy: 'passed', hangs: 'timed-out', last: 'skipped' });
      assert.ok(errors.some(({ message }) => message === 'The run was stopped, and its clean-up took longer than 3 s.'));
    } finally {
      await engine.close();
    }
  });
});
