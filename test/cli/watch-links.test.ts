import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { withProject, type CliProcess, type CliProject } from '../support/cli.ts';

const configFor = (inputs: readonly string[], command: string): string => `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([
  shell('look', ${JSON.stringify(command)}, { inputs: ${JSON.stringify(inputs)} }),
  shell('other', 'cat other.txt', { inputs: ['other.txt'] }),
]);`;

const look = 'cat linked/a.txt || true';
const files = { 'app/treadle.config.ts': configFor(['linked/*.txt'], look), 'app/other.txt': '1', '.git/HEAD': '' };

interface Watch {
  readonly project: CliProject;
  /** Waits for the run that a change starts: the file that it names. */
  rerunFor(change: () => unknown, file: string): Promise<void>;
  /** Changes one more file, and makes sure that nothing before it has started a run. */
  noRerunFor(change: () => unknown): Promise<void>;
  readonly watching: CliProcess;
}

/** Puts links there, watches, and goes on once the first run is over. */
function watchLinks(
  contents: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>>,
  test: (watch: Watch) => Promise<void>,
): Promise<void> {
  return withProject(contents, async (project) => {
    for (const [path, target] of Object.entries(links)) symlinkSync(target, project.path(path));
    const watching = project.start(['watch', '--reporter', 'ndjson', '--no-cache', '--cwd', 'app']);
    await watching.watchEvent('watch:idle');
    let changes = 0;
    let others = 1;
    const rerunFor = async (change: () => unknown, file: string): Promise<void> => {
      await change();
      changes += 1;
      const { files: changed, affected } = await watching.watchEvent('watch:change', changes);
      assert.deepEqual([changed.includes(file), affected?.includes('look')], [true, true], JSON.stringify({ changed, affected }));
      await watching.watchEvent('watch:idle', changes + 1);
      const { runId } = watching.events.findLast(({ type }) => type === 'run:start') ?? assert.fail('nothing ran');
      assert.equal((await watching.event('step:end', (event) => event.runId === runId && event.id === 'look')).cached, false);
    };
    const noRerunFor = async (change: () => unknown): Promise<void> => {
      await change();
      others += 1;
      writeFileSync(project.path('app/other.txt'), String(others));
      changes += 1;
      const { affected } = await watching.watchEvent('watch:change', changes);
      assert.deepEqual(affected, ['other']);
      await watching.watchEvent('watch:idle', changes + 1);
    };
    await test({ project, watching, rerunFor, noRerunFor });
    watching.signal('SIGINT');
    const { exitCode, stderr } = await watching.ended;
    assert.deepEqual([exitCode, stderr], [130, '']);
  });
}

describe('watch mode and links among inputs', function () {
  this.timeout(60_000);

  it('runs again for what changes, comes and goes in a folder of the project that a link leads to', () =>
    watchLinks(
      { ...files, 'app/real/a.txt': '1', 'app/real/b.md': '1' },
      { 'app/linked': 'real' },
      async ({ project, rerunFor, noRerunFor }) => {
        await rerunFor(() => project.write('app/real/a.txt', '2'), 'linked/a.txt');
        await rerunFor(() => project.write('app/real/new.txt', '1'), 'linked/new.txt');
        await rerunFor(() => rmSync(project.path('app/real/new.txt')), 'linked/new.txt');
        await noRerunFor(() => project.write('app/real/b.md', '2'));
      },
    ));

  it('runs again for a sibling package outside of the project, also one that git ignores there', () =>
    watchLinks(
      { ...files, 'lib/dist/a.txt': '1', 'lib/src/a.txt': '1', '.gitignore': 'dist\nlinked\n' },
      { 'app/linked': '../lib/dist' },
      async ({ project, rerunFor, noRerunFor }) => {
        await rerunFor(() => project.write('lib/dist/a.txt', '2'), 'linked/a.txt');
        await noRerunFor(() => project.write('lib/src/a.txt', '2'));
        await noRerunFor(() => project.write('lib/dist/deep/a.txt', '2'));
        // As a build does that cleans first.
        await rerunFor(() => {
          rmSync(project.path('lib/dist'), { recursive: true });
          mkdirSync(project.path('lib/dist'));
          writeFileSync(project.path('lib/dist/a.txt'), '3');
        }, 'linked/a.txt');
        await rerunFor(() => project.write('lib/dist/a.txt', '4'), 'linked/a.txt');
        await rerunFor(() => rmSync(project.path('lib/dist'), { recursive: true }), 'linked/a.txt');
        await rerunFor(() => project.write('lib/dist/a.txt', '5'), 'linked/a.txt');
      },
    ));

  it('runs again for a package of the workspace that node_modules links to, and not for what that has installed', () =>
    watchLinks(
      {
        ...files,
        'app/treadle.config.ts': configFor(['node_modules/@acme/lib/**'], 'cat node_modules/@acme/lib/index.js'),
        'app/node_modules/@acme/other/index.js': '1',
        'lib/index.js': '1',
        'lib/sub/node_modules/dep/index.js': '1',
        '.gitignore': 'node_modules\n',
      },
      { 'app/node_modules/@acme/lib': '../../../lib' },
      async ({ project, rerunFor, noRerunFor }) => {
        await rerunFor(() => project.write('lib/index.js', '2'), 'node_modules/@acme/lib/index.js');
        await noRerunFor(() => project.write('app/node_modules/@acme/other/index.js', '2'));
        await rerunFor(() => project.write('lib/new/b.js', '2'), 'node_modules/@acme/lib/new/b.js');
      },
    ));

  it('runs again for a file that a link leads to, however it is written', () =>
    watchLinks(
      {
        ...files,
        'app/treadle.config.ts': configFor(['settings.json'], 'cat settings.json'),
        'shared/settings.json': '1',
        'shared/more.json': '1',
      },
      { 'app/settings.json': '../shared/settings.json' },
      async ({ project, rerunFor, noRerunFor }) => {
        await rerunFor(() => project.write('shared/settings.json', '2'), 'settings.json');
        await rerunFor(() => {
          writeFileSync(project.path('shared/new'), '3');
          renameSync(project.path('shared/new'), project.path('shared/settings.json'));
        }, 'settings.json');
        await noRerunFor(() => project.write('shared/more.json', '2'));
      },
    ));

  it('runs again when a link leads elsewhere, nowhere, or somewhere at last', () =>
    watchLinks(
      { ...files, 'releases/1/a.txt': '1', 'releases/2/b.txt': '2' },
      { 'app/linked': '../current', current: 'releases/1' },
      async ({ project, rerunFor, noRerunFor }) => {
        const point = (link: string, target: string): void => {
          symlinkSync(target, project.path('.new-link'));
          renameSync(project.path('.new-link'), project.path(link));
        };
        await rerunFor(() => point('current', 'releases/2'), 'linked/a.txt');
        await rerunFor(() => project.write('releases/2/b.txt', '3'), 'linked/b.txt');
        await noRerunFor(() => project.write('releases/1/a.txt', '2'));
        await rerunFor(() => point('app/linked', '../releases/1'), 'linked/b.txt');
        await rerunFor(() => project.write('releases/1/a.txt', '3'), 'linked/a.txt');
        await rerunFor(() => point('app/linked', '../deep/er/none'), 'linked/a.txt');
        await rerunFor(() => project.write('deep/er/none/c.txt', '1'), 'linked/c.txt');
        await rerunFor(() => project.write('deep/er/none/c.txt', '2'), 'linked/c.txt');
        await rerunFor(() => unlinkSync(project.path('app/linked')), 'linked/c.txt');
        await rerunFor(() => symlinkSync('../releases/2', project.path('app/linked')), 'linked/b.txt');
        await rerunFor(() => project.write('releases/2/b.txt', '4'), 'linked/b.txt');
      },
    ));

  it('follows links within what links lead to, and no circle', () =>
    watchLinks(
      {
        ...files,
        'app/treadle.config.ts': configFor(['linked/**'], look),
        'lib/a.txt': '1',
        'more/b.txt': '1',
        'node_modules/p/index.js': '1',
      },
      {
        'app/linked': '../lib',
        'app/self': '.',
        'lib/loop': '../lib',
        'lib/up': '..',
        'lib/more': '../more',
        'lib/node_modules': '../node_modules',
        'more/back': '../lib',
      },
      async ({ project, rerunFor, noRerunFor }) => {
        await rerunFor(() => project.write('lib/a.txt', '2'), 'linked/a.txt');
        await rerunFor(() => project.write('more/b.txt', '2'), 'linked/more/b.txt');
        await noRerunFor(() => project.write('node_modules/p/index.js', '2'));
      },
    ));

  it('does not run again for what a step says that it writes, by whatever name another reads it', () =>
    watchLinks(
      {
        ...files,
        'app/treadle.config.ts': configFor(['linked/*'], 'cat linked/*').replace(
          "'cat other.txt', { inputs: ['other.txt'] }",
          "'cat other.txt | tee real/a', { inputs: ['other.txt'], outputs: ['real'] }",
        ),
        'app/real/a': '1',
      },
      { 'app/linked': 'real' },
      async ({ noRerunFor }) => {
        for (let change = 0; change < 3; change += 1) await noRerunFor(() => undefined);
      },
    ));

  it('does not run again for a file behind a link that no inputs name', () =>
    watchLinks({ ...files, 'lib/a.txt': '1' }, { 'app/elsewhere': '../lib' }, async ({ project, noRerunFor }) =>
      noRerunFor(() => project.write('lib/a.txt', '2')),
    ));
});
