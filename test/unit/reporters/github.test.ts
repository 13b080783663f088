import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEventBody } from '../../../core/contract/events.ts';
import { createReporter } from '../../../core/reporters/github/github.ts';
import { readLog } from '../../support/actions-runner.ts';
import { groupNode, pipelineNode, stepNode } from '../../support/plans.ts';
import { makeProject, removeProjects } from '../../support/project.ts';
import { report } from '../../support/reported.ts';
import { recordedRun, recordedSource, stamped } from '../../support/recorded-run.ts';

describe('the github reporter', () => {
  let cwd: string;
  before(() => {
    cwd = makeProject({ 'src/price.js': recordedSource, summary: '' });
  });
  after(removeProjects);

  it('annotates what failed, at the place that tells most, once each', async () => {
    const { annotations } = readLog(await report(createReporter, recordedRun, { cwd }));
    assert.deepEqual(
      annotations.map(
        ({ kind, properties, message }) =>
          `${kind} ${properties['file']}:${properties['line']} ${properties['title']}: ${message.split('\n')[0]}`,
      ),
      [
        "error src/price.js:3 tsc TS2304: Cannot find name 'currencyOf'.",
        'error test/cart.test.js:14 checks › unit › cart › total › rounds: Expected values to be strictly equal:',
        "error src/price.js:3 checks › price: Cannot read properties of undefined (reading 'symbol')",
        "error src/shop.js:108 tsc TS2339: Property 'symbol' does not exist.",
        'warning undefined:undefined checks: lint and unit left different values at results.report.total; kept that of unit',
        'warning src/price.js:12 tsc: Unreachable code detected.',
        'warning undefined:undefined checks › lint: It is flaky: it passed at attempt 2. `oxlint` exited with 137',
        'warning undefined:undefined checks › slow: Step "slow" timed out after 2 s.',
        'warning undefined:undefined report: left 1 timer open',
      ],
    );
  });

  it('says so when the run never ended', async () => {
    const { annotations } = readLog(await report(createReporter, recordedRun.slice(0, 4), { cwd }));
    assert.deepEqual(
      annotations.map(({ message }) => message),
      ['The run was stopped before it could end.'],
    );
    const started = readLog(await report(createReporter, recordedRun.slice(0, 7), { cwd }));
    assert.deepEqual(
      started.annotations.map(({ properties }) => properties['title']),
      ['checks › types', 'checks › lint', 'ci'],
    );
  });

  it('writes a summary that lists steps, failures, conflicts and flaky steps', async () => {
    const file = join(cwd, 'summary');
    writeFileSync(file, 'from before\n');
    await report(createReporter, recordedRun, { cwd, env: { GITHUB_STEP_SUMMARY: file } });
    const summary = readFileSync(file, 'utf8');
    assert.match(
      summary,
      /^from before\n## ❌ ci failed\n\n\*\*2\.8 s\*\* · 11 steps: 4 passed, 3 failed, 1 timed out, 1 cancelled, 2 skipped, 1 flaky · 3 tests: 1 failed\n/,
    );
    assert.match(summary, /\n### ✖ checks › price\n\n```text\nCannot read [^]*> 3 │ /);
    assert.match(
      summary,
      /\n- Conflict in \*\*checks\*\*: \*\*lint\*\* and \*\*unit\*\* left different values at results\\\.report\\\.total; kept that of \*\*unit\*\*\.\n/,
    );
    assert.match(summary, /\n\| ⧖ \| checks › \*\*slow\*\* \| 2\.1 s \| timed out, not needed \|\n/);
    assert.match(summary, /\n\| ↷ \| \*\*build\*\* \|  \| an earlier step failed \|\n/);
  });

  it('stops the summary at 900 KiB, whatever is in the file already', async () => {
    const file = join(cwd, 'summary');
    const ids = Array.from({ length: 2000 }, (_, index) => `step ${index}`);
    const error = { code: 'E_STEP_FAILED', name: 'Error', message: '漢'.repeat(800) } as const;
    const events = stamped([
      [
        0,
        {
          type: 'run:start',
          pipeline: 'ci',
          plan: pipelineNode([
            groupNode(
              'all',
              ids.map((id) => stepNode(id)),
            ),
          ]),
          cwd,
        },
      ],
      ...ids.map((id): readonly [number, RunEventBody] => [
        1,
        { type: 'step:end', id, status: 'failed', durationMs: 1, attempts: 1, flaky: false, cached: false, overall: 0, error },
      ]),
    ]);
    for (const before of [0, 100_000, 2_000_000]) {
      writeFileSync(file, 'x'.repeat(before));
      await report(createReporter, events, { cwd, env: { GITHUB_STEP_SUMMARY: file } });
      const { size } = statSync(file);
      if (before > 900 * 1024) assert.equal(size, before);
      else assert.ok(size > 880 * 1024 && size <= 900 * 1024, String(size));
    }
  });
});
