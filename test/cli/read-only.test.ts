import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { introduction, startServer } from '../support/editor.ts';
import { baseEnvironment, withProject, type CliProject, type CliResult } from '../support/cli.ts';

const pack = (folder: string): Readonly<Record<string, string>> => ({
  [`${folder}/package.json`]: `{ "name": "x", "version": "1.0.0", "type": "module", "exports": "./index.js" }`,
  [`${folder}/index.js`]: `export const place = '${folder}';`,
});

/** A project below a folder with packages, as in a workspace. */
const project = {
  'app/treadle.config.ts': `import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
import greet from './plugins/greet.ts';
import { here } from './lib/here.ts';

const name: string = 'pack';
export default definePipeline([
  shell('cached', 'echo ran', { inputs: ['lib/**'] }),
  [
    greet('greet', { who: 'world' }),
    step('imports', async (context) => {
      const all = [await import('known'), await import(name), await import(\`\${name}-above\`)];
      context.log(here, ...all.map(({ place }) => place));
    }),
  ],
  step('looks', (context) => {
    for (const entry of readdirSync(tmpdir())) {
      const { mode, uid } = statSync(join(tmpdir(), entry));
      if (entry.startsWith('treadle-')) context.log((mode & 0o777).toString(8), uid === process.getuid());
    }
  }),
  step('fails', () => { throw new Error('found'); }, { critical: false }),
]);`,
  'app/lib/here.ts': `export const here = import.meta.filename;`,
  'app/plugins/greet.ts': `import { definePlugin } from 'treadle';
export default definePlugin({ name: 'greet', run(context, { who }: { who: string }) { context.log('hello', who); } });`,
  ...pack('app/node_modules/known'),
  ...pack('app/node_modules/pack'),
  ...pack('node_modules/pack-above'),
  'tmp/.keep': '',
};
const unwritable = { ...project, 'app/.treadle': 'a file where the folder should be' };

function runIn({ path, run }: CliProject, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return run(args, { cwd: 'app', env: { TMPDIR: path('tmp'), ...env } });
}

const outputOf = ({ events }: CliResult, id: string): string =>
  events.flatMap((event) => (event.type === 'step:output' && event.id === id ? [event.text] : [])).join('');

const privateFolders = ({ path }: CliProject): readonly string[] => readdirSync(path('tmp')).filter((name) => name.startsWith('treadle-'));

const warning =
  /^treadle: nothing can be kept in \.treadle, so runs go without cache and history: .*\n {9}Make the project folder writable.*\n$/;

describe('a project that cannot be written', () => {
  it('runs from a private folder, which is gone afterwards, and says what it goes without', async () => {
    await withProject(unwritable, async (files) => {
      for (let run = 0; run < 2; run += 1) {
        const result = await runIn(files, ['run', '--reporter', 'ndjson']);
        assert.equal(result.exitCode, 0, result.stderr);
        assert.match(result.stderr, warning);
        assert.match(result.stderr, /app\/\.treadle is not a folder/);
        assert.equal(outputOf(result, 'cached'), 'ran\n');
        assert.equal(outputOf(result, 'greet'), 'hello world\n');
        const places = ['app/node_modules/known', 'app/node_modules/pack', 'node_modules/pack-above'];
        assert.equal(outputOf(result, 'imports'), `${[files.path('app/lib/here.ts'), ...places].join(' ')}\n`);
        assert.equal(outputOf(result, 'looks'), '700 true\n');
        const failed = result.events.find((event) => event.type === 'step:end' && event.id === 'fails');
        assert.ok(failed?.type === 'step:end');
        assert.deepEqual(failed.error?.location, { file: 'treadle.config.ts', line: 25, column: 31 });
        assert.deepEqual(
          result.events.filter((event) => event.type === 'step:warning'),
          [],
        );
        assert.deepEqual(privateFolders(files), []);
      }
    });
  });

  it('leaves a private folder behind only where it is killed, until the next run', async () => {
    const waits = `console.log('loading');\nawait new Promise((resolve) => setTimeout(resolve, Number(process.env['WAIT'])));\n`;
    const files = { ...unwritable, 'app/treadle.config.ts': `${waits}${project['app/treadle.config.ts']}` };
    await withProject(files, async (it) => {
      const loading = it.start(['run'], { cwd: 'app', env: { TMPDIR: it.path('tmp'), WAIT: '60000' } });
      await loading.output('loading');
      assert.equal((await runIn(it, ['list'], { WAIT: '0' })).exitCode, 0);
      assert.equal(privateFolders(it).length, 1);
      loading.signal('SIGINT');
      await loading.ended;
      assert.equal((await runIn(it, ['list'], { WAIT: '0' })).exitCode, 0);
      assert.deepEqual(privateFolders(it), []);
    });
  });

  it('is watched, and compiled again when it changes', async () => {
    await withProject(unwritable, async (files) => {
      const watching = files.start(['watch', '--reporter', 'ndjson'], { cwd: 'app', env: { TMPDIR: files.path('tmp') } });
      await watching.watchEvent('watch:idle');
      await files.write('app/lib/here.ts', `export const here = 'changed';`);
      await watching.event('step:output', ({ id, text }) => id === 'imports' && text.startsWith('changed '));
      await watching.watchEvent('watch:idle', 2);
      await files.write('app/plugins/greet.ts', project['app/plugins/greet.ts'].replace('hello', 'goodbye'));
      await watching.event('step:output', ({ id, text }) => id === 'greet' && text === 'goodbye world\n');
      watching.signal('SIGINT');
      const { stderr } = await watching.ended;
      assert.equal(stderr.match(/nothing can be kept/g)?.length, 1, stderr);
      assert.deepEqual(privateFolders(files), []);
    });
  });

  it('is listed without a word, explained with it, and run without one where nothing was to be kept', async () => {
    await withProject(unwritable, async (files) => {
      const listed = await runIn(files, ['list', '--json']);
      assert.deepEqual([listed.exitCode, listed.stderr], [0, '']);
      const explained = await runIn(files, ['explain', 'cached']);
      assert.equal(explained.exitCode, 0);
      assert.match(explained.stderr, warning);
      const run = await runIn(files, ['run', '--no-cache'], { TREADLE_HISTORY: 'off' });
      assert.deepEqual([run.exitCode, run.stderr], [0, '']);
    });
  });

  it('is run by an editor, too, which hears that its runs are not kept', async () => {
    await withProject(unwritable, async (files) => {
      const server = startServer({ TMPDIR: files.path('tmp') });
      try {
        await server.request('initialize', introduction(files.path('app')));
        const { runId } = await server.request('run', {});
        const { status } = await server.told('run/end', (end) => end.runId === runId);
        assert.equal(status, 'passed');
        assert.equal(privateFolders(files).length, 1);
        await server.told('log', ({ message }) => /Runs are not kept in \.treadle\/runs: .*\.treadle is not a folder/.test(message));
        server.child.stdin?.end();
        await server.exit;
        assert.deepEqual(privateFolders(files), []);
      } finally {
        server.child.kill('SIGKILL');
      }
    });
  });

  it('shows the place of what is wrong in it', async () => {
    const broken = { ...unwritable, 'app/lib/here.ts': `export const here = 1;\nthrow new Error('at line 2');` };
    await withProject(broken, async (files) => {
      const { exitCode, stderr } = await runIn(files, ['run']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /^E_CONFIG_LOAD lib\/here\.ts:2:7: at line 2\n/);
    });
  });

  it('is refused where nobody is safe from others: in a temporary folder that everybody may change', async function () {
    if (process.platform === 'win32') this.skip();
    await withProject(unwritable, async (files) => {
      chmodSync(files.path('tmp'), 0o777);
      const { exitCode, stderr } = await runIn(files, ['run']);
      assert.equal(exitCode, 2);
      assert.match(
        stderr,
        /^E_CONFIG_LOAD Compiled files can be written neither to \.treadle\/compiled .* nor elsewhere: everybody may rename/,
      );
      assert.match(stderr, /TMPDIR/);
      chmodSync(files.path('tmp'), 0o1777);
      assert.equal((await runIn(files, ['run'])).exitCode, 0);
    });
  });

  it('runs as it was compiled before where that is current', async function () {
    await withProject(project, async (files) => {
      assert.equal((await runIn(files, ['run'])).exitCode, 0);
      const run = runReadOnly(files, ['run', '--reporter', 'ndjson']);
      if (run === undefined) return this.skip();
      assert.equal(run.status, 0, run.stderr);
      assert.match(run.stderr, warning);
      assert.match(run.stdout, /hello world/);
      // It made no private folder.
      assert.doesNotMatch(run.stdout, /700 true/);
    });
  });
});

/** Runs with the project mounted read-only, as root can; or without leave to write in it. `undefined` where neither can be. */
function runReadOnly({ program, path }: CliProject, args: readonly string[]) {
  const own = path('app', '.treadle');
  const folders = [path('app'), own, ...readdirSync(own).map((name) => join(own, name))];
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync('unshare', ['-m', 'true']).status !== 0) return undefined;
  const mount = ['unshare', '-m', 'sh', '-c', 'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && exec "$@"', 'sh'];
  const [command = '', ...rest] = [...(isRoot ? mount : []), process.execPath, program, ...args];
  const modes = (mode: number): void => folders.forEach((folder) => chmodSync(folder, mode));
  modes(0o555);
  const { status, stdout, stderr } = spawnSync(command, rest, {
    cwd: path('app'),
    env: { ...baseEnvironment(), TMPDIR: path('tmp') },
    encoding: 'utf8',
  });
  modes(0o755);
  return { status, stdout, stderr };
}
