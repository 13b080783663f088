import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { isTreadleError } from '../../../core/contract/errors.ts';
import type { Plan } from '../../../core/contract/plan.ts';
import { buildPlan } from '../../../core/model/build-plan.ts';
import { all, any, atLeast, definePipeline, sequence, step } from '../../../core/model/builders.ts';
import type { StepInput } from '../../../core/model/definition.ts';
import { selectSteps, type Selection } from '../../../core/model/select.ts';
import { arbitraryShapes, idsOf, nodesOf, pipelineOf, stepsOf } from './trees.ts';

const s = (id: string, weight?: number): StepInput => step(id, () => undefined, weight === undefined ? {} : { weight });
const planOf = (...steps: StepInput[]): Plan => buildPlan(definePipeline(steps), { name: 'p' }).plan;

const plan = planOf(
  s('install', 80),
  all([s('types'), s('lint'), sequence([s('build'), s('unit'), s('e2e')], { id: 'tests' })], { id: 'checks' }),
  atLeast(2, [s('a'), s('b'), s('c')], { id: 'quorum' }),
  any([s('x'), s('y')], { id: 'either' }),
);

const selected = (selection: Selection): readonly string[] => idsOf(selectSteps(plan, selection));

describe('selectSteps', () => {
  it('keeps named steps in the structure that encloses them', () => {
    assert.deepEqual(selected({ only: ['unit', 'x'] }), ['checks', 'tests', 'unit', 'either', 'x']);
  });

  it('keeps a named group with all that is in it', () => {
    assert.deepEqual(selected({ only: ['tests', 'lint'] }), ['checks', 'lint', 'tests', 'build', 'unit', 'e2e']);
  });

  it('asks of a group no more than it has left', () => {
    const required = (only: string[]): number[] =>
      nodesOf(selectSteps(plan, { only })).flatMap((node) => (node.kind === 'group' ? node.required : []));
    assert.deepEqual(required(['types', 'a', 'x', 'y']), [1, 1, 1]);
    assert.deepEqual(required(['quorum', 'checks']), [3, 2]);
  });

  it('starts at a step and skips what is ordered before it', () => {
    assert.deepEqual(selected({ from: 'quorum' }), ['quorum', 'a', 'b', 'c', 'either', 'x', 'y']);
    const rest = ['quorum', 'a', 'b', 'c', 'either', 'x', 'y'];
    assert.deepEqual(selected({ from: 'lint' }), ['checks', 'types', 'lint', 'tests', 'build', 'unit', 'e2e', ...rest]);
    assert.deepEqual(selected({ from: 'unit' }), ['checks', 'types', 'lint', 'tests', 'unit', 'e2e', ...rest]);
  });

  it('takes both together', () =>
    assert.deepEqual(selected({ from: 'unit', only: ['tests', 'a'] }), ['checks', 'tests', 'unit', 'e2e', 'quorum', 'a']));

  it('shares the weights anew in the same proportions', () => {
    const weightsOf = (only: string[]): Record<string, number> =>
      Object.fromEntries(stepsOf(selectSteps(plan, { only })).map(({ id, weight }) => [id, Math.round(weight)]));
    assert.deepEqual(weightsOf(['a', 'b']), { a: 50, b: 50 });
    assert.deepEqual(weightsOf(['install', 'lint']), { install: 92, lint: 8 });
  });

  it('takes the root for everything', () => assert.equal(selectSteps(plan, { only: ['p'], from: 'p' }), plan));
  it('gives the plan itself when nothing is selected', () => assert.equal(selectSteps(plan, {}), plan));

  it('names unknown ids with a suggestion', () => {
    assert.throws(
      () => selectSteps(plan, { only: ['lnt'] }),
      (error) =>
        isTreadleError(error) &&
        error.code === 'E_STEP_UNKNOWN' &&
        error.message.includes('"lnt"') &&
        error.hint === 'Did you mean "lint"?',
    );
    assert.throws(
      () => selectSteps(plan, { only: ['lnt', 'zzzz', 'lnt'], from: 'instal' }),
      (error) =>
        isTreadleError(error) &&
        error.code === 'E_STEP_UNKNOWN' &&
        error.errors?.map(({ hint }) => hint).join() ===
          'Did you mean "lint"?,There are: install, checks, types, lint, tests, build, unit, e2e, ….,Did you mean "install"?',
    );
  });

  it('refuses a start that skips all that is to be kept', () => {
    assert.throws(
      () => selectSteps(plan, { only: ['install'], from: 'quorum' }),
      (error) => isTreadleError(error) && error.code === 'E_USAGE' && error.message.includes('"install"'),
    );
  });

  it('never loses or invents steps, whatever the tree', () => {
    fc.assert(
      fc.property(arbitraryShapes, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (shapes, picks) => {
        const { plan: whole } = buildPlan(pipelineOf(shapes), { name: 'p' });
        const nodes = nodesOf(whole);
        fc.pre(nodes.length > 0);
        const chosen = picks.map((pick) => nodes[pick % nodes.length]).filter((node) => node !== undefined);
        const part = selectSteps(whole, { only: chosen.map(({ id }) => id) });
        const expected = new Set(chosen.flatMap((node) => (node.kind === 'step' ? [node.id] : stepsOf(node).map(({ id }) => id))));
        assert.deepEqual(new Set(stepsOf(part).map(({ id }) => id)), expected);
        // In the same order, and with weights that are whole again.
        const order = stepsOf(whole).map(({ id }) => id);
        assert.deepEqual(
          stepsOf(part).map(({ id }) => id),
          order.filter((id) => expected.has(id)),
        );
        const total = stepsOf(part).reduce((sum, { weight }) => sum + weight, 0);
        if (expected.size > 0) assert.ok(Math.abs(total - 100) < 1e-6, `sums to ${total}`);
      }),
    );
  });

  it('from any step keeps it and all that comes after it', () => {
    fc.assert(
      fc.property(arbitraryShapes, fc.nat(), (shapes, pick) => {
        const { plan: whole } = buildPlan(pipelineOf(shapes), { name: 'p' });
        const steps = stepsOf(whole).map(({ id }) => id);
        fc.pre(steps.length > 0);
        const from = steps[pick % steps.length] ?? '';
        const kept = stepsOf(selectSteps(whole, { from })).map(({ id }) => id);
        const after = steps.slice(steps.indexOf(from));
        assert.deepEqual(kept.slice(kept.indexOf(from)), after);
        assert.ok(kept.every((id) => steps.includes(id)));
      }),
    );
  });
});
