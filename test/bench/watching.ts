import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, type FSWatcher, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder, node, treadle, upTo } from './folder.ts';
import { type Effort, interleave, memoryOf, quantile, stat, type Table } from './measure.ts';
import type { Peers } from './peers.ts';

/** Somebody who reruns something when `src/a.mjs` is saved; the work ends with that file's content in `out/NAME`. */
interface Watching {
  readonly name: string;
  readonly child: ChildProcess;
  /** Saves, and waits until the work for that save is done: milliseconds. */
  save(value: number): Promise<number>;
  stop(): void;
}

/** From a save to the end of the rerun of trivial work: p50 and p95 of single saves. */
export async function measureSaves(effort: Effort, peers: Peers): Promise<Table> {
  const env = { WIREIT_LOGGER: 'quiet', CI: '', NO_COLOR: '1' };
  const copy = (out: string): string => `cp src/a.mjs ${out}`;
  const started: Watching[] = [];
  const kinds: readonly (readonly [name: string, files: (out: string) => Record<string, string>, args: readonly string[]])[] = [
    [
      'treadle watch',
      (out) => ({
        'treadle.config.mjs': `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([shell('copy', '${copy(out)}', { inputs: ['src/**'] })]);`,
      }),
      [treadle, 'watch', '--no-cache'],
    ],
    [
      'bare script: fs.watch and spawn',
      (out) => ({
        'bare.mjs': `import { watch } from 'node:fs'; import { spawn } from 'node:child_process';
let child; const run = () => { child?.kill(); child = spawn('${copy(out)}', { shell: true, stdio: 'ignore' }); };
watch('src', run); run();`,
      }),
      ['bare.mjs'],
    ],
    [
      'wireit --watch',
      (out) => ({
        'package.json': JSON.stringify({ scripts: { copy: 'wireit' }, wireit: { copy: { command: copy(out), files: ['src/**'] } } }),
        'package-lock.json': '{}',
      }),
      ['--run', 'copy', '--', '--watch'],
    ],
    [
      'node --watch',
      (out) => ({ 'main.mjs': `import { copyFileSync } from 'node:fs'; import './src/a.mjs'; copyFileSync('src/a.mjs', '${out}');` }),
      ['--watch', 'main.mjs'],
    ],
    [
      'vitest --watch',
      (out) => ({
        'copy.test.mjs': `import { copyFileSync } from 'node:fs'; import { test } from 'vitest'; import './src/a.mjs'; test('copies', () => copyFileSync('src/a.mjs', '${out}'));`,
      }),
      [join(peers.modules, 'vitest/vitest.mjs'), '--watch', '--pool', 'threads'],
    ],
  ];
  for (const [name, files, args] of kinds) {
    const outFolder = makeFolder({});
    const out = join(outFolder, 'out.mjs');
    const cwd = makeFolder({ 'src/a.mjs': 'export default 0;\n', ...files(out) }, peers.modules);
    const watching = startWatching(name, { cwd, outFolder, args, env });
    try {
      await watching.save(0);
      started.push(watching);
    } catch (error) {
      console.error(`${name} is left out: ${String(error)}`);
      watching.stop();
    }
  }
  const single = new Map<string, number[]>(started.map(({ name }) => [name, []]));
  let value = 0;
  await interleave(
    { ...effort, rounds: effort.quick ? 8 : 25, budgetMs: Number.POSITIVE_INFINITY },
    started.map((watching) => ({
      name: watching.name,
      run: async () => {
        // A pause, as people make one: what is debounced is not yet over otherwise.
        await delay(150);
        const took = await watching.save((value += 1));
        single.get(watching.name)?.push(took);
        return took;
      },
    })),
  );
  for (const watching of started) watching.stop();
  return {
    id: 'saves',
    title: 'From a save to the end of the rerun, trivial work',
    unit: 'ms',
    columns: ['p50', 'p95'],
    base: 'treadle watch',
    rows: started.map(({ name }) => {
      const sorted = (single.get(name) ?? []).toSorted((a, b) => a - b);
      return { name, cells: [stat([quantile(sorted, 0.5)]), stat([quantile(sorted, 0.95)])] };
    }),
    remarks: ['The work is to copy the saved file: by a command, or by the script or test that imports it.'],
  };
}

function startWatching(
  name: string,
  place: { readonly cwd: string; readonly outFolder: string; readonly args: readonly string[]; readonly env: Record<string, string> },
): Watching {
  const { cwd, outFolder, args, env } = place;
  const source = join(cwd, 'src/a.mjs');
  const out = join(outFolder, 'out.mjs');
  const child = spawn(node, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  let heard = (): void => undefined;
  const watcher: FSWatcher = watch(outFolder, () => heard());
  return {
    name,
    child,
    save: (value) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const content = `export default ${value};\n`;
      const limit = setTimeout(() => reject(new Error('no rerun within 20 s')), 20_000);
      const began = performance.now();
      heard = () => {
        if (readOrNothing(out) !== content) return;
        clearTimeout(limit);
        heard = () => undefined;
        resolve(performance.now() - began);
      };
      // The first run needs no save.
      if (value > 0) writeFileSync(source, content);
      heard();
      return promise;
    },
    stop: () => {
      watcher.close();
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has ended.
      }
    },
  };
}

/** Watching a tree of many files: from the start to being ready, and memory then. */
export async function measureTree(effort: Effort, peers: Peers): Promise<Table[]> {
  const folders = effort.quick ? 100 : 400;
  const cwd = makeFolder(
    {
      'treadle.config.mjs':
        "import { definePipeline, step } from 'treadle';\nexport default definePipeline([step('nothing', () => {}, { executor: 'inline' })]);",
      'chokidar.mjs': "import { watch } from 'chokidar'; watch('tree').on('ready', () => console.log('ready'));",
      'parcel.mjs':
        "import watcher from '@parcel/watcher'; await watcher.subscribe(process.cwd() + '/tree', () => {}); console.log('ready'); setInterval(() => {}, 1e6);",
      'bare.mjs': `import { watch } from 'node:fs'; watch('tree', { recursive: true }, () => {}); console.log('ready');`,
      'sleep.mjs': "console.log('ready'); setInterval(() => {}, 1e6);",
    },
    peers.modules,
  );
  for (const folder of upTo(folders)) {
    mkdirSync(join(cwd, `tree/d${folder}`), { recursive: true });
    for (const file of upTo(50)) writeFileSync(join(cwd, `tree/d${folder}/f${file}.txt`), '');
  }
  const lines: readonly (readonly [name: string, args: readonly string[], ready: RegExp])[] = [
    ['treadle watch', [treadle, 'watch', '--reporter', 'ndjson'], /"watch:idle"/],
    ['chokidar', ['chokidar.mjs'], /ready/],
    ['@parcel/watcher', ['parcel.mjs'], /ready/],
    ['fs.watch, recursive', ['bare.mjs'], /ready/],
    ['Node that watches nothing', ['sleep.mjs'], /ready/],
  ];
  const memory = new Map<string, number[]>(lines.map(([name]) => [name, []]));
  const times = await interleave(
    { ...effort, rounds: Math.min(effort.rounds, 7) },
    lines.map(([name, args, ready]) => ({
      name,
      run: async () => {
        const began = performance.now();
        const child = spawn(node, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
        await told(child, ready);
        const took = performance.now() - began;
        memory.get(name)?.push(memoryOf(child.pid, 'VmRSS'));
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await gone;
        return took;
      },
    })),
  );
  const title = `Watching ${(folders * 50).toLocaleString('en-US')} files in ${folders} folders`;
  const row = (cell: (name: string) => ReturnType<typeof stat> | undefined): Table['rows'] =>
    lines.map(([name]) => ({ name, cells: [cell(name)] }));
  const common = { columns: [''], base: 'treadle watch' };
  return [
    {
      ...common,
      id: 'tree',
      title: `${title}: from the start until it is ready`,
      unit: 'ms',
      rows: row((name) => times.get(name)),
      remarks: ['Treadle has also run a pipeline of one step then.'],
    },
    { ...common, id: 'tree-memory', title: `${title}: memory`, unit: 'MB', rows: row((name) => stat(memory.get(name) ?? [])) },
  ];
}

/** Waits until a process has written something that fits. */
async function told(child: ChildProcess, text: RegExp): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (text.test(said)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`exited with ${code}: ${said}`)));
  });
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
