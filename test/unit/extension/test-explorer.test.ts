import assert from 'node:assert/strict';
import type { TestResult } from '../../../core/contract/events.ts';
import { projectPath } from '../../../extension/src/project-path.ts';
import { createBoundedOutput } from '../../../extension/src/testing/bounded-output.ts';
import { CaseIds, firstNewTest } from '../../../extension/src/testing/case-ids.ts';
import { createChunkedQueue } from '../../../extension/src/testing/chunked-queue.ts';
import { ordersOf, type TestTarget } from '../../../extension/src/testing/orders.ts';
import type { Clock } from '../../../extension/src/tree/refresh.ts';
import { groupNode, pipelineNode, stepNode } from '../../support/plans.ts';
import { finished, pipelineOf, project, storeWith } from './imagined.ts';

const plan = finished(
  pipelineNode([stepNode('install'), groupNode('checks', [stepNode('types'), groupNode('slow', [stepNode('unit'), stepNode('e2e')])])]),
);
const store = storeWith(pipelineOf(plan), { name: 'release', plan, isDefault: false });
const node = (id: string, pipeline = 'ci'): TestTarget => ({ kind: 'node', key: store.nodeKey(project, pipeline, id) });
const ci = { project, pipeline: 'ci' };

describe('what the test explorer runs', () => {
  it('is the default pipeline of each project when nothing is chosen', () => {
    assert.deepEqual(ordersOf(store, undefined), [ci]);
    assert.deepEqual(ordersOf(store, [{ kind: 'project', key: project }]), [ci]);
    const unclear = storeWith({ ...pipelineOf(plan), isDefault: false }, { name: 'release', plan, isDefault: false });
    assert.deepEqual(ordersOf(unclear, undefined), []);
  });

  it('is each pipeline once, with all that was chosen of it', () => {
    const step: TestTarget = { kind: 'case', step: store.nodeKey(project, 'ci', 'unit') };
    assert.deepEqual(ordersOf(store, [node('types'), step, node('install'), node('types'), node('e2e', 'release')]), [
      { ...ci, only: ['types', 'unit', 'install'] },
      { project, pipeline: 'release', only: ['e2e'] },
    ]);
    assert.deepEqual(ordersOf(store, [node('unit'), node('slow'), node('types')]), [{ ...ci, only: ['slow', 'types'] }]);
    assert.deepEqual(ordersOf(store, [node('unit'), node('ci')]), [ci]);
  });

  it('leaves out what was excluded, and keeps groups whole that have nothing of it', () => {
    assert.deepEqual(ordersOf(store, undefined, [node('types')]), [{ ...ci, only: ['install', 'slow'] }]);
    assert.deepEqual(ordersOf(store, [node('checks')], [node('e2e')]), [{ ...ci, only: ['types', 'unit'] }]);
    assert.deepEqual(ordersOf(store, [node('slow')], [node('slow')]), []);
    assert.deepEqual(ordersOf(store, undefined, [{ kind: 'project', key: project }]), []);
  });

  it('is nothing for an item whose step is gone', () => {
    assert.deepEqual(ordersOf(store, [node('gone')]), []);
  });
});

describe('test cases', () => {
  const test = (name: string, ...path: readonly string[]): TestResult => ({ name, path, status: 'passed', durationMs: 1 });

  it('of one name and place are different tests', () => {
    const ids = new CaseIds();
    const named = [test('adds', 'math'), test('adds', 'math'), test('adds'), test('1:adds'), test('a\0b', 'c\0d')].map((one) =>
      ids.idOf(one),
    );
    assert.deepEqual(named, [
      { suites: ['suite:math'], id: '1:adds' },
      { suites: ['suite:math'], id: '2:adds' },
      { suites: [], id: '1:adds' },
      { suites: [], id: '1:1:adds' },
      { suites: ['suite:c␀d'], id: '1:a␀b' },
    ]);
  });

  it('are told once each while they come, and from the beginning when the step begins anew', () => {
    const [a, b, c] = [test('a'), test('b'), test('c')] as const;
    assert.equal(firstNewTest([], [a, b]), 0);
    assert.equal(firstNewTest([a, b], [a, b, c]), 2);
    assert.equal(firstNewTest([a, b], [a, b]), 2);
    assert.equal(firstNewTest([a, b], []), 0);
    assert.equal(firstNewTest([a, b], [c]), 0);
    assert.equal(firstNewTest([a], [test('a'), b]), 0);
  });
});

describe('work for the test explorer', () => {
  it('is done in order, with time for other things in between', () => {
    const turns: (() => void)[] = [];
    let time = 0;
    const done: number[] = [];
    const queue = createChunkedQueue(
      (callback) => turns.push(callback),
      () => time,
    );
    for (let index = 0; index < 10; index += 1) {
      queue.add(() => {
        time += 3;
        done.push(index);
      });
    }
    assert.deepEqual(done, []);
    turns.shift()?.();
    assert.deepEqual(done, [0, 1, 2]);
    for (const turn of turns) turn();
    assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(turns.length, 3);
  });

  it('goes on after a piece of it that failed', () => {
    const turns: (() => void)[] = [];
    const done: string[] = [];
    const queue = createChunkedQueue((callback) => turns.push(callback));
    queue.add(() => {
      throw new Error('the item is gone');
    });
    queue.add(() => done.push('next'));
    assert.throws(() => turns.shift()?.(), /gone/);
    turns.shift()?.();
    assert.deepEqual(done, ['next']);
  });
});

describe('output in the test explorer', () => {
  function outputWith(limits: { readonly chunk: number; readonly step: number; readonly run: number }) {
    const timers: (() => void)[] = [];
    const written: [string, string][] = [];
    const clock: Clock = {
      now: () => 0,
      after(_, callback) {
        timers.push(callback);
        return () => timers.splice(timers.indexOf(callback), 1);
      },
    };
    return { timers, written, output: createBoundedOutput(clock, (step, text) => written.push([step, text]), 'cut', limits) };
  }

  it('comes together in chunks, with the ends of lines that a terminal needs', () => {
    const { output, written, timers } = outputWith({ chunk: 8, step: 100, run: 100 });
    output.add('a', 'one\n');
    output.add('b', 'x');
    output.add('a', 'two\r\nthree');
    assert.deepEqual(written, []);
    assert.equal(timers.length, 1);
    timers.shift()?.();
    assert.deepEqual(written, [
      ['a', 'one\r\ntwo'],
      ['a', '\r\nthree'],
      ['b', 'x'],
    ]);
    output.flush();
    assert.equal(written.length, 3);
  });

  it('ends where a step or a run has written too much, and says so once', () => {
    const { output, written } = outputWith({ chunk: 100, step: 5, run: 8 });
    output.add('a', '123');
    output.add('a', '456');
    output.add('a', '789');
    output.add('b', '12345');
    output.flush();
    assert.deepEqual(written, [
      ['a', '12345\r\ncut\r\n'],
      ['b', '12\r\ncut\r\n'],
    ]);
  });
});

describe('the path of a file that the engine names', () => {
  const real = { root: '/real/shop', configFile: '/link/treadle.config.ts' };

  it('is inside of the project, as its folder was opened', () => {
    assert.equal(projectPath(real, 'src/a.ts'), '/link/src/a.ts');
    assert.equal(projectPath(real, '/real/shop/src/a.ts'), '/link/src/a.ts');
    assert.equal(projectPath(real, '..hidden/a.ts'), '/link/..hidden/a.ts');
  });

  it('may be elsewhere when a tool said so in full, and not by climbing', () => {
    assert.equal(projectPath(real, '/usr/lib/a.ts'), '/usr/lib/a.ts');
    assert.equal(projectPath(real, '../secret'), undefined);
    assert.equal(projectPath(real, 'src/../../secret'), undefined);
  });
});
