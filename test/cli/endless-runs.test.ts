import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { withProject } from '../support/cli.ts';
import { introduction, startServer } from '../support/editor.ts';
import { markProcesses } from '../support/processes.ts';

const engineUrl = pathToFileURL('core/index.ts').href;

const head = `import { spawnSync } from 'node:child_process';
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
const treadle = (...args) => [process.execPath, process.argv[1] ?? '', ...args];
`;
const pipeline = (...steps: readonly string[]): string => `${head}export default definePipeline([${steps.join(', ')}]);`;
const program = `spawnSync(process.execPath, [process.env.PROGRAM], { stdio: 'inherit' })`;

/** How a step can come to run its own pipeline. */
const ways: Readonly<Record<string, string>> = {
  'treadle run': `shell('again', treadle('run'))`,
  'treadle watch': `shell('again', treadle('watch'))`,
  'treadle run -r': `shell('again', treadle('run', '-r'))`,
  'a script with an engine': `shell('again', [process.execPath, 'engine.js'])`,
  'an engine on a thread': `step('again', () => import('./again.js').then(({ again }) => again()))`,
  'an engine on the main thread': `step('again', () => import('./again.js').then(({ again }) => again()), { executor: 'inline' })`,
  'a process of its own': `step('again', () => { if (${program}.status === 2) throw new Error('refused'); })`,
};

const files = (own: string): Readonly<Record<string, string>> => ({
  'package.json': '{ "name": "root", "type": "module", "workspaces": ["pack"] }',
  'pack/package.json': '{ "name": "pack", "type": "module" }',
  'pack/treadle.config.js': own,
  'pack/again.js': `import { createEngine } from 'treadle';
export async function again() {
  const engine = await createEngine();
  try { await engine.start().result; } finally { await engine.close(); }
}`,
  'pack/engine.js': `import { createEngine } from '${engineUrl}';
const engine = await createEngine();
await engine.start().result;`,
});

describe('a step that runs its own pipeline', () => {
  for (const outer of ['run', 'run -r', 'watch']) {
    it(`is told so, whatever it runs it with, in treadle ${outer}`, async function () {
      this.timeout(60_000);
      const mark = markProcesses();
      for (const [way, step] of Object.entries(ways)) {
        await withProject(files(pipeline(step)), async (project) => {
          const args = [...outer.split(' '), '--reporter', 'ndjson'];
          const running = project.start(args, { cwd: 'pack', env: { ...mark.env, PROGRAM: project.program } });
          const end = await running.event('step:end', ({ id }) => id.endsWith('again'));
          if (outer === 'watch') running.signal('SIGINT');
          const { events } = await running.ended;
          assert.equal(end.status, 'failed', way);
          const text = events.flatMap((event) => (event.type === 'step:output' ? [event.text] : [])).join('');
          assert.match(
            `${text}${end.error?.message}`,
            /Step "again" runs the pipeline "default" that it is a step of, which would never end\./,
            way,
          );
        });
      }
      assert.deepEqual(await mark.leftovers(), []);
    });
  }

  it('may run its other steps, with -r, too', () =>
    withProject(
      files(pipeline(`step('other', () => {})`, `shell('again', treadle('run', '-r', '--only', 'pack:other'))`)),
      async (project) => {
        const { exitCode, stdout } = await project.run(['run', '-r'], { cwd: 'pack' });
        assert.equal(exitCode, 0, stdout);
      },
    ));

  it('may open an editor, in which people run the pipeline', () =>
    withProject(files(pipeline(`step('opens', () => {})`)), async (project) => {
      const outer = { runId: 'outer', configFile: project.path('pack/treadle.config.js'), pipeline: 'default' };
      const env = { TREADLE_OUTER_RUNS: JSON.stringify([outer]), TREADLE_RUN_outer: '1.0.opens' };
      assert.match((await project.run(['run'], { cwd: 'pack', env })).stderr, /^E_USAGE Step "opens" runs the pipeline/);
      const server = startServer(env);
      try {
        await server.request('initialize', introduction(project.path('pack')));
        const { runId } = await server.request('run', {});
        assert.equal((await server.told('run/end', (end) => end.runId === runId)).status, 'passed');
      } finally {
        server.child.kill('SIGKILL');
        await server.exit;
      }
    }));

  it('makes run -r end with 2, and name package and step', () =>
    withProject(files(pipeline(`shell('again', treadle('run', '-r'))`)), async (project) => {
      const { stdout } = await project.run(['run', '--reporter', 'line'], { cwd: 'pack' });
      assert.match(stdout, /E_USAGE pack: Step "again" runs/);
      assert.match(stdout, /pack\/treadle\.config\.js:5:/);
      assert.match(stdout, /exited with 2/);
    }));
});
