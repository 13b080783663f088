import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stepIds, type ChildNode, type Plan, type PlanNode } from '../../../core/contract/plan.ts';
import { dividePlan, mostShards } from '../../../core/model/shard.ts';
import { finished } from '../../support/imagined-plans.ts';
import { groupNode, pipelineNode, sequenceNode, stepNode } from '../../support/plans.ts';

const shell = (id: string, settings: Partial<Parameters<typeof stepNode>[1]> = {}): ChildNode =>
  stepNode(id, { uses: 'shell', ...settings });
const times = (ms: Readonly<Record<string, number>>): ReadonlyMap<string, number> => new Map(Object.entries(ms));
const divided = (plan: Plan, count: number, ms: Readonly<Record<string, number>> = {}): readonly (readonly string[])[] =>
  dividePlan(plan, count, times(ms)).map(stepIds);

describe('dividePlan', () => {
  it('gives each shard about the same to do, by how long steps take', () => {
    const plan = finished(
      pipelineNode([
        shell('install'),
        groupNode(
          'checks',
          ['a', 'b', 'c', 'd', 'e'].map((id) => shell(id)),
        ),
      ]),
    );
    assert.deepEqual(divided(plan, 2, { install: 5, a: 10, b: 90, c: 30, d: 40, e: 20 }), [
      ['install', 'a', 'b'],
      ['install', 'c', 'd', 'e'],
    ]);
    // Without history, by the plan.
    assert.deepEqual(divided(plan, 2), [
      ['install', 'a', 'c', 'e'],
      ['install', 'b', 'd'],
    ]);
    // What is not known takes as long as the others on average: here 40.
    assert.deepEqual(divided(plan, 2, { install: 0, a: 100, b: 20 }), [
      ['install', 'a', 'b'],
      ['install', 'c', 'd', 'e'],
    ]);
  });

  it('runs in each shard what comes before and may be needed, and sequences and other groups as a whole', () => {
    const plan = finished(
      pipelineNode([
        shell('install'),
        stepNode('database', { uses: 'service' }),
        groupNode('prepare', [stepNode('seed'), shell('build', { outputs: ['dist'] }), shell('lint')]),
        groupNode('reachable', [shell('primary'), shell('mirror')], { operator: 'any', required: 1 }),
        groupNode('tests', [shell('unit'), sequenceNode('browsers', [shell('start'), shell('e2e')])]),
        stepNode('tidy', { when: 'always' }),
      ]),
    );
    const before = ['install', 'database', 'seed', 'build'];
    const whole = ['primary', 'mirror'];
    assert.deepEqual(divided(plan, 3), [
      [...before, ...whole, 'start', 'e2e', 'tidy'],
      ['install', 'database', 'lint', 'tidy'],
      [...before, ...whole, 'unit', 'tidy'],
    ]);
    assert.equal(mostShards(plan), 3);
  });

  it('keeps a group whole whose children decide together', () => {
    const children = [shell('a'), shell('b')];
    const each = [
      groupNode('g', children, { operator: 'any', required: 1 }),
      groupNode('g', children, { operator: 'atLeast', required: 1 }),
      groupNode('g', children, { onConflict: 'error' }),
      sequenceNode('g', children),
    ];
    for (const node of each) {
      const plan = finished(pipelineNode([node]));
      assert.equal(mostShards(plan), 1);
      assert.deepEqual(divided(plan, 2), [['a', 'b'], []]);
    }
  });

  it('divides groups in groups, and keeps the structure that encloses what is left', () => {
    const plan = finished(pipelineNode([groupNode('outer', [groupNode('inner', [shell('a'), shell('b')]), shell('c')])]));
    const [first, second, third] = dividePlan(plan, 3, new Map());
    assert.deepEqual(shapeOf(first), ['ci', ['outer', ['inner', 'a']]]);
    assert.deepEqual(shapeOf(second), ['ci', ['outer', ['inner', 'b']]]);
    assert.deepEqual(shapeOf(third), ['ci', ['outer', 'c']]);
    assert.equal(first?.weight, 100);
  });

  it('loses no step, leaves no shard empty that could have something, respects the order, and is deterministic', () => {
    const tree = fc.letrec<{ readonly node: ChildNode }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc
          .record({ uses: fc.constantFrom('shell', 'service', undefined), when: fc.constantFrom('on-success' as const, 'always' as const) })
          .map(({ uses, when }) => stepNode('', { when, ...(uses === undefined ? {} : { uses }) })),
        fc
          .tuple(fc.array(tie('node'), { maxLength: 5 }), fc.constantFrom('all' as const, 'any' as const))
          .map(([children, operator]) => groupNode('', children, { operator, required: operator === 'any' ? 1 : children.length })),
        fc.array(tie('node'), { maxLength: 3 }).map((children) => sequenceNode('', children)),
      ),
    })).node;
    const plan = fc.array(tree, { maxLength: 5 }).map((children) => finished(pipelineNode(children)));
    const durations = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 30 });
    fc.assert(
      fc.property(plan, fc.integer({ min: 1, max: 7 }), durations, (whole, count, ms) => {
        const ids = stepIds(whole);
        const expected = new Map(ids.flatMap((id, index): [string, number][] => (ms[index] === undefined ? [] : [[id, ms[index]]])));
        const shards = dividePlan(whole, count, expected);
        assert.equal(shards.length, count);
        assert.deepEqual(new Set(shards.flatMap(stepIds)), new Set(ids));
        const most = mostShards(whole);
        for (const shard of shards.slice(0, most)) if (ids.length > 0) assert.ok(shard.children.length > 0);
        for (const shard of shards.slice(most)) assert.deepEqual(stepIds(shard), []);
        assert.deepEqual(dividePlan(whole, count, expected), shards);
        // The order is that of the plan, and whatever is in order before a step of a shard is in it too.
        for (const shard of shards) {
          const own = new Set(stepIds(shard));
          assert.deepEqual(
            stepIds(shard),
            ids.filter((id) => own.has(id)),
          );
          for (const [stage, child] of whole.children.entries()) {
            if (child.kind !== 'step' || child.when !== 'on-success') continue;
            const later = whole.children.slice(stage + 1).flatMap(stepsOf);
            if (later.some((step) => own.has(step.id) && step.when !== 'always')) assert.ok(own.has(child.id), `${child.id} is missing`);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

function stepsOf(node: PlanNode): readonly Extract<PlanNode, { kind: 'step' }>[] {
  return node.kind === 'step' ? [node] : node.children.flatMap(stepsOf);
}

type Shape = string | readonly Shape[];
function shapeOf(node: PlanNode | undefined): Shape {
  if (node === undefined) return '';
  return node.kind === 'step' ? node.id : [node.id, ...node.children.map(shapeOf)];
}
