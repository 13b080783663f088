import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunEvent } from '../../../core/contract/events.ts';
import { createReporter } from '../../../core/reporters/ndjson.ts';
import { collectingOutput, report } from '../../support/reported.ts';
import { recordedRun, stamped } from '../../support/recorded-run.ts';

describe('the ndjson reporter', () => {
  const parsed = (text: string): unknown[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('writes each event as a line of its own, whole and unchanged', async () => {
    const text = await report(createReporter, recordedRun, { cwd: '/nowhere' });
    assert.ok(text.endsWith('}\n'));
    assert.deepEqual(parsed(text), JSON.parse(JSON.stringify(recordedRun)));
  });

  it('writes at once, so that a run that is killed can be read', () => {
    const output = collectingOutput();
    const reporter = createReporter(output, { cwd: '/nowhere' });
    for (const [at, event] of recordedRun.entries()) {
      reporter.onEvent(event);
      assert.equal(parsed(output.text()).length, at + 1);
    }
  });

  it('keeps to one line whatever a step says, and reads results that are decoded late', async () => {
    const [output] = stamped([[1, { type: 'step:output', id: 'a\nb', stream: 'stdout', text: 'one\r\ntwo\u2028three\u0000\uD800' }]]);
    const end = recordedRun.at(-1);
    assert.ok(output !== undefined && end?.type === 'run:end');
    const late: RunEvent = Object.defineProperty({ ...end }, 'results', { enumerable: true, get: () => ({ total: 3 }) });
    const [first, last] = parsed(await report(createReporter, [output, late], { cwd: '/nowhere' }));
    assert.deepEqual(first, output);
    assert.deepEqual(last, { ...end, results: { total: 3 } });
  });
});
