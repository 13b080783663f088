import assert from 'node:assert/strict';
import type { RunTrigger } from '../../../core/contract/events.ts';
import { keptRunDescription, spanDescription, spanTooltip, triggerText } from '../../../extension/src/runs/labels.ts';
import type { KeptRunRecord, RunSpan } from '../../../extension/src/store/records.ts';
import { english } from './english.ts';

const now = new Date(2026, 10, 25, 14, 5).getTime();

function run(trigger?: RunTrigger): KeptRunRecord {
  const counts = { steps: 3, passed: 3, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 };
  const facts = { runId: 'a', project: '/p', pipeline: 'ci', startedAt: now, durationMs: 1200, file: '/p/a.ndjson', isRead: false };
  return { ...facts, counts, state: 'passed', spans: [], ...(trigger === undefined ? {} : { trigger }) };
}

const describeRun = (trigger?: RunTrigger): string => keptRunDescription(run(trigger), now, english);
const explain = (trigger?: RunTrigger): string | undefined => triggerText(run(trigger), english);

describe('the row of a run that was kept', () => {
  it('says why it ran where nobody asked for it, and its tooltip always does', () => {
    assert.equal(describeRun(), '14:05 · 1.2s · 3 passed');
    assert.equal(describeRun({ kind: 'command' }), '14:05 · 1.2s · 3 passed');
    assert.equal(describeRun({ kind: 'ci' }), '14:05 · 1.2s · 3 passed · in CI');
    assert.equal(describeRun({ kind: 'save', files: ['a.ts'] }), '14:05 · 1.2s · 3 passed · on save of a.ts');
    assert.equal(describeRun({ kind: 'save', files: ['a.ts', 'b.ts'], more: 3 }), '14:05 · 1.2s · 3 passed · on save of a.ts and 4 more');
    assert.equal(explain(), undefined);
    assert.equal(explain({ kind: 'command' }), 'Started at the command line');
    assert.equal(explain({ kind: 'editor' }), 'Started by hand, in an editor');
    assert.equal(explain({ kind: 'save', files: ['a.ts', 'b.ts'], more: 3 }), 'Started by a save of a.ts, b.ts, and 3 more');
  });
});

describe('the row of a step in a run', () => {
  const span: RunSpan = { nodeId: 'unit_*', kind: 'step', attempt: 1, startedAt: now, endedAt: now + 300, state: 'failed' };

  it('counts its test cases', () => {
    assert.equal(spanDescription({ ...span, tests: { all: 60, failed: 2 } }, now, english), 'failed · 300ms · 2 of 60 test cases failed');
    assert.equal(spanDescription({ ...span, state: 'passed', tests: { all: 1, failed: 0 } }, now, english), '300ms · 1 test case');
  });

  it('has a tooltip with why it ran and why it failed', () => {
    const error = { code: 'E_STEP_FAILED', name: 'Error', message: 'two failed' } as const;
    const text = spanTooltip({ ...span, why: 'src/a.ts changed', error }, 'failed', english);
    assert.match(text, /^\*\*unit\\_\\\*\*\*: failed\n\nWhy it ran: src\/a\\\.ts changed\n\n/);
    assert.match(text, /two failed/);
  });
});
