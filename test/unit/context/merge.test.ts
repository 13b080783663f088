import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeBranches, PatchChain } from '../../../core/context/merge.ts';
import { applyPatch, lookup, materialise, snapshotFrom } from '../../../core/context/snapshot.ts';
import type { Conflict } from '../../../core/contract/events.ts';
import { keys, patchOf, plainData, put } from './data.ts';
import { type Json, modelMerge } from './merge-model.ts';

type Body = (results: Record<string, unknown>) => void;

function merged(before: Record<string, unknown>, ...bodies: Body[]) {
  const base = snapshotFrom(before);
  const { patch, conflicts } = mergeBranches(
    base,
    bodies.map((body, index) => patchOf(base, `s${index}`, body)),
  );
  return { results: materialise(applyPatch(base, patch)), conflicts, patch };
}

const conflict = (path: string, ...steps: number[]): Conflict => ({
  path,
  stepIds: steps.map((step) => `s${step}`),
  kept: `s${steps.at(-1)}`,
});
const set =
  (key: string, value: unknown): Body =>
  (results) => {
    results[key] = value;
  };

describe('merging', () => {
  it('sums numbers, concatenates arrays, merges objects, applies deletions, in declared order', () => {
    const { results, conflicts } = merged(
      { count: 10, list: [0], tree: { a: 1, gone: true } },
      (own) => {
        Object.assign(own, { count: 11, list: [0, 'x'], fresh: 1, log: ['first'] });
        Object.assign(Object(own['tree']), { left: 1 });
      },
      (own) => {
        Object.assign(own, { count: 15, list: [0, 'y'], fresh: 2, log: ['second'] });
        delete Object(own['tree'])['gone'];
      },
    );
    assert.deepEqual(results, { count: 16, list: [0, 'x', 'y'], tree: { a: 1, left: 1 }, fresh: 3, log: ['first', 'second'] });
    assert.deepEqual(conflicts, []);
  });

  it('lets the later declared win, and reports the conflict with path and steps', () => {
    const { results, conflicts } = merged(
      { report: { total: 'none' } },
      (own) => Object.assign(Object(own['report']), { total: 'one', same: 'equal' }),
      (own) => Object.assign(Object(own['report']), { total: 'two', same: 'equal' }),
    );
    assert.deepEqual(results, { report: { total: 'two', same: 'equal' } });
    assert.deepEqual(conflicts, [conflict('results.report.total', 0, 1)]);
  });

  it('knows conflicts from what can be merged', () => {
    const cases: readonly (readonly [unknown, readonly unknown[], unknown, readonly Conflict[]])[] = [
      // Values that are equal, and a change against none.
      ['a', ['b', 'b'], 'b', []],
      ['a', ['a', 'b', 'a'], 'b', []],
      [1, ['text', 1], 'text', []],
      [new Map([[1, 1]]), [new Map([[1, 2]]), new Map([[1, 2]])], new Map([[1, 2]]), []],
      // What cannot be merged.
      ['a', ['b', 'c', 'd'], 'd', [conflict('results.k', 0, 1, 2)]],
      ['a', ['b', 'a', 'c'], 'c', [conflict('results.k', 0, 2)]],
      [true, [false, null], null, [conflict('results.k', 0, 1)]],
      [new Map(), [new Map([[1, 2]]), new Map([[2, 3]])], new Map([[2, 3]]), [conflict('results.k', 0, 1)]],
      [new Set(), [new Set([1]), new Set([2])], new Set([2]), [conflict('results.k', 0, 1)]],
      [new Date(0), [new Date(1), new Date(2)], new Date(2), [conflict('results.k', 0, 1)]],
      [1n, [2n, 3n], 3n, [conflict('results.k', 0, 1)]],
      // Of different kinds, and numbers and lists in place of something else.
      [1, [2, 'text'], 'text', [conflict('results.k', 0, 1)]],
      ['a', [1, 2], 2, [conflict('results.k', 0, 1)]],
      ['a', [[1], [2]], [2], [conflict('results.k', 0, 1)]],
      ['a', [{ a: 1 }, { b: 1 }], { b: 1 }, [conflict('results.k', 0, 1)]],
      // Lists of which more was changed than the end.
      [[1, 2], [[1, 2, 3], [9, 2]], [9, 2], [conflict('results.k', 0, 1)]], // prettier-ignore
      [[1, 2], [[1], [1]], [1], []],
      [[1, 2], [[1], [1, 2, 3]], [1, 2, 3], [conflict('results.k', 0, 1)]], // prettier-ignore
      [[], [Object.assign([1], { name: 'a' }), [2]], [2], [conflict('results.k', 0, 1)]],
      // Several conflicts, deep below.
      [
        { a: { b: ['x', { c: 1 }], d: 'x' }, 'e f': 1 },
        [
          { a: { b: ['x', { c: 1 }], d: 'y' }, 'e f': 'p' },
          { a: { b: ['x', { c: 1 }], d: 'z' }, 'e f': 'q' },
        ],
        { a: { b: ['x', { c: 1 }], d: 'z' }, 'e f': 'q' },
        [conflict('results.k.a.d', 0, 1), conflict('results.k["e f"]', 0, 1)],
      ],
      // Nothing but numbers.
      [5, [4, 6], 5, []],
      [0.5, [Number.NaN, 1], Number.NaN, []],
      [{ n: 1 }, [{ n: 2 }, { n: 3 }, { n: 0 }], { n: 3 }, []],
    ];
    for (const [before, after, result, conflicts] of cases) {
      const outcome = merged({ k: before }, ...after.map((value) => set('k', value)));
      assert.deepStrictEqual(outcome.results, { k: result });
      assert.deepEqual(outcome.conflicts, conflicts);
    }
  });

  it('takes a deletion against a change for a conflict', () => {
    const remove: Body = (own) => delete own['key'];
    assert.deepEqual(merged({ key: 'before' }, remove, set('key', 'after')), {
      ...merged({ key: 'before' }, set('key', 'after')),
      patch: merged({ key: 'before' }, remove, set('key', 'after')).patch,
      conflicts: [conflict('results.key', 0, 1)],
    });
    const removedLast = merged({ key: 1 }, set('key', 2), remove);
    assert.deepEqual([removedLast.results, removedLast.conflicts], [{}, [conflict('results.key', 0, 1)]]);
    const removedTwice = merged({ key: 1 }, remove, remove);
    assert.deepEqual([removedTwice.results, removedTwice.conflicts], [{}, []]);
  });

  it('names the steps by what their changes say, as steps of a branch do', () => {
    const base = snapshotFrom({ k: 'a' });
    const branch = new PatchChain();
    branch.add(patchOf(base, 'first', set('other', 1)));
    branch.add(patchOf(base, 'second', set('k', 'b')));
    const { conflicts } = mergeBranches(base, [branch.patch, patchOf(base, 'third', set('k', 'c'))]);
    assert.deepEqual(conflicts, [{ path: 'results.k', stepIds: ['second', 'third'], kept: 'third' }]);
  });

  it('takes over what only one changed, without decoding', () => {
    const base = snapshotFrom({ big: { pad: 'x'.repeat(9000) }, other: 1 });
    const patch = patchOf(base, 's0', set('big', { pad: 'y'.repeat(9000) }));
    const { patch: result } = mergeBranches(base, [patch, patchOf(base, 's1', set('other', 2))]);
    assert.equal(result.changes.get('big'), patch.changes.get('big'));
    assert.equal(lookup(applyPatch(base, result), 'big'), lookup(applyPatch(base, patch), 'big'));
  });

  it('says nothing of changes that cancel each other out, and keeps what was read', () => {
    const { patch } = merged({ n: 1, list: [1] }, set('n', 2), set('n', 0));
    assert.deepEqual([...patch.changes], []);
    const reads = merged(
      { a: 1, b: 2 },
      (own) => void own['a'],
      (own) => void [own['b'], own['a']],
    ).patch.reads;
    assert.deepEqual(reads, ['a', 'b']);
  });

  it('merges values that are cyclic, and very deep', () => {
    const cyclic = (name: string) => {
      const value: { name: string; self?: unknown; list: unknown[] } = { name, list: [] };
      value.self = value;
      value.list.push(value);
      return value;
    };
    const { results, conflicts } = merged({}, set('k', cyclic('one')), set('k', cyclic('two')));
    const { k } = results;
    assert.ok(typeof k === 'object' && k !== null && 'name' in k);
    assert.equal(k.name, 'two');
    assert.ok(conflicts.some(({ path }) => path === 'results.k.name'));
    const deep = (leaf: unknown): unknown => {
      let value = leaf;
      for (let level = 0; level < 900; level += 1) value = { d: value };
      return value;
    };
    const deepest = merged({ k: deep(0) }, set('k', deep('x')), set('k', deep('y')));
    assert.deepEqual(deepest.results, { k: deep('y') });
    assert.equal(deepest.conflicts.length, 1);
    assert.deepEqual(merged({ k: deep(0) }, set('k', deep(1)), set('k', deep(2))).results, { k: deep(3) });
  });

  it('cannot be used to reach prototypes', () => {
    const { results } = merged(
      {},
      (own) => Object.assign(own, { a: JSON.parse('{"__proto__": {"x": 1}, "constructor": {"prototype": {"x": 1}}}') }),
      (own) => Object.assign(own, { a: JSON.parse('{"__proto__": {"y": 1}, "constructor": {"prototype": {"y": 1}}}') }),
    );
    assert.equal(JSON.stringify(results), '{"a":{"__proto__":{"x":1,"y":1},"constructor":{"prototype":{"x":1,"y":1}}}}');
    assert.equal(Reflect.get({}, 'x'), undefined);
  });

  it('of one branch is that branch', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), fc.dictionary(keys, plainData), (before, after) => {
        const base = snapshotFrom(before);
        const patch = patchOf(base, 's', (results) => {
          for (const [key, value] of Object.entries(after)) put(results, key, value);
        });
        const { patch: result, conflicts } = mergeBranches(base, [patch]);
        assert.deepEqual([...result.changes], [...patch.changes]);
        assert.deepEqual(conflicts, []);
        const expected = new Map([...Object.entries(before), ...Object.entries(after)]);
        assert.deepStrictEqual(new Map(Object.entries(materialise(applyPatch(base, result)))), expected);
      }),
    );
  });

  it('does not depend on the order of branches that touch different keys, and never conflicts then', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 3 }), plainData),
        fc.dictionary(fc.string({ maxLength: 3 }), plainData),
        (left, right) => {
          const write =
            (values: object, prefix: string): Body =>
            (own) => {
              for (const [key, value] of Object.entries(values)) own[`${prefix}${key}`] = value;
            };
          const one = merged({}, write(left, 'l'), write(right, 'r'));
          const other = merged({}, write(right, 'r'), write(left, 'l'));
          assert.deepStrictEqual(one.results, other.results);
          assert.deepEqual([...one.conflicts, ...other.conflicts], []);
        },
      ),
    );
  });

  it('gives what the plain model of its rules gives, conflicts included', () => {
    // Few keys and values, so that siblings meet.
    const { value: tree } = fc.letrec<{ value: Json; leaf: Json }>((tie) => ({
      leaf: fc.oneof(
        fc.integer({ min: -3, max: 3 }).map((number) => number + 0),
        fc.constantFrom('x', 'y', true, null),
      ),
      value: fc.oneof(
        { depthSize: 'small' },
        tie('leaf'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    const record = fc.dictionary(fc.constantFrom('p', 'q', 'r'), tree, { maxKeys: 3, noNullPrototype: true });
    const edit = fc.record({
      path: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
      kind: fc.constantFrom('set', 'delete', 'push', 'add', 'nothing'),
      value: tree,
    });
    const edits = fc.array(fc.tuple(fc.constantFrom('p', 'q', 'r'), edit), { maxLength: 4 });
    fc.assert(
      fc.property(record, fc.array(edits, { minLength: 1, maxLength: 4 }), (before, siblings) => {
        const body =
          (list: (typeof siblings)[number]): Body =>
          (results) => {
            for (const [top, { path, kind, value }] of list) {
              const steps = [top, ...path];
              const last = steps.pop() ?? top;
              let at: unknown = results;
              for (const key of steps) at = typeof at === 'object' && at !== null && !Array.isArray(at) ? Reflect.get(at, key) : undefined;
              if (typeof at !== 'object' || at === null || Array.isArray(at)) continue;
              const now: unknown = Reflect.get(at, last);
              if (kind === 'set') put(at, last, structuredClone(value));
              else if (kind === 'delete') Reflect.deleteProperty(at, last);
              else if (kind === 'push' && Array.isArray(now)) now.push(structuredClone(value));
              else if (kind === 'add' && typeof now === 'number') put(at, last, now + 1);
            }
          };
        const bodies = siblings.map(body);
        const after = bodies.map((run) => {
          const copy = structuredClone(before);
          run(copy);
          return copy;
        });
        const outcome = merged(before, ...bodies);
        const model = modelMerge(before, after);
        assert.deepEqual(outcome.results, model.value);
        const told = ({ path, stepIds, kept }: Conflict): string => `${path} ${stepIds.join()} ${kept}`;
        assert.deepEqual(outcome.conflicts.map(told).sort(), model.conflicts.map(told).sort());
      }),
      { numRuns: 2000 },
    );
  });
});

describe('patches that follow each other', () => {
  it('make one that changes what both change', () => {
    const changes = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.integer()));
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 5 }), (list) => {
        const base = snapshotFrom({ a: 1, b: 2 });
        let current = base;
        const patches = list.map((each, index) => {
          const patch = patchOf(current, `s${index}`, (results) => {
            for (const [key, value] of Object.entries(each)) {
              if (value === null) delete results[key];
              else results[key] = value;
            }
          });
          current = applyPatch(current, patch);
          return patch;
        });
        const composed = new PatchChain();
        for (const patch of patches) composed.add(patch);
        assert.deepEqual(materialise(applyPatch(base, composed.patch)), materialise(current));
      }),
    );
  });
});
