import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { buildPlan } from '../../../core/model/build-plan.ts';
import { all, any, definePipeline, sequence, step } from '../../../core/model/builders.ts';
import type { StepInput } from '../../../core/model/definition.ts';
import { arbitraryShapes, nodesOf, pipelineOf, stepsOf } from './trees.ts';

const work = (): undefined => undefined;
const s = (id: string, weight?: number): StepInput => step(id, work, weight === undefined ? {} : { weight });

function weights(...steps: StepInput[]): Record<string, number> {
  const { plan } = buildPlan(definePipeline(steps), { name: 'p' });
  return Object.fromEntries(nodesOf(plan).map((node) => [node.id, Number(node.weight.toFixed(2))]));
}

function near(left: number, right: number): boolean {
  return Math.abs(left - right) < 1e-6;
}

describe('weights', () => {
  it('are shared equally, recursively', () => {
    assert.deepEqual(weights(s('init'), [s('w1'), s('w2'), s('w3')], s('end')), {
      init: 33.33,
      'all(w1,w2,w3)': 33.33,
      w1: 11.11,
      w2: 11.11,
      w3: 11.11,
      end: 33.33,
    });
  });

  it('leave what is left to those without one', () => {
    assert.deepEqual(weights(s('a', 80), s('b'), s('c')), { a: 80, b: 10, c: 10 });
  });

  it('are in percent of the whole run, also inside a group', () => {
    assert.deepEqual(weights(s('a'), all([s('b', 40), s('c')], { id: 'g' })), { a: 50, g: 50, b: 40, c: 10 });
  });

  it('are scaled when they do not fit', () => {
    assert.deepEqual(weights(s('a', 60), s('b', 90), s('c')), { a: 40, b: 60, c: 0 });
    assert.deepEqual(weights(s('a'), all([s('b', 60), s('c', 40)], { id: 'g' })), { a: 50, g: 50, b: 30, c: 20 });
  });

  it('are scaled up when nobody takes the rest', () => assert.deepEqual(weights(s('a', 10), s('b', 30)), { a: 25, b: 75 }));
  it('are clamped', () => assert.deepEqual(weights(s('a', 300), s('b', -4)), { a: 100, b: 0 }));
  it('are equal when all are zero', () => assert.deepEqual(weights(s('a', 0), s('b', 0)), { a: 50, b: 50 }));

  it('go to nobody who holds no steps', () => {
    assert.deepEqual(weights(s('a'), any([], { id: 'none', weight: 50 }), sequence([[]], { id: 'hollow' })), {
      a: 100,
      none: 0,
      hollow: 0,
      'all()': 0,
    });
  });

  it('of steps sum to 100, and children to their parent, whatever the tree', () => {
    fc.assert(
      fc.property(arbitraryShapes, (shapes) => {
        const { plan } = buildPlan(pipelineOf(shapes), { name: 'p' });
        const steps = stepsOf(plan);
        if (steps.length > 0) assert.ok(near(sum(steps), 100), `steps sum to ${sum(steps)}`);
        for (const node of [plan, ...nodesOf(plan)]) {
          assert.ok(node.weight >= 0 && node.weight <= 100.000001, `${node.id}: ${node.weight}`);
          if (node.kind !== 'step' && stepsOf(node).length > 0) assert.ok(near(sum(node.children), node.weight), node.id);
        }
      }),
    );
  });
});

function sum(nodes: readonly { readonly weight: number }[]): number {
  return nodes.reduce((total, node) => total + node.weight, 0);
}
