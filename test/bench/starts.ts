import { join } from 'node:path';
import { makeFolder, node, treadle, upTo } from './folder.ts';
import { compare, type Contender, type Effort, interleave, runProcess, stat, type Table } from './measure.ts';
import type { findPython, Peers } from './peers.ts';

const ms = (name: string, cwd: string, file: string, ...args: string[]): Contender => ({
  name,
  run: async () => (await runProcess({ file, args, cwd })).ms,
});

/** What a program takes to say its version, and Treadle to show a project. */
export async function measureColdStart(effort: Effort, peers: Peers): Promise<Table> {
  const cwd = makeFolder(
    {
      'treadle.config.mjs': `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([shell('first', 'true'), shell('last', 'true')]);`,
    },
    peers.modules,
  );
  const version = (name: string, path: string): Contender => ms(`${name} --version`, cwd, node, join(peers.modules, path), '--version');
  return compare(effort, { id: 'cold-start', title: 'Cold start', unit: 'ms', base: 'treadle --version' }, [
    ms('treadle --version', cwd, node, treadle, '--version'),
    ms('treadle list', cwd, node, treadle, 'list'),
    ms('node -e 0', cwd, node, '-e', '0'),
    version('run-p', 'npm-run-all2/bin/run-p/index.js'),
    version('vitest', 'vitest/vitest.mjs'),
    version('mocha', 'mocha/bin/mocha.js'),
    version('nx', 'nx/dist/bin/nx.js'),
    version('gulp', 'gulp/bin/gulp.js'),
    version('concurrently', 'concurrently/dist/bin/concurrently.js'),
    ms('turbo --version', cwd, peers.bin('turbo'), '--version'),
    ms('import listr2 and execa', makeFolder({ 'import.mjs': "import 'listr2'; import 'execa';" }, peers.modules), node, 'import.mjs'),
  ]);
}

/** Ten thousand functions that do nothing, in one group or file: wall time and memory of the whole process. */
export async function measureFunctions(effort: Effort, peers: Peers, python: ReturnType<typeof findPython>): Promise<Table[]> {
  const count = effort.quick ? 2000 : 10_000;
  const list = (text: string): string => `Array.from({ length: ${count} }, (_, index) => ${text})`;
  const cwd = makeFolder(
    {
      'treadle.config.mjs': `import { definePipeline, step } from 'treadle';
export default definePipeline([${list("step('s' + index, () => {})")}]);`,
      'gulpfile.mjs': `import gulp from 'gulp';
export default gulp.parallel(...${list("Object.assign(async () => {}, { displayName: 's' + index })")});`,
      'listr.mjs': `import { Listr } from 'listr2';
await new Listr(${list("({ title: 's' + index, task: async () => {} })")}, { concurrent: true, renderer: 'simple' }).run();`,
      'mocha.mjs': `for (let index = 0; index < ${count}; index += 1) it('s' + index, () => {});`,
      'node.mjs': `import { test } from 'node:test'; for (let index = 0; index < ${count}; index += 1) test('s' + index, () => {});`,
      'functions.test.mjs': `import { test } from 'vitest'; for (let index = 0; index < ${count}; index += 1) test('s' + index, () => {});`,
    },
    peers.modules,
  );
  const treadleRun = [treadle, 'run', '--reporter', 'line'];
  const lines: readonly (readonly [name: string, file: string, args: readonly string[]])[] = [
    ['treadle, threads', node, treadleRun],
    ['treadle, inline', node, [...treadleRun, '--executor', 'inline']],
    ...(python === undefined
      ? []
      : [['Python design', python.file, [join(import.meta.dirname, 'python_design.py'), 'functions', String(count)]] as const]),
    ['gulp', node, [join(peers.modules, 'gulp/bin/gulp.js'), '--silent']],
    ['listr2', node, ['listr.mjs']],
    ['mocha', node, [join(peers.modules, 'mocha/bin/mocha.js'), 'mocha.mjs', '--reporter', 'dot']],
    ['node --test', node, ['--test', '--test-reporter', 'dot', 'node.mjs']],
    ['vitest, threads', node, [join(peers.modules, 'vitest/vitest.mjs'), 'run', '--pool', 'threads', '--reporter', 'dot']],
  ];
  const peaks = new Map<string, number[]>(lines.map(([name]) => [name, []]));
  const times = await interleave(
    effort,
    lines.map(([name, file, args]) => ({
      name,
      run: async () => {
        const cost = await runProcess({ file, args, cwd });
        peaks.get(name)?.push(cost.peakMb);
        return cost.ms;
      },
    })),
  );
  const title = `${count.toLocaleString('en-US')} functions that do nothing, at once: the whole process`;
  const rows = (cell: (name: string) => ReturnType<typeof stat> | undefined): Table['rows'] =>
    lines.map(([name]) => ({ name, cells: [cell(name)] }));
  const base = 'treadle, threads';
  return [
    { id: 'functions', title, unit: 'ms', columns: [''], base, rows: rows((name) => times.get(name)) },
    {
      id: 'functions-memory',
      title: `${title}, peak memory`,
      unit: 'MB',
      columns: [''],
      base,
      rows: rows((name) => stat(peaks.get(name) ?? [])),
      remarks: ['Of the main process alone: node --test runs its tests in another.'],
    },
  ];
}

/** Two hundred plugins: found, compiled and imported, and again when nothing has changed. */
export async function measurePlugins(effort: Effort): Promise<Table> {
  const count = 200;
  const plugin = (index: number): string => `import { definePlugin } from 'treadle';
type Options = { readonly depth: number };
export default definePlugin<Options>({ description: 'Plugin ${index}', run(context, options) { context.results.p${index} = options.depth; } });
`;
  const cwd = makeFolder({
    ...Object.fromEntries(upTo(count).map((index) => [`plugins/p${index}.ts`, plugin(index)])),
    ...Object.fromEntries(
      upTo(count).map((index) => [`bare/p${index}.mjs`, `export default { depth: ${index}, run(context) { context.p = ${index}; } };\n`]),
    ),
    'bare.mjs': `await Promise.all(Array.from({ length: ${count} }, (_, index) => import('./bare/p' + index + '.mjs')));`,
    'treadle.config.ts':
      "import { definePipeline, step } from 'treadle';\nexport default definePipeline([step('one', { uses: 'p1', with: { depth: 1 } })]);\n",
  });
  const list: Contender = ms('treadle list, nothing changed', cwd, node, treadle, 'list');
  const cold = async (): Promise<number> => {
    const { rmSync } = await import('node:fs');
    rmSync(join(cwd, '.treadle'), { recursive: true, force: true });
    return list.run();
  };
  return compare(effort, { id: 'plugins', title: `Loading ${count} plugins: the whole process`, unit: 'ms', base: list.name }, [
    { name: 'treadle list, compiling all of them', run: cold },
    list,
    ms(`bare Node, import of ${count} modules`, cwd, node, 'bare.mjs'),
  ]);
}
