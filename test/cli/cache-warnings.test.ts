import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { pipeline } from '../support/cached-steps.ts';
import { withProject } from '../support/cli.ts';

describe('the cache', () => {
  it('warns of inputs and outputs that match no file, also when nothing runs', () =>
    withProject(
      {
        'treadle.config.ts': pipeline(`
          shell('typo', 'true', { inputs: ['scr/**', '!src/b'] }),
          shell('none', 'true', { inputs: [], outputs: ['dits'] }),
          shell('fine', 'mkdir dist && echo > dist/a', { inputs: ['src/**'], outputs: ['dist', 'more'] }),
        `),
        'src/a': 'a',
      },
      async (project) => {
        const warnings = async () =>
          (await project.run(['run', '--reporter', 'ndjson'])).events.flatMap((event) =>
            event.type === 'step:warning' ? [`${event.id}: ${event.message}`] : [],
          );
        const typo = 'typo: No file matches its inputs (scr/**), so a change of a file does not make it run again.';
        assert.deepEqual(await warnings(), [typo, 'none: No file matches its outputs (dits).']);
        assert.deepEqual(await warnings(), [typo]);
      },
    ));
});
