import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { interleave, type Row, timeProcess } from './measure.ts';

const bin = resolve(import.meta.dirname, '../../dist/bin.cjs');
const node = process.execPath;

/** `1 → 8 → 1` shell steps that do nothing, as a whole process, against the same written as a bare Node script. */
export async function measureShell(rounds: number): Promise<Row> {
  const folder = project();
  const [ours = 0, other = 0] = await interleave(rounds, [
    async () => timeProcess(node, [bin, 'run', '--reporter', 'line'], folder),
    async () => timeProcess(node, [join(folder, 'bare.mjs')], folder),
  ]);
  rmSync(folder, { recursive: true, force: true });
  const ratio = ours / other;
  return {
    what: '1 → 8 → 1 shell steps that do nothing, against a bare Node script',
    ours,
    other,
    unit: 'ms',
    ratio,
    target: '≤ 1.5×',
    met: ratio <= 1.5,
  };
}

/** Cold starts, against `node -e 0`. */
export async function measureColdStart(rounds: number): Promise<Row[]> {
  const folder = project();
  const [version = 0, list = 0, bare = 0] = await interleave(rounds, [
    async () => timeProcess(node, [bin, '--version']),
    async () => timeProcess(node, [bin, 'list'], folder),
    async () => timeProcess(node, ['-e', '0']),
  ]);
  rmSync(folder, { recursive: true, force: true });
  return [
    {
      what: '`treadle --version`, against `node -e 0`',
      ours: version,
      other: bare,
      unit: 'ms',
      ratio: version / bare,
      target: '≤ 1.3×',
      met: version / bare <= 1.3,
    },
    {
      what: '`treadle list`, compiled files cached, against `node -e 0`',
      ours: list,
      other: bare,
      unit: 'ms',
      ratio: list / bare,
      target: '≤ 100 ms more',
      met: list - bare <= 100,
    },
  ];
}

function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-bench-'));
  const shells = "Array.from({ length: 8 }, (_, index) => shell(`s${index}`, { command: 'true' }))";
  writeFileSync(
    join(folder, 'treadle.config.mjs'),
    `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([shell('first', { command: 'true' }), ${shells}, shell('last', { command: 'true' })]);
`,
  );
  writeFileSync(
    join(folder, 'bare.mjs'),
    `import { spawn } from 'node:child_process';
const run = () => new Promise((resolve, reject) => {
  const child = spawn('true', { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => { output += chunk; });
  child.stderr.on('data', (chunk) => { output += chunk; });
  child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(output))));
});
await run();
await Promise.all(Array.from({ length: 8 }, run));
await run();
`,
  );
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve(import.meta.dirname, '../..'), join(folder, 'node_modules', 'treadle'));
  return folder;
}
