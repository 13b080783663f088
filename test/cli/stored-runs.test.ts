import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../../core/contract/events.ts';
import { withProject, type CliProject } from '../support/cli.ts';

const filesOf = (project: CliProject): readonly string[] => readdirSync(project.path('.treadle/runs')).toSorted();
const linesOf = (project: CliProject, file: string): readonly string[] =>
  readFileSync(join(project.path('.treadle/runs'), file), 'utf8')
    .split('\n')
    .slice(0, -1);
const eventsOf = (project: CliProject, file: string): readonly RunEvent[] => linesOf(project, file).map((line) => JSON.parse(line));

const simple = `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([
  shell('greet', 'echo hello'),
  [step('write', (context) => { context.results.made = { of: 'data' }; }), shell('other', 'true')],
]);`;

/** A step that says it has begun by failing one before, and then keeps the main thread for ever. */
const spinning = `import { writeSync } from 'node:fs';
import { definePipeline, step } from 'treadle';
export default definePipeline([
  step('first', () => { throw new Error('no'); }),
  step('spin', () => { writeSync(2, 'spinning\\n'); while (true); }, { executor: 'inline' }),
], { failFast: false });`;

describe('stored runs', () => {
  it('hold all events of a run, in a file named by its time and id', async () => {
    await withProject({ 'treadle.config.js': simple }, async (project) => {
      const { events } = await project.run(['run', '--reporter', 'ndjson']);
      const [file = '', ...others] = filesOf(project);
      assert.deepEqual(others, []);
      assert.match(file, /^\d{8}T\d{6}Z-[a-z0-9]+-[a-z0-9]{6}\.ndjson$/);
      assert.ok(file.includes(events[0]?.runId ?? '?'));
      assert.deepEqual(eventsOf(project, file), events);
      assert.equal(readFileSync(project.path('.treadle/.gitignore'), 'utf8'), '*\n');
    });
  });

  it('tell whether a person at the command line or a CI machine started them', async () => {
    await withProject({ 'treadle.config.js': simple }, async (project) => {
      for (const CI of ['', 'true']) await project.run(['run', '--reporter', 'line'], { env: { CI } });
      const triggers = filesOf(project).map((file) => eventsOf(project, file).find(({ type }) => type === 'run:start'));
      assert.deepEqual(triggers.map((event) => event?.type === 'run:start' && event.trigger?.kind).toSorted(), ['ci', 'command']);
    });
  });

  it('tell of a killed run which step it was in, even one that kept the main thread', async () => {
    await withProject({ 'treadle.config.js': spinning }, async (project) => {
      const running = project.start(['run', '--reporter', 'line']);
      await running.output('spinning');
      running.signal('SIGKILL');
      await running.ended;
      const [mark = '', file = ''] = filesOf(project);
      const events = eventsOf(project, file);
      assert.deepEqual(
        events.flatMap((event) => (event.type === 'step:start' || event.type === 'step:end' ? [`${event.type} ${event.id}`] : [])),
        ['step:start first', 'step:end first', 'step:start spin'],
      );
      assert.equal(mark, file.replace('.ndjson', '.live'));
      // What it failed before is known, and the mark goes with the next run.
      const again = await project.run(['run', '--failed', '--reporter', 'ndjson']);
      assert.deepEqual(
        again.events.flatMap((event) => (event.type === 'step:start' ? [event.id] : [])),
        ['first'],
      );
      assert.deepEqual(
        filesOf(project).filter((name) => name.endsWith('.live')),
        [],
      );
    });
  });

  it('tell of a run that ended with its process what happened before, to the last moment', async () => {
    const leaves = `import { defineReporter } from 'treadle';
      export default defineReporter(() => ({
        onEvent(event) {
          if (event.type === 'step:end' && event.id === 'greet') process.exit(0);
        },
        close() {},
      }));`;
    await withProject({ 'treadle.config.js': simple, 'leaves.js': leaves }, async (project) => {
      const { exitCode, stderr } = await project.run(['run', '--reporter', './leaves.js']);
      assert.equal(exitCode, 3);
      assert.match(stderr, /the process ended before the work was done/);
      const [file = '', ...others] = filesOf(project);
      assert.deepEqual(others, []);
      assert.deepEqual(
        eventsOf(project, file).map(({ type }) => type),
        ['run:start', 'step:start', 'step:output', 'step:end'],
      );
      const { stdout } = await project.run(['history', '--json']);
      assert.match(stdout, /"status": ?"interrupted"/);
    });
  });

  it('keep apart runs that go on at the same time', async () => {
    await withProject({ 'treadle.config.js': simple }, async (project) => {
      const results = await Promise.all([1, 2, 3].map(() => project.run(['run', '--reporter', 'ndjson'])));
      const stored = filesOf(project).map((file) => eventsOf(project, file));
      const byId = new Map(stored.map((events) => [events[0]?.runId, events]));
      for (const { events } of results) assert.deepEqual(byId.get(events[0]?.runId), events);
      assert.equal(stored.length, 3);
    });
  });

  it('are bounded in number and size, and never remove one that goes on', async () => {
    await withProject(
      { 'treadle.config.js': simple, 'slow.config.js': simple.replace('echo hello', 'echo up; sleep 60') },
      async (project) => {
        const slow = project.start(['run', '--config', 'slow.config.js', '--reporter', 'ndjson']);
        await slow.event('step:output');
        for (let run = 0; run < 3; run += 1) await project.run(['run'], { env: { TREADLE_HISTORY_RUNS: '1' } });
        const [live = '', , kept = ''] = filesOf(project).toSorted((a, b) => Number(b.endsWith('.live')) - Number(a.endsWith('.live')));
        assert.equal(filesOf(project).length, 3);
        assert.ok(live.endsWith('.live'));
        assert.equal(eventsOf(project, kept).at(-1)?.type, 'run:end');
        slow.signal('SIGKILL');
        await slow.ended;
        await project.run(['run'], { env: { TREADLE_HISTORY_MB: '0.000001' } });
        assert.equal(filesOf(project).length, 1);
      },
    );
  });

  it('can be switched off, and say which setting is wrong', async () => {
    await withProject({ 'treadle.config.js': simple }, async (project) => {
      assert.equal((await project.run(['run'], { env: { TREADLE_HISTORY: 'off' } })).exitCode, 0);
      assert.throws(() => filesOf(project), { code: 'ENOENT' });
      const wrong = await project.run(['run', '--reporter', 'json=report.json'], { env: { TREADLE_HISTORY_RUNS: 'many' } });
      assert.equal(wrong.exitCode, 2);
      assert.match(wrong.stderr, /TREADLE_HISTORY_RUNS must be a number above 0, not "many"/);
      await assert.rejects(project.read('report.json'), { code: 'ENOENT' });
    });
  });

  it('keep the beginning and the end of what a step prints, and no large results', async () => {
    const loud = `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([
  shell('loud', 'node loud.js'),
  step('large', (context) => { context.results.large = 'x'.repeat(2_000_000); }),
]);`;
    const script = 'for (let n = 0; n < 300000; n += 1) console.log("line " + n)';
    await withProject({ 'treadle.config.js': loud, 'loud.js': script }, async (project) => {
      assert.equal((await project.run(['run', '--reporter', 'json=report.json'])).exitCode, 0);
      const [file = ''] = filesOf(project);
      const events = eventsOf(project, file);
      const text = events.map((event) => (event.type === 'step:output' ? event.text : '')).join('');
      assert.ok(text.length < 1_000_000, `${text.length} characters`);
      assert.ok(text.startsWith('line 0\nline 1\n'));
      assert.match(text, /… \d+ characters are not kept …/);
      assert.ok(text.endsWith('line 299999\n'));
      const end = events.at(-1);
      assert.ok(end?.type === 'run:end');
      assert.deepEqual(end.results, {});
      assert.ok((end.resultBytes ?? 0) > 2_000_000);
      assert.match(await project.read('report.json'), /x{2000000}/);
    });
  });

  it('are no reason to fail where nothing can be written', async () => {
    await withProject({ 'treadle.config.json': '{ "steps": [{ "id": "a", "uses": "shell", "with": "true" }] }' }, async (project) => {
      await project.write('.treadle/runs', 'a file where the folder should be');
      const { exitCode, stderr } = await project.run(['run']);
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /^treadle: this run is not kept in \.treadle\/runs, or not to its end: E(NOTDIR|EXIST).*\n$/);
    });
  });

  it('go on where what a step attaches cannot be written', async () => {
    const attaching = `import { definePipeline, step } from 'treadle';
const attach = (context) => context.attach('note.txt', 'text');
export default definePipeline([step('thread', attach), step('inline', attach, { executor: 'inline' })]);`;
    await withProject({ 'treadle.config.js': attaching, '.treadle/attachments': 'a file where a folder should be' }, async (project) => {
      const { exitCode, stderr, events } = await project.run(['run', '--reporter', 'ndjson']);
      assert.equal(exitCode, 0, stderr);
      const warnings = events.filter((event) => event.type === 'step:warning');
      assert.deepEqual(
        warnings.map(({ id, message }) => [id, message.replace(/: E(?:EXIST|NOTDIR).*/, '')]),
        [
          ['thread', 'The attachment "note.txt" is not kept'],
          ['inline', 'The attachment "note.txt" is not kept'],
        ],
      );
    });
  });

  it('of reruns after changes of files are few, and push out none of the others', async () => {
    const watched = simple.replace('echo hello', 'cat a.txt');
    await withProject({ 'treadle.config.js': watched, 'a.txt': '0' }, async (project) => {
      const env = { TREADLE_HISTORY_RUNS: '5' };
      for (let run = 0; run < 2; run += 1) await project.run(['run'], { env });
      const watching = project.start(['watch', '--reporter', 'ndjson'], { env });
      const seen = new Set<string>();
      for (let round = 0; round < 5; round += 1) {
        const { runId } = await watching.event('run:end', (end) => !seen.has(end.runId));
        seen.add(runId);
        await watching.watchEvent('watch:idle', round + 1);
        if (round < 4) await project.write('a.txt', `${round + 1}`);
      }
      watching.signal('SIGINT');
      await watching.ended;
      const { runs }: { runs: readonly { runId: string }[] } = JSON.parse((await project.run(['history', '--json'])).stdout);
      // Two by hand, the first of watch mode, and the last one of its four reruns.
      assert.equal(runs.length, 4);
      const [first, , , , last] = [...seen];
      assert.deepEqual([runs[0]?.runId, runs[1]?.runId], [last, first]);
      const { stdout } = await project.run(['report', last ?? '', '--reporter', 'json']);
      assert.equal(JSON.parse(stdout).runId, last);
    });
  });
});
