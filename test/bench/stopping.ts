import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeFolder, node, treadle } from './folder.ts';
import { type CommandLine, type Effort, interleave, stat, type Table } from './measure.ts';
import type { Peers } from './peers.ts';

/** The time limit of each, and what Treadle lets pass before it kills, in milliseconds. */
const limitMs = 300;
const graceMs = 500;
/** Who has not ended so long after the limit does not end. */
const patienceMs = 5000;

/** How what never yields was stopped: milliseconds after its time limit. */
interface Stopped {
  readonly groupMs: number | undefined;
  readonly exitMs: number | undefined;
  /** Processes that were still there afterwards. */
  readonly left: number;
}

/** A step that loops for ever beside one that does not: how long after its time limit its group and the whole process end, and what stays. */
export async function measureStopping(
  effort: Effort,
  peers: Peers,
): Promise<{ readonly table: Table; readonly lateMs: number; readonly left: number }> {
  const deaf = "trap '' TERM INT; while :; do :; done";
  const cwd = makeFolder(
    {
      'treadle.config.mjs': `import { definePipeline, step } from 'treadle';
import { shell } from 'treadle/plugins';
const beside = step('beside', (context) => { context.results.done = true; });
const limits = { timeout: ${limitMs} };
export default {
  function: definePipeline([[step('endless', () => { while (true); }, limits), beside]]),
  command: definePipeline([[shell('endless', ${JSON.stringify(`${deaf} & ${deaf}`)}, limits), beside]]),
};`,
      'endless.mjs': 'while (true);',
      'mocha.mjs': `it('never ends', () => { while (true); }).timeout(${limitMs});`,
      'node.mjs': `import { test } from 'node:test'; test('never ends', { timeout: ${limitMs} }, () => { while (true); });`,
      'endless.test.mjs': `import { test } from 'vitest'; test('never ends', () => { while (true); }, ${limitMs});`,
    },
    peers.modules,
  );
  const line = (file: string, ...args: string[]): CommandLine => ({ file, args, cwd });
  const run = (pipeline: string): CommandLine => line(node, treadle, 'run', pipeline, '--reporter', 'ndjson');
  const contenders: readonly (readonly [name: string, line: CommandLine])[] = [
    ['treadle, a function', run('function')],
    ['treadle, a command that ignores SIGTERM', run('command')],
    ['timeout(1) with SIGKILL, of Node', line('timeout', '-s', 'KILL', String(limitMs / 1000), node, 'endless.mjs')],
    ['vitest, threads', line(node, join(peers.modules, 'vitest/vitest.mjs'), 'run', '--pool', 'threads')],
    ['mocha', line(node, join(peers.modules, 'mocha/bin/mocha.js'), 'mocha.mjs')],
    ['node --test', line(node, '--test', 'node.mjs')],
  ];
  const all = new Map<string, Stopped[]>(contenders.map(([name]) => [name, []]));
  await interleave(
    // What does not end takes all of the patience, so it has one round.
    { ...effort, budgetMs: patienceMs - 1 },
    contenders.map(([name, command]) => ({
      name,
      run: async () => {
        const stopped = await stop(command);
        all.get(name)?.push(stopped);
        return stopped.exitMs ?? Number.POSITIVE_INFINITY;
      },
    })),
  );
  const of = (name: string): readonly Stopped[] => all.get(name) ?? [];
  const cell = (values: readonly (number | undefined)[]): ReturnType<typeof stat> | undefined => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : stat(known);
  };
  const own = contenders.slice(0, 2).flatMap(([name]) => of(name));
  const left = own.reduce((sum, stopped) => sum + stopped.left, 0);
  return {
    lateMs: Math.max(...own.map(({ groupMs }) => (groupMs ?? Number.POSITIVE_INFINITY) - graceMs)),
    left,
    table: {
      id: 'stopping',
      title: `Stopping what loops for ever, from a time limit of ${limitMs} ms until`,
      unit: 'ms',
      columns: ['the group has ended', 'the process has ended'],
      base: '',
      rows: contenders.map(([name]) => ({
        name,
        cells: [cell(of(name).map(({ groupMs }) => groupMs)), cell(of(name).map(({ exitMs }) => exitMs))],
      })),
      remarks: [
        `${graceMs} ms of it are the grace that Treadle gives. ${left} of its processes were left in ${own.length} runs. What has no time was still looping ${patienceMs / 1000} s after the limit. For the others, their start counts, too.`,
      ],
    },
  };
}

/** Runs something to its end, or kills it when that does not come. */
async function stop({ file, args, cwd }: CommandLine): Promise<Stopped> {
  // What it starts inherits this, whatever group or session it makes for itself.
  const mark = `TREADLE_BENCH=${process.pid}-${performance.now()}`;
  const [name = '', value = ''] = mark.split('=');
  const began = performance.now();
  const child = spawn(file, args, { cwd, env: { ...process.env, [name]: value }, stdio: ['ignore', 'pipe', 'ignore'] });
  let startedAt = began;
  let groupMs: number | undefined;
  createInterface({ input: child.stdout }).on('line', (text) => {
    // The clock of whoever waits: what an event's own time says need not be what is seen.
    if (text.includes('"step:start"') && text.includes('"endless"')) startedAt = performance.now();
    if (text.includes('"group:end"')) groupMs = performance.now() - startedAt - limitMs;
  });
  let isLate = false;
  const patience = setTimeout(() => {
    isLate = true;
    killAll(mark);
  }, limitMs + patienceMs);
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  clearTimeout(patience);
  const exitMs = isLate ? undefined : performance.now() - startedAt - limitMs;
  return { groupMs, exitMs, left: killAll(mark) };
}

/** Kills whatever has the mark in its environment; how many there were. Linux only. */
function killAll(mark: string): number {
  const found = readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0').includes(mark);
    } catch {
      return false;
    }
  });
  for (const pid of found) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
  return found.length;
}
