import assert from 'node:assert/strict';
import { remainingTime, type StepStanding } from '../../../core/contract/remaining-time.ts';
import { groupNode, pipelineNode, sequenceNode, stepNode } from '../../support/plans.ts';

const expected = new Map(Object.entries({ a: 100, b: 200, c: 300 }));
const pending = (): StepStanding => ({ state: 'pending' });
const [a, b, c] = ['a', 'b', 'c'].map((id) => stepNode(id));

describe('remainingTime', () => {
  it('adds up what comes one after another, and takes the longest of what runs at the same time', () => {
    assert.ok(a && b && c);
    assert.equal(remainingTime(pipelineNode([a, b, c]), expected, pending), 600);
    assert.equal(remainingTime(pipelineNode([a, groupNode('g', [b, c])]), expected, pending), 400);
    assert.equal(remainingTime(pipelineNode([groupNode('g', [sequenceNode('s', [a, b]), c])]), expected, pending), 300);
    assert.equal(remainingTime(pipelineNode([groupNode('g', [])]), expected, pending), 0);
  });

  it('knows that few workers take longer', () => {
    assert.ok(a && b && c);
    assert.equal(remainingTime(pipelineNode([groupNode('g', [a, b, c], { maxWorkers: 1 })]), expected, pending), 600);
    assert.equal(remainingTime(pipelineNode([groupNode('g', [a, b, c])], { concurrency: 2 }), expected, pending), 300);
  });

  it('leaves out what has ended and what has passed of a step, and never falls below 0', () => {
    assert.ok(a && b && c);
    const standing = (id: string): StepStanding =>
      id === 'a' ? { state: 'ended' } : id === 'b' ? { state: 'running', elapsedMs: 150 } : { state: 'running', elapsedMs: 900 };
    assert.equal(remainingTime(pipelineNode([a, groupNode('g', [b, c])]), expected, standing), 50);
  });

  it('takes the average for steps that are not known, and knows nothing when none is', () => {
    assert.ok(a && b);
    assert.equal(
      remainingTime(
        pipelineNode([a, b, stepNode('new')]),
        new Map([
          ['a', 100],
          ['b', 300],
        ]),
        pending,
      ),
      600,
    );
    assert.equal(remainingTime(pipelineNode([a, b]), new Map(), pending), undefined);
  });
});
