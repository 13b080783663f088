import assert from 'node:assert/strict';
import type { NodeRecord } from '../../../extension/src/store/records.ts';
import { nodeContext } from '../../../extension/src/tree/context-values.ts';
import { formatDifference, formatDuration, formatElapsed } from '../../../extension/src/tree/durations.ts';
import { nodeIcon } from '../../../extension/src/tree/icons.ts';
import { nodeAriaLabel, nodeDescription, nodeName } from '../../../extension/src/tree/labels.ts';
import { nodeTooltip } from '../../../extension/src/tree/tooltips.ts';
import { groupNode, pipelineNode, stepNode } from '../../support/plans.ts';
import { finished, pipelineOf, project, storeWith } from './imagined.ts';
import { english } from './english.ts';

/** A step as the store has it, with what a test says of it. */
function step(facts: Partial<NodeRecord> = {}): NodeRecord {
  const store = storeWith(pipelineOf(finished(pipelineNode([stepNode('lint', { uses: 'shell' })]))));
  const node = store.node(store.nodeKey(project, 'ci', 'lint'));
  assert.ok(node);
  return { ...node, ...facts };
}

function group(operator: 'all' | 'any' | 'atLeast', required: number, id = 'g'): NodeRecord {
  const store = storeWith(pipelineOf(finished(pipelineNode([groupNode(id, [stepNode('a'), stepNode('b')], { operator, required })]))));
  const node = store.node(store.nodeKey(project, 'ci', id));
  assert.ok(node);
  return node;
}

const describeStep = (facts: Partial<NodeRecord>, now = 0) => nodeDescription(step(facts), now, english);

describe('the label of a step', () => {
  it('tells percent, message and elapsed time while it runs', () => {
    const running = { state: 'running', percent: 42.9, message: 'src/a.ts\nsrc/b.ts', startedAt: 1000, attempt: 1 } as const;
    assert.equal(describeStep(running, 4200), '42% · src/a.ts · 3s');
    assert.equal(describeStep({ ...running, attempt: 2 }, 4200), '42% · attempt 2 · src/a.ts · 3s');
    assert.equal(nodeAriaLabel(step(running), english), 'lint, running, 42 percent, src/a.ts');
    assert.equal(describeStep({ state: 'running', percent: 0, startedAt: 1000, attempt: 1 }, 4200), '3s');
  });

  it('tells how long it took and how that compares', () => {
    assert.equal(describeStep({ state: 'passed', durationMs: 3100 }), '3.1s');
    assert.equal(describeStep({ state: 'passed', durationMs: 3100, lastDurationMs: 2700 }), '3.1s · vs last +0.4s');
    assert.equal(describeStep({ state: 'passed', durationMs: 3100, lastDurationMs: 3090 }), '3.1s');
    assert.equal(describeStep({ state: 'passed', durationMs: 3100, usualDurationMs: 5000 }), '3.1s · vs usual −1.9s');
    assert.match(nodeTooltip(step({ state: 'passed', durationMs: 3100, usualDurationMs: 5000 }), 0, english), /3\.1s \(vs usual −1\.9s\)/);
    assert.equal(describeStep({ state: 'passed', cached: true, durationMs: 3, lastDurationMs: 3090 }), 'cached · 3ms');
    assert.equal(describeStep({ state: 'passed', durationMs: 3100, flaky: true, attempt: 2 }), 'flaky · 3.1s');
    assert.equal(describeStep({ state: 'passed', durationMs: 3, cached: true, warnings: ['an open timer'] }), 'cached · 3ms · 1 warning');
  });

  it('tells why it did not pass', () => {
    const error = { code: 'E_STEP_FAILED', name: 'Error', message: 'Two rules are broken.\nMore.' } as const;
    assert.equal(describeStep({ state: 'failed', durationMs: 1200, error }), 'Two rules are broken. · 1.2s');
    const command = {
      ...error,
      message: '`tsc --noEmit` exited with 2:\n  wrong\n  more',
      props: { command: 'tsc --noEmit', exitCode: 2 },
    };
    assert.equal(describeStep({ state: 'failed', durationMs: 1200, error: command }), 'exited with 2: wrong · 1.2s');
    assert.equal(describeStep({ state: 'timed-out', durationMs: 30_000 }), 'timed out · 30.0s');
    assert.equal(describeStep({ state: 'skipped', reason: 'install failed' }), 'skipped · install failed');
    assert.equal(nodeAriaLabel(step({ state: 'failed', durationMs: 1200, error }), english), 'lint, failed, 1.2s, Two rules are broken.');
  });

  it('says in short what would be long', () => {
    const description = describeStep({ state: 'failed', error: { code: 'E_STEP_FAILED', name: 'Error', message: 'x'.repeat(5000) } });
    assert.equal(description.length, 120);
    assert.ok(description.endsWith('…'));
  });

  it('names the operator of a group', () => {
    assert.equal(nodeDescription(group('all', 2), 0, english), 'all of 2');
    assert.equal(nodeDescription(group('any', 1), 0, english), 'any of 2');
    assert.equal(nodeDescription(group('atLeast', 1), 0, english), 'at least 1 of 2');
  });

  it('says what a group is where nobody gave it a name', () => {
    assert.equal(nodeName(group('all', 2), english), 'g');
    assert.equal(nodeName(group('all', 2, 'all(a,b)'), english), 'parallel');
    assert.equal(nodeName(group('any', 1, 'any(a,b)#2'), english), 'alternatives');
    const error = { code: 'E_GROUP_FAILED', name: 'TreadleError', message: 'Not every step of the group "all(a,b)" passed.' } as const;
    const failed = { ...group('all', 2, 'all(a,b)'), state: 'failed', failedSteps: 2, error } as const;
    assert.match(nodeTooltip(failed, 0, english), /the group "parallel" passed/);
    assert.equal(nodeAriaLabel(failed, english), 'parallel, all of 2, failed, 2 failed');
    const conflicts = [{ path: 'results.total', stepIds: ['a', 'b'], kept: 'b' }];
    assert.equal(nodeDescription({ ...group('all', 2), state: 'passed', conflicts }, 0, english), 'all of 2 · 1 conflict');
    assert.match(nodeTooltip(group('all', 2, 'all(a,b)'), 0, english), /^\*\*parallel\*\*: not run yet\n\n`all\(a,b\)`/);
    assert.equal(nodeName({ ...step(), id: 'all(a)' }, english), 'all(a)');
  });
});

describe('the icon of a step', () => {
  it('has another shape for each way to stand', () => {
    const states = ['idle', 'queued', 'running', 'passed', 'failed', 'timed-out', 'cancelled', 'skipped'] as const;
    const shapes = states.map((state) => nodeIcon(step({ state })).id);
    shapes.push(nodeIcon(step({ state: 'passed', flaky: true })).id, nodeIcon(step({ state: 'passed', cached: true })).id);
    assert.equal(new Set(shapes).size, shapes.length);
  });
});

describe('the menu of a step', () => {
  const plugins = [{ name: 'shell' }, { name: 'own', file: '/project/plugins/own.ts' }];
  const record = {
    key: project,
    label: 'p',
    configFile: project,
    root: '/project',
    state: 'ready',
    pipelines: [],
    plugins,
    warnings: [],
  } as const;
  const words = (facts: Partial<NodeRecord>) => nodeContext(step(facts), record, undefined).split(' ');

  it('offers to stop what runs or waits, and to run the rest', () => {
    assert.ok(words({ state: 'running' }).includes('running'));
    assert.ok(words({ state: 'queued' }).includes('running'));
    assert.ok(!words({ state: 'running' }).includes('runnable'));
    assert.ok(words({ state: 'failed' }).includes('runnable'));
  });

  it("offers to debug the project's own code only", () => {
    assert.ok(!words({}).includes('debuggable'));
    assert.ok(words({ uses: 'own' }).includes('debuggable'));
    const { uses: _, ...aFunction } = step();
    assert.ok(nodeContext(aFunction, record, undefined).split(' ').includes('debuggable'));
  });

  it('offers output once there can be some', () => {
    assert.ok(!words({}).includes('output'));
    assert.ok(words({ state: 'running', runId: 'r' }).includes('output'));
    assert.ok(!words({ state: 'skipped', runId: 'r' }).includes('output'));
  });
});

describe('the tooltip of a step', () => {
  it('tells how far it is while it runs, with all of its message', () => {
    const running = { state: 'running', startedAt: 1000, percent: 40.7, message: `*file* ${'of many '.repeat(50)}` } as const;
    assert.match(nodeTooltip(step(running), 4200, english), /^\*\*lint\*\*: running, 40%, 3s\n\n\\\*file\\\* (?:of many ){50}/);
    assert.match(nodeTooltip(step({ state: 'running', startedAt: 1000 }), 4200, english), /^\*\*lint\*\*: running, 3s/);
  });

  it('shows error, hint, conflicts and warnings as they are, and no Markdown that they happen to be', () => {
    const text = nodeTooltip(
      step({
        state: 'failed',
        durationMs: 10,
        description: '<b>bold</b> [link](https://x.test) $(bug)',
        error: { code: 'E_STEP_FAILED', name: 'Error', message: 'has ``` in it', hint: 'Try *again*.' },
        conflicts: [{ path: 'results.total', stepIds: ['a', 'b'], kept: 'b' }],
        warnings: ['left a timer open'],
      }),
      0,
      english,
    );
    assert.match(text, /\*\*lint\*\*: failed, 10ms/);
    assert.match(text, /&lt;b\\>bold&lt;\/b\\> \\\[link\\\]\\\(https:/);
    assert.match(text, /\\\$\\\(bug\\\)/);
    assert.match(text, /````text\nhas ``` in it\n````/);
    assert.match(text, /Hint: Try \\\*again\\\*/);
    assert.match(text, /`results\.total`: `a`, `b` left different values; that of `b` was kept/);
    assert.match(text, /Warnings:\n\n- left a timer open/);
  });
});

describe('durations', () => {
  it('are short', () => {
    assert.deepEqual([0, 420, 999, 1000, 3149, 59_949, 59_951, 125_000, 3_720_000].map(formatDuration), [
      ...['0ms', '420ms', '999ms', '1.0s', '3.1s', '59.9s', '1m 00s', '2m 05s', '1h 02m'],
    ]);
    assert.deepEqual([-5, 999, 1000, 61_000].map(formatElapsed), ['0s', '0s', '1s', '1m 01s']);
  });

  it('differ only where the difference says something', () => {
    assert.equal(formatDifference(3100, 3050), undefined);
    assert.equal(formatDifference(100_000, 104_000), undefined);
    assert.equal(formatDifference(1000, 3500), '−2.5s');
  });
});
