import type { SerializedError } from '../../core/contract/errors.ts';
import type { RunEvent, RunEventBody } from '../../core/contract/events.ts';
import type { Plan } from '../../core/contract/plan.ts';
import { groupNode, pipelineNode, sequenceNode, stepNode } from './plans.ts';

/** When recorded runs begin. */
export const recordedAt = Date.UTC(2026, 0, 2, 3, 4, 5);

/** The file that the error of `price` points into. */
export const recordedSource = `export function price(cart) {
  const total = cart.items.reduce((sum, item) => sum + item.price, 0);
\treturn total.toFixed(2) + currencyOf(cart).symbol;
}
`;

const plan: Plan = pipelineNode(
  [
    stepNode('install', { uses: 'shell' }),
    groupNode(
      'checks',
      [
        stepNode('types', { uses: 'shell' }),
        stepNode('lint', { uses: 'shell', retries: 1 }),
        stepNode('unit', { uses: 'tests' }),
        stepNode('price'),
        stepNode('slow', { critical: false }),
      ],
      { description: 'What needs no server' },
    ),
    groupNode('mirrors', [stepNode('east'), stepNode('west')], { operator: 'any', required: 1 }),
    sequenceNode('sequence(build,upload)', [stepNode('build'), stepNode('upload')]),
    stepNode('report', { when: 'always' }),
  ],
  { id: 'ci', failFast: false },
);

const lintError: SerializedError = { code: 'E_COMMAND_FAILED', name: 'TreadleError', message: '`oxlint` exited with 137' };
const typesError: SerializedError = {
  code: 'E_COMMAND_FAILED',
  name: 'TreadleError',
  message: '`tsc --noEmit` exited with 2',
  stepId: 'types',
};
const unitError: SerializedError = { code: 'E_TESTS_FAILED', name: 'TreadleError', message: '1 test failed: rounds', stepId: 'unit' };
const priceError: SerializedError = {
  code: 'E_STEP_FAILED',
  name: 'TypeError',
  message: "Cannot read properties of undefined (reading 'symbol')",
  stepId: 'price',
  location: { file: 'src/price.js', line: 3, column: 48 },
  cause: {
    code: 'E_STEP_FAILED',
    name: 'RangeError',
    message: 'No currency for XX',
    cause: { code: 'E_STEP_FAILED', name: 'Error', message: 'XX' },
  },
};
const slowError: SerializedError = {
  code: 'E_TIMEOUT',
  name: 'TreadleError',
  message: 'Step "slow" timed out after 2 s.',
  stepId: 'slow',
  hint: 'Give it more time with timeout, or find out what it waits for.',
};

const bodies: readonly (readonly [atMs: number, body: RunEventBody])[] = [
  [0, { type: 'run:start', pipeline: 'ci', plan, cwd: '/project' }],
  [1, { type: 'step:start', id: 'install', attempt: 1, executor: 'inline' }],
  [400, { type: 'step:output', id: 'install', stream: 'stdout', text: 'added 12 packages\n' }],
  [640, ended('install', 'passed', 639, 10)],
  [641, { type: 'group:start', id: 'checks' }],
  [641, { type: 'step:start', id: 'types', attempt: 1, executor: 'inline' }],
  [641, { type: 'step:start', id: 'lint', attempt: 1, executor: 'inline' }],
  [641, { type: 'step:start', id: 'unit', attempt: 1, executor: 'inline' }],
  [642, { type: 'step:start', id: 'price', attempt: 1, executor: 'threads' }],
  [642, { type: 'step:start', id: 'slow', attempt: 1, executor: 'threads' }],
  [700, { type: 'step:retry', id: 'lint', attempt: 2, delayMs: 100, error: lintError }],
  [750, { type: 'step:output', id: 'price', stream: 'stderr', text: 'cart of 3 items\n' }],
  [760, { ...ended('price', 'failed', 118, 15), error: priceError, thread: 2 }],
  [800, { type: 'step:start', id: 'lint', attempt: 2, executor: 'inline' }],
  [900, { type: 'step:progress', id: 'unit', percent: 50, message: 'cart.test.js', overall: 20 }],
  [910, { type: 'step:test', id: 'unit', name: 'adds', path: ['cart'], status: 'passed', durationMs: 3 }],
  [
    911,
    {
      type: 'step:test',
      id: 'unit',
      name: 'rounds',
      path: ['cart', 'total'],
      status: 'failed',
      durationMs: 5,
      error: { message: 'Expected values to be strictly equal:', expected: '12.30', actual: '12.3' },
      location: { file: 'test/cart.test.js', line: 14, column: 5 },
    },
  ],
  [912, { type: 'step:test', id: 'unit', name: 'converts', path: ['cart'], status: 'skipped', durationMs: 0 }],
  [1000, { ...ended('lint', 'passed', 359, 30), attempts: 2, flaky: true }],
  [1100, diagnostic('src/price.js', 3, 28, 'error', "Cannot find name 'currencyOf'.", 'TS2304')],
  [1101, diagnostic('src/price.js', 12, 1, 'warning', 'Unreachable code detected.', undefined)],
  [1102, diagnostic('src/shop.js', 108, 11, 'error', "Property 'symbol' does not exist.", 'TS2339')],
  [1200, { ...ended('types', 'failed', 559, 40), error: typesError }],
  [1300, { ...ended('unit', 'failed', 659, 45), error: unitError }],
  [2700, { ...ended('slow', 'timed-out', 2058, 50), error: slowError, thread: 3 }],
  [
    2701,
    {
      type: 'group:end',
      id: 'checks',
      operator: 'all',
      status: 'failed',
      durationMs: 2060,
      conflicts: [{ path: 'results.report.total', stepIds: ['lint', 'unit'], kept: 'unit' }],
      error: { code: 'E_GROUP_FAILED', name: 'TreadleError', message: '3 of 5 failed' },
    },
  ],
  [2702, { type: 'group:start', id: 'mirrors' }],
  [2702, { type: 'step:start', id: 'east', attempt: 1, executor: 'inline' }],
  [2702, { type: 'step:start', id: 'west', attempt: 1, executor: 'inline' }],
  [2750, ended('west', 'passed', 48, 60)],
  [2751, ended('east', 'cancelled', 49, 70)],
  [2752, { type: 'group:end', id: 'mirrors', operator: 'any', status: 'passed', durationMs: 50, conflicts: [] }],
  [2753, { ...ended('build', 'skipped', 0, 80), attempts: 0, reason: 'an earlier step failed' }],
  [2753, { ...ended('upload', 'skipped', 0, 90), attempts: 0, reason: 'an earlier step failed' }],
  [2754, { type: 'step:start', id: 'report', attempt: 1, executor: 'threads' }],
  [2760, { type: 'step:output', id: 'report', stream: 'stdout', text: 'written to build/report.html\n' }],
  [2770, { type: 'step:warning', id: 'report', message: 'left 1 timer open' }],
  [2771, { ...ended('report', 'passed', 17, 100), thread: 2 }],
  [
    2772,
    {
      type: 'run:end',
      status: 'failed',
      durationMs: 2772,
      counts: { steps: 11, passed: 4, failed: 3, timedOut: 1, cancelled: 1, skipped: 2, flaky: 1, cached: 0 },
      results: { report: { total: 3 } },
      errors: [priceError, typesError, unitError, slowError],
    },
  ],
];

function ended(
  id: string,
  status: 'passed' | 'failed' | 'timed-out' | 'cancelled' | 'skipped',
  durationMs: number,
  overall: number,
): Extract<RunEventBody, { type: 'step:end' }> {
  return { type: 'step:end', id, status, durationMs, attempts: 1, flaky: false, cached: false, overall };
}

function diagnostic(
  file: string,
  line: number,
  column: number,
  severity: 'error' | 'warning',
  message: string,
  code: string | undefined,
): RunEventBody {
  return {
    type: 'step:diagnostic',
    id: 'types',
    file,
    line,
    column,
    severity,
    message,
    source: 'tsc',
    ...(code === undefined ? {} : { code }),
  };
}

/** A run in which everything happens that reporters show. */
export const recordedRun: readonly RunEvent[] = stamped(bodies);

/** Makes events of what happened, and when. */
export function stamped(happened: readonly (readonly [atMs: number, body: RunEventBody])[]): RunEvent[] {
  return happened.map(([atMs, body], seq) => ({ v: 1, seq, ts: recordedAt + atMs, runId: 'run-1', ...body }));
}
