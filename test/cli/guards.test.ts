import assert from 'node:assert/strict';
import fc from 'fast-check';
import { markProcesses } from '../support/processes.ts';
import { withProject, type CliResult } from '../support/cli.ts';

const statuses = ({ events }: CliResult): Readonly<Record<string, string>> =>
  Object.fromEntries(events.flatMap((event) => (event.type === 'step:end' ? [[event.id, event.status]] : [])));

const failing = `import { definePipeline, step } from 'treadle';
const fails = (id) => step(id, () => { throw new Error(id); });
const passes = (id, settings) => step(id, () => {}, settings);
export default definePipeline([fails('a'), [fails('b'), fails('c'), passes('d')], fails('e'), passes('f'), passes('report', { when: 'always' })]);`;

const flaky = `import { definePipeline, step } from 'treadle';
export default definePipeline([step('moody', (context) => { if (context.step.attempt === 1) throw new Error('no'); }, { retries: 1 })]);`;

describe('--max-failures', () => {
  it('goes on after failures, until there are so many', async () => {
    await withProject({ 'treadle.config.js': failing }, async (project) => {
      const result = await project.run(['run', '--max-failures', '2', '--concurrency', '1', '--reporter', 'ndjson']);
      assert.equal(result.exitCode, 1);
      assert.deepEqual(statuses(result), {
        a: 'failed',
        b: 'failed',
        c: 'skipped',
        d: 'skipped',
        e: 'skipped',
        f: 'skipped',
        report: 'passed',
      });
      const skipped = result.events.find((event) => event.type === 'step:end' && event.id === 'e');
      assert.ok(skipped?.type === 'step:end');
      assert.equal(skipped.reason, '2 steps have failed');
    });
  });

  it('lets everything run when fewer fail', async () => {
    await withProject({ 'treadle.config.js': failing }, async (project) => {
      const result = await project.run(['run', '--max-failures', '9', '--reporter', 'ndjson']);
      assert.equal(result.exitCode, 1);
      assert.equal(Object.values(statuses(result)).filter((status) => status === 'skipped').length, 0);
    });
  });

  it('can be set in the pipeline file, and must be a whole number', async () => {
    await withProject({ 'treadle.config.json': '{ "maxFailures": 0, "steps": [] }' }, async (project) => {
      const wrong = await project.run(['list']);
      assert.equal(wrong.exitCode, 2);
      assert.match(wrong.stderr, /maxFailures must be a whole number, 1 or more, not 0/);
      const flag = await project.run(['run', '--max-failures', 'many']);
      assert.equal(flag.exitCode, 2);
      assert.match(flag.stderr, /--max-failures must be a whole number, 1 or more, not "many"/);
    });
  });
});

describe('--fail-on-flaky', () => {
  it('fails a run whose steps passed, but one of them only after a retry', async () => {
    await withProject({ 'treadle.config.js': flaky }, async (project) => {
      assert.equal((await project.run(['run'])).exitCode, 0);
      const result = await project.run(['run', '--fail-on-flaky', '--reporter', 'ndjson']);
      assert.equal(result.exitCode, 1);
      const end = result.events.at(-1);
      assert.ok(end?.type === 'run:end');
      assert.equal(end.status, 'failed');
      assert.equal(end.counts.passed, 1);
      assert.deepEqual(end.errors.map(({ code, stepId, message }) => [code, stepId, message]).at(-1), [
        'E_FLAKY',
        undefined,
        'The step "moody" passed only after a retry.',
      ]);
      const shown = await project.run(['run', '--fail-on-flaky', '--reporter', 'line']);
      assert.match(shown.stdout, /passed only after a retry/);
    });
  });
});

describe('--pass-with-no-steps', () => {
  it('allows a pipeline that has none', async () => {
    await withProject({ 'treadle.config.json': '{ "steps": [[]] }' }, async (project) => {
      const refused = await project.run(['run']);
      assert.equal(refused.exitCode, 2);
      assert.match(refused.stderr, /E_NO_STEPS The pipeline "default" has no steps/);
      assert.match(refused.stderr, /--pass-with-no-steps/);
      assert.equal((await project.run(['run', '--pass-with-no-steps'])).exitCode, 0);
    });
  });
});

/** Ways in which a step can take its worker down, or itself. */
const deaths = {
  exit: 'process.exit(0)',
  reallyExit: 'process.reallyExit(0)',
  later: "await new Promise(() => setImmediate(() => { throw new Error('later'); }))",
  rejection: "Promise.reject(new Error('nobody waits')); await new Promise(() => {})",
  memory: 'const all = []; for (;;) all.push(new Array(100000).fill(all.length))',
  stopped: "const { parentPort } = await import('node:worker_threads'); parentPort?.close(); process.exit(0)",
} as const;

describe('workers that die', () => {
  it('are noticed when they die while nobody can hear of it', async () => {
    const config = `import { definePipeline, step } from 'treadle';
const spin = () => { const end = Date.now() + 400; while (Date.now() < end); };
const inline = { executor: 'inline' };
export default definePipeline([
  step('first', (context) => { context.results.a = 1; }),
  // Longer than a thread without work is kept on lease.
  step('pause', () => new Promise((resolve) => setTimeout(resolve, 400)), inline),
  [step('dies', () => process.reallyExit(0)), step('spin', spin, inline)],
]);`;
    await withProject({ 'treadle.config.js': config }, async (project) => {
      const result = await project.run(['run', '--reporter', 'ndjson']);
      assert.equal(result.exitCode, 1, result.stderr);
      assert.deepEqual(statuses(result), { first: 'passed', pause: 'passed', dies: 'failed', spin: 'passed' });
    });
  });

  it('never make a run pass, nor another step fail, whichever and however many there are', async () => {
    const death = fc.constantFrom(...Object.keys(deaths), 'none', 'none');
    const mark = markProcesses();
    const plan = fc.array(fc.tuple(death, fc.boolean(), fc.nat(2)), { minLength: 6, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        const written = steps.map(([how, critical, retries], index) => {
          const body = Object.hasOwn(deaths, how)
            ? Object.entries(deaths).find(([name]) => name === how)?.[1]
            : 'context.results[context.step.id] = 1';
          return `step('s${index}', async (context) => { ${body}; }, { critical: ${critical}, retries: ${retries === 2 ? 1 : 0}, memoryLimitMb: 64 })`;
        });
        const config = `import { definePipeline, step } from 'treadle';\nexport default definePipeline([[${written.join(',\n')}]]);`;
        await withProject({ 'treadle.config.js': config }, async (project) => {
          const result = await project.run(['run', '--reporter', 'ndjson'], { env: mark.env });
          const wanted = Object.fromEntries(steps.map(([how], index) => [`s${index}`, how === 'none' ? 'passed' : 'failed']));
          assert.deepEqual(statuses(result), wanted, result.stdout);
          assert.equal(result.exitCode, steps.some(([how, critical]) => how !== 'none' && critical) ? 1 : 0);
        });
      }),
      { numRuns: 4, endOnFailure: true },
    );
    assert.deepEqual(await mark.leftovers(), []);
  }).timeout(120_000);
});
