import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, node, treadle } from './folder.ts';
import { type Effort, interleave, runProcess, type Stat, type Table } from './measure.ts';
import type { Peers } from './peers.ts';

const watcher = join(import.meta.dirname, 'lag.mjs');

/** The longest that the main thread of a program kept everything else waiting: signals, time limits, an editor's questions. */
export async function measureLag(effort: Effort, peers: Peers): Promise<Table> {
  const count = effort.quick ? 2000 : 10_000;
  const megabytes = effort.quick ? 20 : 100;
  const list = (text: string): string => `Array.from({ length: ${count} }, (_, index) => ${text})`;
  const command = `yes 'a line of output that is about as long as lines of output are' | head -c ${megabytes}M`;
  const treadleFile = (steps: string): Record<string, string> => ({
    'treadle.config.mjs': `import { definePipeline, step } from 'treadle'; import { shell } from 'treadle/plugins';
export default definePipeline([${steps}]);`,
  });
  const functions = makeFolder(
    {
      ...treadleFile(list("step('s' + index, () => {})")),
      'listr.mjs': `import { Listr } from 'listr2';
await new Listr(${list("({ title: 's' + index, task: async () => {} })")}, { concurrent: true, renderer: 'simple' }).run();`,
      'gulpfile.mjs': `import gulp from 'gulp';
export default gulp.parallel(...${list("Object.assign(async () => {}, { displayName: 's' + index })")});`,
      'mocha.mjs': `for (let index = 0; index < ${count}; index += 1) it('s' + index, () => {});`,
    },
    peers.modules,
  );
  const output = makeFolder(
    {
      ...treadleFile(`shell('talk', ${JSON.stringify(command)})`),
      'listr.mjs': `import { Listr } from 'listr2'; import { execa } from 'execa';
await new Listr([{ title: 'talk', task: async (_, task) => { const child = execa(${JSON.stringify(command)}, { shell: true, buffer: false }); child.stdout.pipe(task.stdout()); await child; } }], { renderer: 'verbose' }).run();`,
      'concurrently.mjs': `import concurrently from 'concurrently'; await concurrently([${JSON.stringify(command)}]).result;`,
    },
    peers.modules,
  );
  const commands = makeFolder(
    {
      ...treadleFile("Array.from({ length: 100 }, (_, index) => shell('s' + index, 'true'))"),
      'listr.mjs': `import { Listr } from 'listr2'; import { execa } from 'execa';
await new Listr(Array.from({ length: 100 }, (_, index) => ({ title: 's' + index, task: () => execa('true', { shell: true }) })), { concurrent: true, renderer: 'simple' }).run();`,
      'concurrently.mjs': `import concurrently from 'concurrently'; await concurrently(Array.from({ length: 100 }, () => 'true')).result;`,
    },
    peers.modules,
  );
  const gulp = join(peers.modules, 'gulp/bin/gulp.js');
  const mocha = join(peers.modules, 'mocha/bin/mocha.js');
  const work: readonly (readonly [column: string, cwd: string, programs: Readonly<Record<string, readonly string[]>>])[] = [
    [
      `${count.toLocaleString('en-US')} functions`,
      functions,
      {
        treadle: [treadle, 'run', '--reporter', 'line'],
        'treadle, inline': [treadle, 'run', '--reporter', 'line', '--executor', 'inline'],
        'listr2 + execa': ['listr.mjs'],
        gulp: [gulp, '--silent'],
        mocha: [mocha, 'mocha.mjs', '--reporter', 'dot'],
      },
    ],
    [
      '100 commands',
      commands,
      { treadle: [treadle, 'run', '--reporter', 'line'], 'listr2 + execa': ['listr.mjs'], concurrently: ['concurrently.mjs'] },
    ],
    [
      `${megabytes} MB of output`,
      output,
      { treadle: [treadle, 'run', '--reporter', 'line'], 'listr2 + execa': ['listr.mjs'], concurrently: ['concurrently.mjs'] },
    ],
  ];
  const names = [...new Set(work.flatMap(([, , programs]) => Object.keys(programs)))];
  const cells = new Map<string, (Stat | undefined)[]>(names.map((name) => [name, []]));
  for (const [, cwd, programs] of work) {
    const stats = await interleave(
      { ...effort, rounds: Math.min(5, effort.rounds) },
      Object.entries(programs).map(([name, args]) => ({ name, run: () => longestLag(cwd, args) })),
    );
    for (const name of names) cells.get(name)?.push(stats.get(name));
  }
  return {
    id: 'lag',
    title: 'The longest that the main thread kept everything else waiting, its start included',
    unit: 'ms',
    columns: work.map(([column]) => column),
    base: 'treadle',
    rows: names.map((name) => ({ name, cells: cells.get(name) ?? [] })),
  };
}

async function longestLag(cwd: string, args: readonly string[]): Promise<number> {
  const file = join(cwd, 'lag.json');
  rmSync(file, { force: true });
  await runProcess({ file: node, args: ['--import', watcher, ...args], cwd, env: { BENCH_LAG_FILE: file } });
  const { max }: { max: number } = JSON.parse(readFileSync(file, 'utf8'));
  return max;
}
