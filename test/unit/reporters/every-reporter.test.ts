import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunEvent } from '../../../core/contract/events.ts';
import { loadReporter, reporterNames } from '../../../core/reporters/registry.ts';
import { fateOf, plans } from '../../support/imagined-plans.ts';
import { makeProject, removeProjects } from '../../support/project.ts';
import { report } from '../../support/reported.ts';
import { recordedRun, recordedSource } from '../../support/recorded-run.ts';
import { imagineRun } from '../../support/run-events.ts';

/** What each time is another word: the one that ends a pause of GitHub's commands. */
const withoutTokens = (text: string): string => text.replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, 'TOKEN');

// What a newer Treadle may say, which readers are to leave alone.
const unknown = JSON.parse('{"v":1,"seq":1,"ts":1,"runId":"run-1","type":"step:dreams","id":"price","about":"sheep"}') as RunEvent;

describe('every reporter', () => {
  let cwd: string;
  before(() => {
    cwd = makeProject({ 'src/price.js': recordedSource });
  });
  after(removeProjects);

  for (const name of reporterNames) {
    describe(name, () => {
      const write = async (events: readonly RunEvent[]): Promise<string> => {
        const create = await loadReporter(name);
        assert.ok(create);
        return withoutTokens(await report(create, events, { cwd }));
      };

      it('says of stored events what it said of the run', async () => {
        const stored: readonly RunEvent[] = recordedRun.map((event) => JSON.parse(JSON.stringify(event)));
        const first = await write(recordedRun);
        assert.notEqual(first, '');
        assert.equal(await write(stored), first);
      });

      it('leaves events alone that it does not know', async () => {
        if (name === 'ndjson') return;
        const events = [...recordedRun.slice(0, 12), unknown, ...recordedRun.slice(12)];
        assert.equal(await write(events), await write(recordedRun));
      });

      it('writes something about every run, however soon it was stopped', async () => {
        await write([]);
        await fc.assert(
          fc.asyncProperty(plans, fc.nat(), fc.nat(), async (plan, seed, cut) => {
            const events = imagineRun(plan, 'run-1', fateOf(seed));
            assert.notEqual(await write(events.slice(0, 1 + (cut % events.length))), '');
          }),
          // The page of the HTML report is bundled anew each time, from its sources.
          { numRuns: name === 'html' ? 10 : 50 },
        );
      });
    });
  }
});
