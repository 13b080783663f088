import assert from 'node:assert/strict';
import { isKillable, killableAfterMs } from '../../../extension/src/store/is-stopping.ts';
import { stoppingHint, stoppingText } from '../../../extension/src/tree/stopping.ts';
import { summarise } from '../../../extension/src/tree/summary.ts';
import { pipelineNode, stepNode } from '../../support/plans.ts';
import { english } from './english.ts';
import { finished, pipelineOf, storeWith } from './imagined.ts';
import { Sender } from './sender.ts';

const plan = finished(pipelineNode([stepNode('work'), stepNode('tidy', { when: 'always' })]));

describe('a run that was stopped', () => {
  it('is stopping, and cleans up as soon as a step runs that does so whatever happens', () => {
    const store = storeWith(pipelineOf(plan));
    const sender = new Sender(store, 'one', plan);
    const say = (): readonly (string | undefined)[] => {
      const run = store.run('one');
      return [stoppingText(run, english), stoppingHint(run, english)?.split('. ')[0], summarise(store, 0, english).stoppingText];
    };
    sender.send({ type: 'step:start', id: 'work', attempt: 1, executor: 'inline' });
    assert.deepEqual(say(), [undefined, undefined, undefined]);
    store.markStopped('one', 'person');
    assert.deepEqual(say(), ['stopping', 'The run was stopped, and its steps are ending', 'stopping']);
    sender.send({ type: 'step:start', id: 'tidy', attempt: 1, executor: 'inline' });
    assert.deepEqual(say(), ['cleaning up', 'The run was stopped and cleans up: what runs whatever happens still does', 'cleaning up']);
    store.endRun({ runId: 'one', pipeline: 'ci', status: 'cancelled', counts: counts() });
    assert.deepEqual(say(), [undefined, undefined, undefined]);
  });

  it('for a save says that another one follows, until a person stops it', () => {
    const store = storeWith(pipelineOf(plan));
    const sender = new Sender(store, 'one', plan);
    const hint = (): string | undefined => stoppingHint(store.run('one'), english)?.split('.')[0];
    sender.send({ type: 'step:start', id: 'work', attempt: 1, executor: 'inline' });
    store.markStopped('one', 'save');
    assert.equal(hint(), 'A file was saved: the steps of the run are ending, and the next one begins then');
    sender.send({ type: 'step:start', id: 'tidy', attempt: 1, executor: 'inline' });
    assert.equal(hint(), 'A file was saved: the run cleans up, and the next one begins then');
    store.markStopped('one', 'person');
    assert.match(hint() ?? '', /^The run was stopped and cleans up/);
  });
});

describe('killing a run', () => {
  it('waits after a person has stopped it: to press twice is to stop it', () => {
    const store = storeWith(pipelineOf(plan));
    new Sender(store, 'one', plan).send({ type: 'step:start', id: 'work', attempt: 1, executor: 'inline' });
    const at = (): number => store.run('one')?.stopped?.at ?? 0;
    const killable = (now: number): readonly boolean[] => [isKillable(store.run('one'), now), summarise(store, now, english).killable];
    assert.deepEqual(killable(Date.now()), [false, false]);
    store.markStopped('one', 'save');
    assert.deepEqual(killable(at() + killableAfterMs), [false, false]);
    store.markStopped('one', 'person');
    assert.deepEqual([...killable(at()), ...killable(at() + killableAfterMs - 1)], [false, false, false, false]);
    assert.deepEqual(killable(at() + killableAfterMs), [true, true]);
    const first = store.run('one');
    for (const by of ['person', 'save'] as const) store.markStopped('one', by);
    assert.equal(store.run('one'), first);
    store.endRun({ runId: 'one', pipeline: 'ci', status: 'cancelled', counts: counts() });
    assert.deepEqual(killable(at() + killableAfterMs), [false, false]);
  });
});

function counts() {
  return { steps: 2, passed: 0, failed: 0, timedOut: 0, cancelled: 2, skipped: 0, flaky: 0, cached: 0 };
}
