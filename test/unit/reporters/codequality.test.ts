import assert from 'node:assert/strict';
import type { RunEvent, RunEventBody } from '../../../core/contract/events.ts';
import { createReporter } from '../../../core/reporters/codequality.ts';
import { pipelineNode, stepNode } from '../../support/plans.ts';
import { report } from '../../support/reported.ts';
import { recordedRun, stamped } from '../../support/recorded-run.ts';

interface Finding {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const options = { cwd: '/repository/packages/shop', repository: '/repository' };
const read = async (events: readonly RunEvent[]): Promise<readonly Finding[]> => JSON.parse(await report(createReporter, events, options));

function found(line: number, message: string): RunEventBody {
  return { type: 'step:diagnostic', id: 'lint', file: 'a.ts', line, column: 1, severity: 'info', message, source: 'lint', code: 'rule' };
}

function runOf(...bodies: readonly RunEventBody[]): readonly RunEvent[] {
  const start: RunEventBody = { type: 'run:start', pipeline: 'ci', plan: pipelineNode([stepNode('lint')]), cwd: options.cwd };
  return stamped([start, ...bodies].map((body, index) => [index, body]));
}

describe('the codequality reporter', () => {
  it('lists what tools found, as GitLab wants it, with paths of the repository', async () => {
    const findings = await read(recordedRun);
    assert.deepEqual(
      findings.map(({ description, check_name, severity, location }) => ({ description, check_name, severity, location })),
      [
        {
          description: "Cannot find name 'currencyOf'.",
          check_name: 'tsc/TS2304',
          severity: 'major',
          location: { path: 'packages/shop/src/price.js', lines: { begin: 3 } },
        },
        {
          description: 'Unreachable code detected.',
          check_name: 'tsc',
          severity: 'minor',
          location: { path: 'packages/shop/src/price.js', lines: { begin: 12 } },
        },
        {
          description: "Property 'symbol' does not exist.",
          check_name: 'tsc/TS2339',
          severity: 'major',
          location: { path: 'packages/shop/src/shop.js', lines: { begin: 108 } },
        },
      ],
    );
    assert.ok(findings.every(({ fingerprint }) => /^[\da-f]{64}$/.test(fingerprint)));
  });

  it('knows a finding again that moved, and tells twins apart', async () => {
    const prints = async (...bodies: readonly RunEventBody[]): Promise<readonly string[]> =>
      (await read(runOf(...bodies))).map(({ fingerprint }) => fingerprint);
    const [first, twin, other] = await prints(found(1, 'same'), found(9, 'same'), found(9, 'other'));
    assert.equal(new Set([first, twin, other]).size, 3);
    assert.deepEqual(await prints(found(5, 'other'), found(3, 'same'), found(11, 'same')), [other, first, twin]);
  });

  it('is valid for findings of a whole file, and of half a character', async () => {
    const [finding] = await read(runOf(found(0, 'no newline \uD83D at the end')));
    assert.equal(finding?.location.lines.begin, 1);
    assert.equal(finding?.description, 'no newline \uFFFD at the end');
  });

  it('is an empty list where nothing was found', async () => {
    assert.deepEqual(await read(runOf()), []);
  });
});
