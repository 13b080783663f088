import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ChangeBatches } from '../../../core/watch/change-batches.ts';
import { matchesPatterns } from '../../../core/files/file-patterns.ts';
import { watchFiles, type FileWatcher } from '../../../core/watch/file-watcher.ts';
import { IgnoredFiles } from '../../../core/files/ignored-files.ts';

function folderWith(files: Readonly<Record<string, string>>): { root: string; write(file: string, text: string): void } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'treadle-watch-')));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { root, write };
}

describe('file patterns', () => {
  for (const [patterns, file, expected] of [
    [['src/**'], 'src/a/b.ts', true],
    [['src'], 'src/a/b.ts', true],
    [['./src/'], 'src/a.ts', true],
    [['src'], 'srcs/a.ts', false],
    [['**/*.{ts,js}'], 'a/b.js', true],
    [['*.ts'], 'a/b.ts', false],
    [['src/**', '!src/gen'], 'src/gen/x.ts', false],
    [['src/**', '!src/gen', 'src/gen/keep.ts'], 'src/gen/keep.ts', true],
    [['.'], 'anything', true],
    [[], 'anything', false],
  ] as const) {
    it(`${JSON.stringify(patterns)} ${expected ? 'take in' : 'leave out'} ${file}`, () => {
      assert.equal(matchesPatterns(patterns, file), expected);
    });
  }
});

describe('ignored files', () => {
  it('are those of .gitignore files, of any folder, and what no person edits', () => {
    const { root, write } = folderWith({
      '.gitignore': 'dist/\n*.log\n!keep.log\n/only-here.txt\n',
      'packages/a/.gitignore': 'out\n!/x.log\n',
    });
    const ignored = new IgnoredFiles(root);
    const of = (...files: string[]): string[] => files.filter((file) => ignored.has(file));
    assert.deepEqual(
      of(
        'src/a.ts',
        'dist/',
        'dist/a.js',
        'packages/b/dist/c.js',
        'x.log',
        'keep.log',
        'only-here.txt',
        'src/only-here.txt',
        'packages/a/out/',
        'packages/b/out/',
        'packages/a/x.log',
        'node_modules/',
        'packages/a/node_modules/p/index.js',
        '.git/HEAD',
        '.treadle/x',
      ),
      [
        'dist/',
        'dist/a.js',
        'packages/b/dist/c.js',
        'x.log',
        'only-here.txt',
        'packages/a/out/',
        'node_modules/',
        'packages/a/node_modules/p/index.js',
        '.git/HEAD',
        '.treadle/x',
      ],
    );
    write('.gitignore', '');
    ignored.reload();
    assert.equal(ignored.has('x.log'), false);
    rmSync(root, { recursive: true });
  });
});

describe('ignored files of a project within a repository', () => {
  it('are those of the repository, too, unless all of the project is', () => {
    const { root } = folderWith({
      '.git/HEAD': '',
      '.git/info/exclude': 'mine.txt\n',
      '.gitignore': 'dist\n/packages/b\n',
      'packages/.gitignore': '*.log\n!/a/keep.log\n',
    });
    const inA = new IgnoredFiles(join(root, 'packages/a'));
    const files = ['dist/x.js', 'src/a.ts', 'x.log', 'keep.log', 'mine.txt'];
    assert.deepEqual(
      files.filter((file) => inA.has(file)),
      ['dist/x.js', 'x.log', 'mine.txt'],
    );
    const inB = new IgnoredFiles(join(root, 'packages/b'));
    assert.equal(inB.has('src/a.ts'), false);
    rmSync(root, { recursive: true });
  });
});

describe('batches of changes', () => {
  it('hand the first on by itself, and what follows together; nothing as long as more is known to come', async () => {
    const handed: string[][] = [];
    let isMoreToCome = false;
    let next = Promise.withResolvers<void>();
    const batches = new ChangeBatches({
      quietMs: 5,
      isMoreToCome: () => isMoreToCome,
      isUnfinished: () => false,
      hand: (files) => {
        handed.push([...files]);
        next.resolve();
        next = Promise.withResolvers();
      },
    });
    batches.add('a');
    batches.add('b');
    await next.promise;
    for (const file of ['c', 'd', 'c']) batches.add(file);
    isMoreToCome = true;
    setTimeout(() => {
      assert.equal(handed.length, 1);
      batches.add('e');
      isMoreToCome = false;
    }, 20);
    await next.promise;
    assert.deepEqual(handed, [
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    batches.close();
  });
});

describe('the file watcher', () => {
  let project: ReturnType<typeof folderWith>;
  let watcher: FileWatcher;
  const seen: string[][] = [];
  let told = (): void => undefined;
  /** Resolves once all of these files have been told of. */
  const changes = (...files: string[]): Promise<void> =>
    new Promise((resolve) => {
      told = () => {
        if (files.every((file) => seen.flat().includes(file))) resolve();
      };
      told();
    });
  beforeEach(async () => {
    seen.length = 0;
    project = folderWith({ 'src/a.ts': '1', '.gitignore': 'dist\n', 'dist/out.js': '1', 'shared.ts': '1' });
    watcher = await watchFiles({
      root: project.root,
      also: [join(project.root, 'dist/config.js')],
      inputs: [],
      onError: assert.fail,
      onChange: (files) => {
        seen.push([...files]);
        told();
      },
    });
  });
  afterEach(async () => {
    await watcher.close();
    rmSync(project.root, { recursive: true, force: true });
  });

  it('tells of changed, new, renamed and deleted files, in folders old and new, and of nothing that is ignored', async () => {
    const { root, write } = project;
    write('dist/out.js', '2');
    write('.treadle/x', '1');
    write('src/a.ts', '2');
    await changes('src/a.ts');
    write('new/deep/b.ts', '1');
    await changes('new/deep/b.ts');
    renameSync(join(root, 'new/deep/b.ts'), join(root, 'new/deep/c.ts'));
    await changes('new/deep/c.ts', 'new/deep/b.ts');
    rmSync(join(root, 'shared.ts'));
    await changes('shared.ts');
    write('last.ts', '');
    await changes('last.ts');
    assert.ok(!seen.flat().some((file) => file.startsWith('dist/') || file.startsWith('.treadle/')), JSON.stringify(seen));
  });

  it('tells of a save by way of another file, as editors do it, once', async () => {
    const { root, write } = project;
    write('src/.a.ts.tmp', '3');
    await changes('src/.a.ts.tmp');
    renameSync(join(root, 'src/.a.ts.tmp'), join(root, 'src/a.ts'));
    await changes('src/a.ts');
    write('end.ts', '');
    await changes('end.ts');
    assert.equal(seen.flat().filter((file) => file === 'src/a.ts').length, 1);
  });

  it('tells of hundreds of files in few batches, and not of a file that was written as it was', async () => {
    const { write } = project;
    const files = Array.from({ length: 300 }, (_, at) => `many/${at}.ts`);
    for (const file of files) write(file, 'x');
    await changes(...files);
    assert.ok(seen.length < 30, `${seen.length} batches`);
    for (const file of files) write(file, 'x');
    write('end.ts', '');
    await changes('end.ts');
    assert.equal(seen.flat().filter((file) => file === 'many/7.ts').length, 1);
  });

  it('tells of what it is asked to watch, though it is ignored', async () => {
    project.write('dist/config.js', '1');
    await changes('dist/config.js');
  });

  it('tells of what inputs name, though it is ignored, and of what is not ignored any more', async () => {
    const { root, write } = project;
    watcher.cover({ also: [], inputs: [['dist/*.css', '!dist/not.css'], ['.env.local']] });
    write('dist/a.css', '1');
    await changes('dist/a.css');
    assert.equal(watcher.isIgnored('dist/a.css'), true);
    write('dist/not.css', '1');
    write('dist/b.js', '1');
    write('.gitignore', '');
    await changes('.gitignore');
    write('dist/out.js', '3');
    await changes('dist/out.js');
    assert.equal(watcher.isIgnored('dist/out.js'), false);
    assert.ok(!seen.flat().includes('dist/not.css'));
    rmSync(join(root, 'dist'), { recursive: true });
    await changes('dist/out.js', 'dist/a.css');
  });
});
