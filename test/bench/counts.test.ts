import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RunEvent } from '../../core/contract/events.ts';
import { makeProject, removeProjects } from '../support/project.ts';

// What makes Treadle fast, in counts that are the same on every machine: what is loaded, started and sent. Of what was built.

const repository = resolve(import.meta.dirname, '../..');
const program = join(repository, 'dist/bin.cjs');

/** What {@link import('../support/counts.cjs')} writes. */
interface Counts {
  /** Node's own modules that are not part of every start. */
  readonly builtIns: readonly string[];
  /** CommonJS files of Treadle. */
  readonly files: readonly string[];
  readonly threads: number;
  readonly sentBytes: number;
  readonly events: readonly RunEvent[];
}

function counted(root: string, args: readonly string[], countSent = false): Counts {
  const file = join(root, 'counts.json');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', join(repository, 'test/support/counts.cjs'), program, ...args],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, TREADLE_COUNTS: file, ...(countSent ? { TREADLE_COUNT_SENT: '1' } : {}) },
    },
  );
  assert.equal(status, 0, stderr + stdout);
  const counts: Omit<Counts, 'events'> = JSON.parse(readFileSync(file, 'utf8'));
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"v"'))
    .map((line): RunEvent => JSON.parse(line));
  return { ...counts, files: counts.files.map((name) => basename(name)), events };
}

/** What Node writes where `NODE_V8_COVERAGE` says. */
interface Coverage {
  readonly result: readonly {
    readonly functions: readonly { readonly functionName: string; readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

/** The names of the functions that a process calls: each module of the command line is one, too. */
function called(root: string, args: readonly string[]): ReadonlySet<string> {
  const folder = join(root, 'coverage');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_V8_COVERAGE: folder },
  });
  assert.equal(status, 0, stderr + stdout);
  const coverages = readdirSync(folder).map((name): Coverage => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  rmSync(folder, { recursive: true });
  const functions = coverages.flatMap(({ result }) => result.flatMap(({ functions }) => functions));
  return new Set(functions.flatMap(({ functionName, ranges }) => ((ranges[0]?.count ?? 0) > 0 ? [functionName] : [])));
}

/** Those of Node's modules that take milliseconds to load. */
const heavy = ['child_process', 'crypto', 'http', 'net', 'perf_hooks', 'worker_threads', 'zlib', 'fs/promises', 'readline', 'v8', 'tls'];

const loaded = ({ builtIns }: Counts): readonly string[] => heavy.filter((name) => builtIns.includes(name));

describe('what a start takes', () => {
  let root = '';
  before(() => {
    root = makeProject({
      'treadle.config.mjs': `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([shell('first', 'node --version'), [shell('a', 'node --version'), shell('b', 'node --version')]]);
`,
    });
    // What is compiled is compiled now.
    counted(root, ['run', '--reporter', 'line']);
  });
  after(removeProjects);

  it('is the entry alone for --version', () => {
    const counts = counted(root, ['--version']);
    assert.deepEqual(counts.files, ['bin.cjs']);
    // A pipe is a socket to Node.
    assert.deepEqual(
      loaded(counts).filter((name) => name !== 'net'),
      [],
    );
    assert.ok(counts.builtIns.length <= 30, counts.builtIns.join(' '));
  });

  it('is the command line for list: no compiler, no threads, no processes', () => {
    const counts = counted(root, ['list']);
    assert.deepEqual(counts.files, ['bin.cjs']);
    assert.deepEqual(
      loaded(counts).filter((name) => name !== 'net'),
      [],
    );
    assert.equal(counts.threads, 0);
  });

  it('is processes for a run of commands: no threads, and neither the compiler nor patterns of files', () => {
    const counts = counted(root, ['run', '--reporter', 'line']);
    assert.deepEqual(counts.files, ['bin.cjs']);
    assert.deepEqual(loaded(counts), ['child_process', 'net']);
    assert.equal(counts.threads, 0);
  });

  it('is compiled once: what a run compiled is kept, not what a refused one did', () => {
    const cache = join(root, 'compile-cache');
    const keeps = (...args: string[]): readonly string[] => {
      spawnSync(process.execPath, [program, ...args], { cwd: root, env: { ...process.env, NODE_COMPILE_CACHE: cache } });
      const [folder = ''] = readdirSync(cache);
      return readdirSync(join(cache, folder))
        .flatMap((name) => /^treadle-\w+-(.*)$/.exec(name)?.[1] ?? [])
        .toSorted();
    };
    assert.deepEqual(keeps('run', 'nosuch'), []);
    assert.deepEqual(keeps('run', '--reporter', 'line'), ['run-cli.cjs']);
    // What ordinary runs do not need is a script of its own.
    assert.deepEqual(keeps('--help'), ['help-cli.cjs', 'help-rest.cjs', 'run-cli.cjs']);
  });

  it('is both scripts for what begins with the second one', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '__complete', '--', '--on'], { cwd: root, encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.match(stdout, /^--only\t/);
  });

  it('is no parser of command lines for an ordinary run', () => {
    const ofParser = (args: readonly string[]): readonly string[] => {
      const names = [...called(root, args)];
      const modules = names.flatMap((name) => /^part:(program|usage)-\w+\.js$/.exec(name)?.[1] ?? []);
      return [...modules, ...['createProgram', '_parseCommand'].filter((name) => names.includes(name))].toSorted();
    };
    const ordinary = [[], ['run', '--reporter', 'line'], ['default', '--only', 'a', 'b', '--concurrency=2', '--no-cache', '--cwd', '.']];
    for (const args of ordinary) assert.deepEqual(ofParser(args), [], args.join(' '));
    assert.deepEqual(ofParser(['list']), ['_parseCommand', 'createProgram', 'program', 'usage']);
  });
});

describe('what threads take', () => {
  after(removeProjects);

  it('is a copy of what steps change, whatever else the context holds', () => {
    const root = makeProject({
      'treadle.config.mjs': `import { definePipeline, step } from 'treadle';
export default definePipeline([
  step('fill', ({ results }) => { results.big = Array.from({ length: 50_000 }, (_, index) => ({ index, name: 'record ' + index })); }),
  Array.from({ length: 16 }, (_, index) => step('s' + index, ({ results }) => { results['key' + index] = index; })),
]);
`,
    });
    const { sentBytes, threads, events } = counted(root, ['run', '--reporter', 'ndjson', '--concurrency', '4'], true);
    const end = events.at(-1);
    assert.ok(end?.type === 'run:end' && Array.isArray(end.results['big']) && end.results['key15'] === 15);
    assert.ok(threads <= 4, `${threads} threads for 4 steps at once`);
    // To threads, for 17 steps: well below the two megabytes of the large value.
    assert.ok(sentBytes > 0);
    assert.ok(sentBytes < 17 * 20_000, `${sentBytes} bytes were sent to threads`);
  });

  it('is at most 28 events a second and step for progress, however often steps report it, from wherever', () => {
    const root = makeProject({
      'treadle.config.mjs': `import { definePipeline, step } from 'treadle';
const busy = async (context) => {
  const began = performance.now();
  for (let past = 0; past <= 500; past = performance.now() - began) {
    for (let index = 0; index < 100; index += 1) context.updateStepProgress(past / 10 + index / 100);
    await new Promise(setImmediate);
  }
};
export default definePipeline([[step('thread', busy), step('one', busy, { executor: 'inline' }), step('two', busy, { executor: 'inline' })]]);
`,
    });
    const { events } = counted(root, ['run', '--reporter', 'ndjson']);
    for (const id of ['thread', 'one', 'two']) {
      const times = events.flatMap((event) => (event.type === 'step:progress' && event.id === id ? [event.ts] : []));
      assert.ok(times.length > 2, `${times.length} events of ${id}`);
      // The last one comes with the end of the step.
      const gaps = times.slice(1, -1).map((time, index) => time - (times[index] ?? 0));
      assert.ok(Math.min(...gaps) >= 35, `${id}: ${gaps.join(' ')}`);
    }
  });
});
