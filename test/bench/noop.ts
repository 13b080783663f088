import { join } from 'node:path';
import { makeFolder, node, treadle, upTo } from './folder.ts';
import { type CommandLine, compare, type Contender, type Effort, runProcess, type Table } from './measure.ts';
import type { findPython, Peers } from './peers.ts';

/** How many commands run at once in each stage: `[1, 8, 1]`. */
type Shape = readonly number[];

const quiet = { TURBO_TELEMETRY_DISABLED: '1', NX_TUI: 'false', NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NO_UPDATE_NOTIFIER: '1' };

/**
 * The same commands, `true` each, written for everything that people would run them with.
 *
 * @param many - a hundred commands instead of ten
 */
export async function measureNoOps(effort: Effort, peers: Peers, python: ReturnType<typeof findPython>, many: boolean): Promise<Table[]> {
  const all: readonly (readonly [id: string, title: string, shape: Shape])[] = [
    ['shell-1-8-1', '`true` once, 8 times at once, once: the whole process', [1, 8, 1]],
    ['shell-100-parallel', '`true` 100 times at once: the whole process', [100]],
    ['shell-100-row', '`true` 100 times, one after the other: the whole process', upTo(100).map(() => 1)],
  ];
  const shapes = all.filter(([, , shape]) => shape.reduce((sum, count) => sum + count, 0) > 10 === many);
  const tables: Table[] = [];
  for (const [id, title, shape] of shapes) {
    const lines = commandLines(shape, peers, python).filter(
      ([name]) => !effort.quick || shape.length + (shape[0] ?? 0) < 50 || !isSlow(name),
    );
    const contenders = lines.map(([name, line]): Contender => ({ name, run: async () => (await runProcess(line)).ms }));
    tables.push(await compare(effort, { id, title, unit: 'ms', base: 'treadle' }, contenders));
  }
  return tables;
}

/** Those that start npm for each command. */
const isSlow = (name: string): boolean => name === 'turbo' || name === 'npm-run-all2';

function commandLines(shape: Shape, peers: Peers, python: ReturnType<typeof findPython>): [name: string, line: CommandLine][] {
  const cwd = makeFolder(
    {
      'package.json': JSON.stringify(packageFile(shape)),
      'package-lock.json': JSON.stringify({ name: 'bench', lockfileVersion: 3, packages: {} }),
      'turbo.json': JSON.stringify({
        tasks: Object.fromEntries(graph(shape, 'all').map(([name, dependsOn]) => [name, { cache: false, dependsOn }])),
      }),
      'nx.json': '{ "analytics": false }',
      'project.json': JSON.stringify(nxProject(shape)),
      'gulpfile.mjs': gulpFile(shape),
      'listr.mjs': listrFile(shape),
      'concurrently.mjs': concurrentlyFile(shape),
      'bare.mjs': bareFile(shape),
      'bare.sh': shape.map((count) => (count === 1 ? 'sh -c true' : `${'sh -c true & '.repeat(count)}wait`)).join('\n'),
      'treadle.config.mjs': treadleFile(shape),
    },
    peers.modules,
  );
  const own = (name: string, file: string, ...args: string[]): [string, CommandLine] => [name, { file, args, cwd, env: quiet }];
  return [
    own('treadle', node, treadle, 'run', '--reporter', 'line'),
    own('bare Node script', node, 'bare.mjs'),
    own('shell script', 'sh', 'bare.sh'),
    ...(python === undefined
      ? []
      : [own('Python design', python.file, join(import.meta.dirname, 'python_design.py'), 'shell', JSON.stringify(shape))]),
    own('listr2 + execa', node, 'listr.mjs'),
    own('concurrently', node, 'concurrently.mjs'),
    own('gulp', node, join(peers.modules, 'gulp/bin/gulp.js'), '--silent'),
    own('wireit', node, '--run', 'main'),
    own('nx', node, join(peers.modules, 'nx/dist/bin/nx.js'), 'run', 'bench:main'),
    own('turbo', peers.bin('turbo'), 'run', 'all'),
    own('npm-run-all2', peers.bin('run-s'), ...shape.map((count, stage) => (count === 1 ? `s${stage}_0` : `p${stage}`))),
  ];
}

/** Each command and what it waits for; the last is all of it. */
function graph(shape: Shape, all = 'main'): [name: string, after: string[]][] {
  const stage = (index: number): string[] => upTo(shape[index] ?? 0).map((count) => `s${index}_${count}`);
  const steps = shape.flatMap((_, index) => stage(index).map((name): [string, string[]] => [name, stage(index - 1)]));
  return [...steps, [all, stage(shape.length - 1)]];
}

function packageFile(shape: Shape): object {
  const steps = graph(shape);
  const isMain = (name: string): boolean => name === 'main';
  return {
    name: 'bench',
    version: '1.0.0',
    packageManager: 'npm@11.0.0',
    workspaces: [],
    scripts: {
      all: 'true',
      ...Object.fromEntries(steps.map(([name]) => [name, isMain(name) ? 'wireit' : 'true'])),
      ...Object.fromEntries(steps.filter(([name]) => !isMain(name)).map(([name]) => [`w_${name}`, 'wireit'])),
      ...Object.fromEntries(
        shape.flatMap((count, stage) =>
          count === 1
            ? []
            : [
                [
                  `p${stage}`,
                  `run-p ${upTo(count)
                    .map((index) => `s${stage}_${index}`)
                    .join(' ')}`,
                ],
              ],
        ),
      ),
    },
    wireit: Object.fromEntries(
      steps.map(([name, after]) => [
        isMain(name) ? name : `w_${name}`,
        { ...(isMain(name) ? {} : { command: 'true' }), dependencies: after.map((other) => `w_${other}`) },
      ]),
    ),
  };
}

function nxProject(shape: Shape): object {
  const command = { executor: 'nx:run-commands', options: { command: 'true' }, cache: false };
  return { name: 'bench', targets: Object.fromEntries(graph(shape).map(([name, dependsOn]) => [name, { ...command, dependsOn }])) };
}

const spawning = `import { spawn } from 'node:child_process';
const run = () => new Promise((resolve, reject) => {
  const child = spawn('true', { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => { output += chunk; });
  child.stderr.on('data', (chunk) => { output += chunk; });
  child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(output))));
});
`;

const bareFile = (shape: Shape): string => `${spawning}
for (const count of ${JSON.stringify(shape)}) await Promise.all(Array.from({ length: count }, run));
`;

const gulpFile = (shape: Shape): string => `import gulp from 'gulp';
${spawning}
const stages = ${JSON.stringify(shape)}.map((count) => {
  const tasks = Array.from({ length: count }, (_, index) => Object.assign(() => run(), { displayName: 's' + index }));
  return count === 1 ? tasks[0] : gulp.parallel(...tasks);
});
export default gulp.series(...stages);
`;

const listrFile = (shape: Shape): string => `import { Listr } from 'listr2';
import { execa } from 'execa';
const task = (title) => ({ title, task: () => execa('true', { shell: true }) });
const stages = ${JSON.stringify(shape)}.map((count, stage) =>
  count === 1 ? task('s' + stage) : { title: 'p' + stage, task: (_, parent) => parent.newListr(Array.from({ length: count }, (_, index) => task('s' + index)), { concurrent: true }) });
await new Listr(stages, { renderer: 'simple' }).run();
`;

const concurrentlyFile = (shape: Shape): string => `import concurrently from 'concurrently';
for (const count of ${JSON.stringify(shape)}) await concurrently(Array.from({ length: count }, () => 'true')).result;
`;

const treadleFile = (shape: Shape): string => `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
const step = (stage, index) => shell('s' + stage + '_' + index, { command: 'true' });
export default definePipeline(${JSON.stringify(shape)}.map((count, stage) =>
  count === 1 ? step(stage, 0) : Array.from({ length: count }, (_, index) => step(stage, index))));
`;
