import assert from 'node:assert/strict';
import type { ScheduleEvent } from '../../../core/run/schedule-types.ts';
import { groupNode, pipelineNode, sequenceNode, stepNode } from '../../support/plans.ts';
import { Driver } from '../../support/schedule-driver.ts';

const [a, b, c] = ['a', 'b', 'c'].map((id) => stepNode(id));
assert.ok(a !== undefined && b !== undefined && c !== undefined);

describe('steps that run whatever happens', () => {
  const tidy = stepNode('tidy', { when: 'always', retries: 1 });
  const rescue = stepNode('rescue', { when: 'on-failure' });
  const enough: ScheduleEvent = { type: 'cancel', message: 'enough' };

  it('begin after a cancellation, each in its turn, while all else is stopped or skipped', () => {
    const inner = sequenceNode('inner', [b, stepNode('undo', { when: 'always' })]);
    const driver = new Driver(pipelineNode([a, inner, rescue, tidy, c]));
    driver.tell(enough);
    assert.deepEqual([...driver.running], ['a'], 'not before what is stopped has ended');
    driver.end('a', 'cancelled');
    assert.deepEqual([...driver.running], ['undo']);
    driver.end('undo');
    driver.end('tidy', 'failed');
    driver.tell({ type: 'retry-due', id: 'tidy' });
    driver.end('tidy');
    assert.deepEqual(
      ['a', 'b', 'undo', 'inner', 'rescue', 'tidy', 'c', 'pipeline'].map((id) => driver.status(id)),
      ['cancelled', 'skipped', 'passed', 'cancelled', 'skipped', 'passed', 'skipped', 'cancelled'],
    );
    assert.equal(driver.log.filter(({ type }) => type === 'limit-clean-up').length, 1);
  });

  it('go on where they run, and begin where they wait for room, also in groups', () => {
    const driver = new Driver(pipelineNode([groupNode('g', [tidy, a, stepNode('undo', { when: 'always' })], { maxWorkers: 2 })]));
    driver.tell(enough);
    assert.deepEqual([...driver.stopped], ['a']);
    driver.end('a', 'cancelled');
    assert.deepEqual([...driver.running], ['tidy', 'undo']);
    driver.end('tidy');
    driver.end('undo');
    assert.deepEqual([driver.status('g'), driver.status('pipeline')], ['cancelled', 'cancelled']);
  });

  it('begin after the time limit of the pipeline, not after that of a group that they are in', () => {
    const whole = new Driver(pipelineNode([a, tidy], { timeoutMs: 10 }));
    whole.tell({ type: 'timeout', id: 'pipeline', message: 'too slow' });
    whole.end('a', 'timed-out');
    whole.end('tidy');
    assert.equal(whole.status('pipeline'), 'timed-out');
    const group = new Driver(pipelineNode([groupNode('g', [sequenceNode('s', [a, tidy])], { timeoutMs: 10 }), b]));
    group.tell({ type: 'timeout', id: 'g', message: 'too slow' });
    group.end('a', 'timed-out');
    assert.equal(group.status('tidy'), 'skipped');
  });

  it('are stopped when everything is halted, and begin no more', () => {
    const driver = new Driver(pipelineNode([a, groupNode('g', [tidy, stepNode('undo', { when: 'always' })], { maxWorkers: 1 })]));
    driver.tell(enough);
    driver.end('a', 'cancelled');
    driver.tell({ type: 'halt', kind: 'timeout', message: 'at once' });
    assert.ok(driver.stopped.has('tidy'));
    driver.end('tidy', 'cancelled');
    assert.deepEqual([driver.status('tidy'), driver.status('undo'), driver.status('pipeline')], ['timed-out', 'skipped', 'cancelled']);

    const delayed = new Driver(pipelineNode([tidy]));
    delayed.tell(enough);
    delayed.end('tidy', 'failed');
    delayed.tell({ type: 'halt', kind: 'cancelled', message: 'at once' });
    assert.deepEqual([delayed.status('tidy'), delayed.status('pipeline')], ['cancelled', 'cancelled']);

    const atOnce = new Driver(pipelineNode([a, tidy]));
    atOnce.tell({ type: 'halt', kind: 'cancelled', message: 'at once' });
    atOnce.end('a', 'cancelled');
    assert.deepEqual([atOnce.status('tidy'), atOnce.status('pipeline')], ['skipped', 'cancelled']);
  });
});
