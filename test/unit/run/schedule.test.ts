import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stepsIn, type ChildNode, type Plan, type PlanNode } from '../../../core/contract/plan.ts';
import { groupNode, pipelineNode, sequenceNode, stepNode } from '../../support/plans.ts';
import { Driver, type Ending } from '../../support/schedule-driver.ts';

const [a, b, c] = ['a', 'b', 'c'].map((id) => stepNode(id));
assert.ok(a !== undefined && b !== undefined && c !== undefined);

describe('schedule', () => {
  it('runs a sequence in order and a group at once', () => {
    const driver = new Driver(pipelineNode([a, groupNode('g', [b, c]), stepNode('d')]));
    assert.deepEqual([...driver.running], ['a']);
    driver.end('a');
    assert.deepEqual([...driver.running], ['b', 'c']);
    driver.end('c');
    assert.deepEqual([...driver.running], ['b']);
    driver.end('b');
    assert.equal(driver.status('g'), 'passed');
    driver.end('d');
    assert.equal(driver.status('pipeline'), 'passed');
  });

  it('skips what follows a failure, but runs steps that ask for it', () => {
    const driver = new Driver(
      pipelineNode([a, b, groupNode('g', [c, stepNode('rescue', { when: 'on-failure' })]), stepNode('cleanup', { when: 'always' })]),
    );
    driver.end('a', 'failed');
    assert.equal(driver.status('b'), 'skipped');
    assert.equal(driver.status('c'), 'skipped');
    driver.end('rescue');
    driver.end('cleanup');
    assert.equal(driver.status('pipeline'), 'failed');
  });

  it('goes on after a failure with failFast: false', () => {
    const driver = new Driver(pipelineNode([a, b], { failFast: false }));
    driver.end('a', 'failed');
    driver.end('b');
    assert.equal(driver.status('pipeline'), 'failed');
  });

  it('tolerates a step that is not critical', () => {
    const driver = new Driver(pipelineNode([stepNode('a', { critical: false }), b]));
    driver.end('a', 'timed-out');
    driver.end('b');
    assert.equal(driver.status('a'), 'timed-out');
    assert.equal(driver.status('pipeline'), 'passed');
  });

  it('passes an any group with one success and fails it with none', () => {
    for (const [first, second, expected] of [
      ['failed', 'passed', 'passed'],
      ['failed', 'failed', 'failed'],
    ] as const) {
      const driver = new Driver(pipelineNode([groupNode('g', [a, b], { operator: 'any', required: 1 })]));
      driver.end('a', first);
      driver.end('b', second);
      assert.equal(driver.status('g'), expected);
      assert.equal(driver.status('pipeline'), expected);
    }
  });

  it('does not count a tolerated failure as a success of an any group', () => {
    const driver = new Driver(pipelineNode([groupNode('g', [stepNode('a', { critical: false })], { operator: 'any', required: 1 })]));
    driver.end('a', 'failed');
    assert.equal(driver.status('g'), 'failed');
  });

  it('passes empty groups, except any', () => {
    const driver = new Driver(
      pipelineNode([
        groupNode('g', []),
        groupNode('q', [], { operator: 'atLeast', required: 0 }),
        groupNode('n', [], { operator: 'any', required: 1 }),
      ]),
    );
    assert.equal(driver.status('g'), 'passed');
    assert.equal(driver.status('q'), 'passed');
    assert.equal(driver.status('n'), 'failed');
    assert.equal(driver.status('pipeline'), 'failed');
  });

  it('stops the rest of a settle: first group once it is decided', () => {
    const any = new Driver(pipelineNode([groupNode('g', [a, b, c], { operator: 'any', required: 1, settle: 'first', maxWorkers: 2 })]));
    any.end('a');
    assert.deepEqual([...any.stopped], ['b']);
    any.end('b', 'cancelled');
    assert.deepEqual(
      [any.status('b'), any.status('c'), any.status('g'), any.status('pipeline')],
      ['cancelled', 'skipped', 'passed', 'passed'],
    );

    const all = new Driver(pipelineNode([groupNode('g', [a, b], { settle: 'first' }), c]));
    all.end('a', 'failed');
    all.end('b', 'cancelled');
    assert.deepEqual([all.status('g'), all.status('c'), all.status('pipeline')], ['failed', 'skipped', 'failed']);
  });

  it('gives up a quorum that can no longer be met', () => {
    const driver = new Driver(pipelineNode([groupNode('g', [a, b, c], { operator: 'atLeast', required: 2, settle: 'first' })]));
    driver.end('a', 'failed');
    assert.equal(driver.stopped.size, 0);
    driver.end('b', 'failed');
    assert.deepEqual([...driver.stopped], ['c']);
    driver.end('c', 'cancelled');
    assert.equal(driver.status('g'), 'failed');
  });

  it('tries again after failures and timeouts, with growing delays, and marks a late success flaky', () => {
    const driver = new Driver(pipelineNode([stepNode('a', { retries: 2, backoff: { delayMs: 100, factor: 3, maxMs: 250 } })]));
    driver.end('a', 'failed');
    driver.tell({ type: 'retry-due', id: 'a' });
    driver.end('a', 'timed-out');
    driver.tell({ type: 'retry-due', id: 'a' });
    driver.end('a');
    assert.deepEqual(
      driver.log.filter((effect) => effect.type === 'delay-retry').map(({ attempt, delayMs }) => [attempt, delayMs]),
      [
        [2, 100],
        [3, 250],
      ],
    );
    const end = driver.log.find((effect) => effect.type === 'step-ended');
    assert.deepEqual([end?.status, end?.attempts, end?.flaky], ['passed', 3, true]);
  });

  it('does not try again after a cancellation, nor while it waits for its next attempt', () => {
    const running = new Driver(pipelineNode([stepNode('a', { retries: 5 })]));
    running.tell({ type: 'cancel', message: 'enough' });
    running.end('a', 'failed');
    assert.equal(running.status('pipeline'), 'cancelled');

    const waiting = new Driver(pipelineNode([stepNode('a', { retries: 5 })]));
    waiting.end('a', 'failed');
    waiting.tell({ type: 'cancel', message: 'enough' });
    assert.equal(waiting.delayed.size, 0);
    assert.deepEqual([waiting.status('a'), waiting.status('pipeline')], ['cancelled', 'cancelled']);
  });

  it('times a group out: what runs is stopped, what waits is skipped, an any group keeps its success', () => {
    const all = new Driver(pipelineNode([groupNode('g', [a, b, c], { timeoutMs: 10, maxWorkers: 2 })]));
    all.end('a');
    all.tell({ type: 'timeout', id: 'g', message: 'too slow' });
    assert.deepEqual([...all.stopped].sort(), ['b', 'c']);
    all.end('b', 'timed-out');
    all.end('c', 'timed-out');
    assert.deepEqual([all.status('g'), all.status('pipeline')], ['timed-out', 'failed']);

    const any = new Driver(pipelineNode([groupNode('g', [a, b], { operator: 'any', required: 1, timeoutMs: 10 })]));
    any.end('a');
    any.tell({ type: 'timeout', id: 'g', message: 'too slow' });
    any.end('b', 'timed-out');
    assert.equal(any.status('g'), 'passed');
  });

  it('stops one step when told to, and fails what needs it', () => {
    const driver = new Driver(pipelineNode([groupNode('g', [a, b])]));
    driver.tell({ type: 'cancel', id: 'a', message: 'by hand' });
    driver.end('a', 'cancelled');
    driver.end('b');
    assert.deepEqual([driver.status('a'), driver.status('g')], ['cancelled', 'failed']);
  });

  it('begins steps only as there are threads for them, the one that waits longest first, and lets others by', () => {
    const [one, two, three] = ['one', 'two', 'three'].map((id) => stepNode(id, { executor: 'threads', retries: 1 }));
    assert.ok(one && two && three);
    const driver = new Driver(pipelineNode([groupNode('g', [one, two, a, three, stepNode('asks', { when: 'function' }), b])]), 1);
    assert.deepEqual([...driver.running], ['one', 'a', 'b']);
    driver.end('one', 'failed');
    assert.deepEqual([...driver.running], ['a', 'b', 'two']);
    driver.tell({ type: 'retry-due', id: 'one' });
    driver.tell({ type: 'cancel', id: 'two', message: 'enough' });
    driver.tell({ type: 'cancel', id: 'three', message: 'enough' });
    assert.equal(driver.status('three'), 'skipped');
    driver.end('two', 'cancelled');
    assert.deepEqual([...driver.asking], ['asks']);
    driver.tell({ type: 'when-answered', id: 'asks', run: true });
    assert.deepEqual([...driver.running], ['a', 'b', 'one', 'asks']);
  });

  it('asks a when function once, also before retries', () => {
    const driver = new Driver(pipelineNode([stepNode('a', { when: 'function', retries: 1 }), stepNode('b', { when: 'function' })]));
    driver.tell({ type: 'when-answered', id: 'a', run: true });
    driver.end('a', 'failed');
    driver.tell({ type: 'retry-due', id: 'a' });
    driver.end('a');
    driver.tell({ type: 'when-answered', id: 'b', run: false });
    assert.equal(driver.log.filter((effect) => effect.type === 'ask-when').length, 2);
    assert.deepEqual([driver.status('b'), driver.status('pipeline')], ['skipped', 'passed']);
  });

  it('takes a long pipeline of skipped steps without recursion', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => stepNode(`s${index}`));
    const driver = new Driver(pipelineNode([a, ...many]));
    driver.end('a', 'failed');
    assert.equal(driver.statuses.size, 20_002);
  });

  it('ends every step exactly once, keeps its limits, and agrees with the meaning of the operators', () => {
    fc.assert(
      fc.property(
        arbitraryPlan,
        fc.infiniteStream(fc.nat()),
        fc.option(fc.nat(30)),
        fc.option(fc.nat(40)),
        fc.integer({ min: 1, max: 3 }),
        (plan, choices, cancelAfter, haltAfter, threads) => {
          const driver = new Driver(plan, threads);
          const next = (): number => choices.next().value ?? 0;
          const begun = (): readonly string[] => driver.log.flatMap((effect) => (effect.type === 'start-attempt' ? [effect.id] : []));
          let beforeCancel: number | undefined;
          let beforeHalt: number | undefined;
          for (let turn = 0; !driver.statuses.has('pipeline'); turn += 1) {
            assert.ok(turn < 1000, 'the run does not end');
            if (turn === cancelAfter) {
              beforeCancel = begun().length;
              driver.tell({ type: 'cancel', message: 'enough' });
            }
            if (turn === haltAfter) {
              beforeHalt = begun().length;
              driver.tell({ type: 'halt', kind: 'cancelled', message: 'at once' });
            }
            if (!driver.statuses.has('pipeline')) advance(driver, next);
          }
          const steps = stepsIn(plan);
          for (const { id } of steps) assert.ok(driver.statuses.has(id), `${id} never ended`);
          assert.equal(driver.running.size + driver.delayed.size, 0);
          assert.equal(driver.log.at(-1)?.type, 'run-ended');
          assert.ok(driver.mostAtOnce <= (plan.concurrency ?? Infinity));
          assert.ok(driver.mostThreads <= threads);
          const always = new Set(steps.flatMap(({ id, when }) => (when === 'always' ? [id] : [])));
          if (beforeCancel !== undefined) {
            for (const id of begun().slice(beforeCancel)) assert.ok(always.has(id), `${id} began after the cancellation`);
          }
          if (beforeHalt !== undefined) assert.deepEqual(begun().slice(beforeHalt), [], 'nothing begins after a halt');
          else if (!settlesEarly(plan)) {
            for (const id of always)
              assert.match(driver.status(id) ?? '', /^(?:passed|failed|timed-out)$/, `${id} is to run whatever happens`);
          }
          if (beforeCancel === undefined && beforeHalt === undefined) checkOperators(plan, driver);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function settlesEarly(node: PlanNode): boolean {
  return node.kind !== 'step' && ((node.kind === 'group' && node.settle === 'first') || node.children.some(settlesEarly));
}

/** Lets one thing happen, chosen at random among those that can. */
function advance(driver: Driver, next: () => number): void {
  const endings: readonly Ending[] = ['passed', 'passed', 'failed', 'timed-out'];
  const pick = <T>(values: Iterable<T>): T | undefined => {
    const all = [...values];
    return all[next() % Math.max(1, all.length)];
  };
  const stopping = [...driver.stopped].filter((id) => driver.running.has(id));
  const stopped = pick(stopping);
  if (stopped !== undefined) return driver.end(stopped, 'cancelled');
  const due = pick(driver.delayed);
  if (due !== undefined && next() % 2 === 0) {
    driver.delayed.delete(due);
    return driver.tell({ type: 'retry-due', id: due });
  }
  const running = pick(driver.running);
  if (running !== undefined) return driver.end(running, pick(endings));
  if (due !== undefined) {
    driver.delayed.delete(due);
    driver.tell({ type: 'retry-due', id: due });
  }
}

function checkOperators(node: PlanNode, driver: Driver): void {
  if (node.kind === 'step') return;
  for (const child of node.children) checkOperators(child, driver);
  const statuses = node.children.map((child) => ({ child, status: driver.status(child.id) }));
  const passes = statuses.filter(({ status }) => status === 'passed').length;
  const failures = statuses.filter(
    ({ child, status }) => (status === 'failed' || status === 'timed-out') && !(child.kind === 'step' && !child.critical),
  ).length;
  const own = driver.status(node.id);
  if (own === 'skipped' || own === 'cancelled') return;
  if (node.kind === 'group' && node.operator !== 'all') {
    const allSkipped = statuses.length > 0 && statuses.every(({ status }) => status === 'skipped');
    assert.equal(own, passes >= node.required || allSkipped ? 'passed' : 'failed', node.id);
  } else assert.equal(own, failures === 0 ? 'passed' : 'failed', node.id);
}

const arbitraryPlan: fc.Arbitrary<Plan> = fc
  .letrec<{ node: ChildNode }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc
        .record({
          retries: fc.nat(2),
          critical: fc.boolean(),
          when: fc.constantFrom('on-success', 'always', 'on-failure', 'never'),
          executor: fc.constantFrom('inline', 'threads'),
        })
        .map((settings) => stepNode('', settings)),
      fc
        .record({
          children: fc.array(tie('node'), { maxLength: 4 }),
          operator: fc.constantFrom('all', 'any', 'atLeast'),
          settle: fc.constantFrom('all', 'first'),
          maxWorkers: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
          count: fc.nat(4),
        })
        .map(({ children, count, operator, ...settings }) =>
          groupNode('', children, {
            ...settings,
            operator,
            required: operator === 'any' ? 1 : operator === 'all' ? children.length : Math.min(count, children.length),
          }),
        ),
      fc.array(tie('node'), { maxLength: 4 }).map((children) => sequenceNode('', children)),
    ),
  }))
  .node.chain((node) =>
    fc.record({ failFast: fc.boolean(), concurrency: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) }).map((settings) => {
      let count = 0;
      const name = (inner: ChildNode): ChildNode => {
        count += 1;
        const id = `${inner.kind}-${count}`;
        return inner.kind === 'step' ? { ...inner, id } : { ...inner, id, children: inner.children.map(name) };
      };
      return pipelineNode([name(node)], settings);
    }),
  );
