import assert from 'node:assert/strict';
import { appendFile, readdir } from 'node:fs/promises';
import { withProject, type CliProject } from '../support/cli.ts';

/** `unit` passes as long as there is no file "broken", and at the second attempt when there is a file "moody". */
const config = `import { existsSync } from 'node:fs';
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
const ci = definePipeline([
  shell('lint', 'true'),
  step('unit', (context) => {
    if (existsSync('broken')) throw new Error('two tests failed\\nof many');
    if (existsSync('moody') && context.step.attempt === 1) throw new Error('not yet');
  }, { retries: 1 }),
]);
const nightly = definePipeline([shell('soak', 'echo soaking; sleep 60')]);
export default { default: ci, nightly };`;

interface Document {
  readonly runs: readonly { readonly runId: string; readonly status: string; readonly unfinished: readonly string[] }[];
}

const stored = async (project: CliProject): Promise<Document> => JSON.parse((await project.run(['history', '--json'])).stdout);

/** Passed, failed, flaky, and killed. */
async function someRuns(project: CliProject): Promise<void> {
  await project.run([]);
  await project.write('broken', '');
  await project.run([]);
  await project.run(['run', '--only', 'lint']);
  await project.write('treadle.config.js', config.replace("'broken'", "'mended'"));
  await project.write('moody', '');
  await project.run([]);
  const killed = project.start(['nightly', '--reporter', 'ndjson']);
  await killed.event('step:output');
  killed.signal('SIGKILL');
  await killed.ended;
}

describe('treadle history', () => {
  it('lists earlier runs, the last one on top, with what failed and what a killed run was at', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await someRuns(project);
      const { stdout, exitCode } = await project.run(['history']);
      assert.equal(exitCode, 0);
      const rows = stdout
        .split('\n')
        .map((line) =>
          line
            .replace(/^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d /, 'WHEN ')
            .replaceAll(/\d[\d.]* (?:ms|s)/g, 'TIME')
            .replaceAll(/[a-z0-9]{8}-[a-z0-9]{6}/g, 'ID'),
        )
        .map((line) => line.replaceAll(/ +/g, ' ').trimEnd());
      assert.deepEqual(rows, [
        'WHEN PIPELINE STATUS TOOK PASSED RUN',
        'WHEN nightly ⊘ interrupted TIME 0/1 ID',
        ' did not end: soak',
        'WHEN default ✔ passed TIME 2/2 ID',
        'WHEN default ✔ passed TIME 1/1 ID',
        'WHEN default ✖ failed TIME 1/2 ID',
        ' unit two tests failed',
        'WHEN default ✔ passed TIME 2/2 ID',
        '',
      ]);
      assert.ok(stdout.split('\n').every((line) => line.length <= 80));
    });
  });

  it('limits them, to a number or a pipeline, and prints JSON', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await someRuns(project);
      const few = await project.run(['history', '--limit', '2']);
      assert.match(few.stdout, /\n3 earlier: --limit 5\n$/);
      assert.equal(few.stdout.match(/interrupted|passed/g)?.length, 2);
      const nightly = await project.run(['history', 'nightly']);
      assert.doesNotMatch(nightly.stdout, /default/);
      const { runs } = await stored(project);
      assert.deepEqual(
        runs.map(({ status }) => status),
        ['interrupted', 'passed', 'passed', 'failed', 'passed'],
      );
      assert.deepEqual(runs[0]?.unfinished, ['soak']);
    });
  });

  it('tells how steps did over time', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await someRuns(project);
      const all = await project.run(['history', 'default', '--steps', '--json']);
      const {
        steps,
      }: { steps: { id: string; passed: number; failed: number; flaky: number; medianMs: number; runs: { status: string }[] }[] } =
        JSON.parse(all.stdout);
      assert.deepEqual(
        steps.map(({ id, passed, failed, flaky, runs }) => [id, passed, failed, flaky, runs.map(({ status }) => status)]),
        [
          ['lint', 4, 0, 0, ['passed', 'passed', 'passed', 'passed']],
          ['unit', 2, 1, 1, ['passed', 'failed', 'passed']],
        ],
      );
      assert.ok(steps.every(({ medianMs }) => medianMs > 0));
      const table = await project.run(['history', '--steps']);
      assert.match(table.stdout, /^STEP +RUNS +PASSED +FLAKY +MEDIAN +SLOWEST +TREND\n/);
      assert.match(table.stdout, /unit +3 +67% +1 .*[▁-█]✖[▁-█]\n/);
      const one = await project.run(['history', 'unit']);
      assert.match(one.stdout, /^unit in default\nran 3 times, 67% passed, 1 of them after a retry, takes .*\n[▁-█]✖[▁-█]\n\nWHEN/);
      assert.match(one.stdout, /✖ failed .*\n {4}two tests failed\n/);
    });
  });

  it('suggests what was meant, and says when there is nothing', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      assert.equal((await project.run(['history'])).stdout, 'No runs are kept yet.\n');
      await project.run([]);
      const wrong = await project.run(['history', 'unti']);
      assert.equal(wrong.exitCode, 2);
      assert.match(wrong.stderr, /No kept run has a pipeline or step "unti"[^]*Did you mean "unit"\?/);
    });
  });

  it('reads a file whose last line is torn, and passes over files that hold no run', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      await project.run([]);
      const [file = ''] = await readdir(project.path('.treadle/runs'));
      const text = await project.read(`.treadle/runs/${file}`);
      const start = text.split('\n')[0] ?? '';
      await project.write('.treadle/runs/20200101T000000Z-torn-000001.ndjson', `${start}\n{"v":1,"seq":1,"ts":1,"ru`);
      await project.write('.treadle/runs/20200101T000000Z-empty-000001.ndjson', '');
      await project.write('.treadle/runs/20200101T000000Z-strange-000001.ndjson', '[1]\nnull\n{"type":"run:start"}\n\u0000\n');
      await appendFile(project.path('.treadle/runs', file), '{"v":1,"seq":99,"type":"step:en');
      const { runs } = await stored(project);
      assert.deepEqual(
        runs.map(({ status }) => status),
        ['passed', 'interrupted'],
      );
    });
  });

  it('says of a run that goes on that it does', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      const running = project.start(['nightly', '--reporter', 'ndjson']);
      await running.event('step:output');
      const { stdout } = await project.run(['history']);
      assert.match(stdout, /◐ running/);
      assert.match(stdout, /\n {4}runs: soak\n/);
      running.signal('SIGTERM');
      await running.ended;
      assert.match((await project.run(['history'])).stdout, /⊘ cancelled/);
    });
  });

  it('is not deceived by another process that has got the id of one that was killed', async () => {
    await withProject({ 'treadle.config.js': config }, async (project) => {
      const killed = project.start(['nightly', '--reporter', 'ndjson']);
      await killed.event('step:output');
      const mark = (await readdir(project.path('.treadle/runs'))).find((name) => name.endsWith('.live')) ?? '';
      const written: Record<string, unknown> = JSON.parse(await project.read(`.treadle/runs/${mark}`));
      killed.signal('SIGKILL');
      await killed.ended;
      const statusNow = async (change: Record<string, unknown>): Promise<string | undefined> => {
        await project.write(`.treadle/runs/${mark}`, JSON.stringify({ ...written, ...change }));
        return (await stored(project)).runs[0]?.status;
      };
      // Where the system does not tell when processes began, the id is all there is to go by.
      if (written.started !== '') assert.equal(await statusNow({ pid: process.pid }), 'interrupted');
      assert.equal(await statusNow({}), 'interrupted');
      // What another machine does is not known: what was written just now may go on.
      assert.equal(await statusNow({ place: 'another machine' }), 'running');
      await project.write(`.treadle/runs/${mark}`, 'nonsense');
      assert.equal((await stored(project)).runs[0]?.status, 'interrupted');
    });
  });
});
