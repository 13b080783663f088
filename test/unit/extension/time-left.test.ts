import assert from 'node:assert/strict';
import type { Store } from '../../../extension/src/store/store.ts';
import { summarise } from '../../../extension/src/tree/summary.ts';
import { timeLeft, timeLeftText } from '../../../extension/src/tree/time-left.ts';
import { groupNode, pipelineNode, stepNode } from '../../support/plans.ts';
import { someError } from '../../support/run-events.ts';
import { english } from './english.ts';
import { finished, pipelineOf, storeWith } from './imagined.ts';
import { Sender } from './sender.ts';

const plan = finished(pipelineNode([stepNode('install'), groupNode('checks', [stepNode('lint'), stepNode('types')]), stepNode('report')]));
const expected = { install: 10_000, lint: 3000, types: 20_000, report: 5000 };

/** A run that has begun at 0; each event follows a second after the one before. */
function begin(
  times: { readonly [id: string]: number } | 'unknown' = expected,
  kind: 'person' | 'debug' = 'person',
): { readonly store: Store; readonly run: Sender; left(now: number): number | undefined } {
  const store = storeWith(pipelineOf(plan));
  const run = new Sender(store, 'one', plan, { trigger: { kind }, only: [] });
  run.send({ type: 'run:start', pipeline: 'ci', plan, cwd: '/project', ...(times === 'unknown' ? {} : { expected: times }) });
  const left = (now: number): number | undefined => {
    const record = store.run('one');
    assert.ok(record);
    return timeLeft(record, store, now);
  };
  return { store, run, left };
}

describe('the time that a run will still take', () => {
  it('is how long its steps usually take, less what they have taken already', () => {
    const { run, left } = begin();
    assert.equal(left(0), 35_000);
    run.start('install');
    assert.equal(left(4001), 32_000);
    run.end('install');
    assert.equal(left(60_000), 25_000);
  });

  it('begins anew with each attempt, and not before', () => {
    const { run, left } = begin({ install: 10_000, lint: 1000, types: 1000, report: 1000 });
    run.start('install');
    run.send({ type: 'step:retry', id: 'install', attempt: 1, delayMs: 60_000, error: someError });
    assert.equal(left(30_000), 12_000);
    run.start('install', 2);
    assert.equal(left(4000), 11_000);
  });

  it('leaves out what is skipped', () => {
    const { run, left } = begin();
    run.run('install');
    for (const id of ['lint', 'types']) run.end(id, 'skipped');
    assert.equal(left(60_000), 5000);
  });

  it('is not told where nothing is known, once it is used up, by a person who steps through it, and at the end', () => {
    assert.equal(begin('unknown').left(0), undefined);
    assert.equal(begin({}).left(0), undefined);
    assert.equal(begin(expected, 'debug').left(0), undefined);
    const { run, left } = begin();
    for (const id of ['install', 'lint', 'types']) run.run(id);
    run.start('report');
    assert.equal(left(60_000), undefined);
    run.finish();
    assert.equal(left(0), undefined);
  });

  it('is told beside the elapsed time, rounded up to seconds', () => {
    const { store, run } = begin();
    run.start('install');
    const record = store.run('one');
    assert.ok(record);
    assert.equal(timeLeftText(record, store, 7500, english), '~29s left');
    assert.equal(summarise(store, 7500, english).progress, 'ci: 0%, ~29s left');
    new Sender(store, 'two', plan).send({ type: 'run:start', pipeline: 'ci', plan, cwd: '/project', expected });
    assert.equal(summarise(store, 7500, english).progress, '2 runs: 0%');
  });
});
