import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { buildPlan } from '../../../core/model/build-plan.ts';
import { all, any, atLeast, definePipeline, sequence, step } from '../../../core/model/builders.ts';
import type { StepInput } from '../../../core/model/definition.ts';
import { arbitraryShapes, idsOf, pipelineOf } from './trees.ts';

const s = (id: string): StepInput => step(id, () => undefined);
const ids = (...steps: StepInput[]): readonly string[] => idsOf(buildPlan(definePipeline(steps), { name: 'p' }).plan);

describe('ids', () => {
  it('of groups and sequences are made of what is in them', () => {
    assert.deepEqual(ids([s('types'), sequence([s('build'), s('unit')])], any([s('a')]), atLeast(1, [s('b'), s('c')])), [
      'all(types,sequence(build,unit))',
      'types',
      'sequence(build,unit)',
      'build',
      'unit',
      'any(a)',
      'a',
      'atLeast(b,c)',
      'b',
      'c',
    ]);
  });

  it('are cut when long, and still differ', () => {
    const many = Array.from({ length: 30 }, (_, index) => s(`step-${index}`));
    const [first = ''] = ids(all(many));
    const [second = ''] = ids(all([...many, s('one-more')]));
    assert.equal(first.length, 60);
    assert.match(first, /^all\(step-0,step-1,.*~[0-9a-f]{8}\)$/);
    assert.notEqual(first, second);
  });

  it('stay whole characters when cut', () => {
    for (let length = 40; length < 50; length += 1) {
      const [id = ''] = ids(all([s('x'.repeat(length) + '🚀'.repeat(20))]));
      assert.ok(id.isWellFormed(), id);
    }
  });

  it('of groups give way to ids that people gave', () => {
    assert.deepEqual(ids([s('a')], s('all(a)'), all([], { id: 'all()' }), []), ['all(a)#2', 'a', 'all(a)', 'all()', 'all()#2']);
  });

  it('of the root are the name of the pipeline, unless a step has it', () => {
    assert.equal(buildPlan(definePipeline([s('a')]), { name: 'build' }).plan.id, 'build');
    assert.equal(buildPlan(definePipeline([s('build')]), { name: 'build' }).plan.id, 'build#2');
  });

  it('are unique whatever the tree', () => {
    fc.assert(
      fc.property(arbitraryShapes, (shapes) => {
        const { plan } = buildPlan(pipelineOf(shapes), { name: 'p' });
        const all = [plan.id, ...idsOf(plan)];
        assert.equal(new Set(all).size, all.length);
      }),
    );
  });

  it('stay when other things are moved', () => {
    fc.assert(
      fc.property(
        arbitraryShapes.chain((shapes) =>
          fc.tuple(fc.constant(pipelineOf(shapes).children.filter(holdsSteps)), fc.infiniteStream(fc.nat())),
        ),
        ([children, numbers]) => {
          const shuffled = children
            .map((child) => ({ child, order: numbers.next().value }))
            .sort((left, right) => left.order - right.order)
            .map(({ child }) => child);
          assert.deepEqual(ids(...shuffled).toSorted(), ids(...children).toSorted());
        },
      ),
    );
  });
});

/** Empty groups have nothing to be told apart by but their order. */
function holdsSteps(input: StepInput): boolean {
  if (Array.isArray(input)) return input.length > 0 && input.every(holdsSteps);
  return !('children' in input) || (input.children.length > 0 && input.children.every(holdsSteps));
}
