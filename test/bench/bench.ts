import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCached } from './cached.ts';
import { measureEditor } from './editor.ts';
import { removeFolders } from './folder.ts';
import type { Effort, Table } from './measure.ts';
import { measureLag } from './lag.ts';
import { measureNoOps } from './noop.ts';
import { findPython, installPeers } from './peers.ts';
import { measureProject } from './project.ts';
import { chart, fillIn, machine, markdownTable, markdownTargets } from './report.ts';
import { measureColdStart, measureFunctions, measurePlugins } from './starts.ts';
import { measureScale } from './scale.ts';
import { measureStopping } from './stopping.ts';
import { measureOutput, measureProgress } from './streams.ts';
import { targetsOf, type Extras } from './targets.ts';
import { measureBeside, measureContexts, measureRoundTrip } from './threads.ts';
import { measureSaves, measureTree } from './watching.ts';

// `npm run bench [-- --quick] [--only PART…] [--docs]`: the same work on Treadle and on what people would use instead, side by
// side in one run. Only the ratios mean anything: absolute times are those of this machine in this minute.
// What npm says of the script that it runs is not meant for the programs that are measured: wireit would run that script.
for (const name of Object.keys(process.env)) if (/^npm_|^NODE_RUN_/i.test(name)) delete process.env[name];

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    docs: { type: 'boolean', default: false },
  },
});
const effort: Effort = flags.quick ? { quick: true, rounds: 3, budgetMs: 2500 } : { quick: false, rounds: 11, budgetMs: 4000 };
const peers = installPeers();
const python = findPython();
if (python === undefined) console.error('python3 is not installed: the Python design is left out.');

const extras: { -readonly [Key in keyof Extras]: Extras[Key] } = {};
const parts: Readonly<Record<string, () => Promise<readonly Table[]>>> = {
  'cold-start': async () => [await measureColdStart(effort, peers)],
  'no-ops': () => measureNoOps({ ...effort, rounds: effort.quick ? 5 : 21 }, peers, python, false),
  'no-ops-100': () => measureNoOps(effort, peers, python, true),
  functions: () => measureFunctions({ ...effort, rounds: Math.min(5, effort.rounds) }, peers, python),
  'round-trip': async () => [await measureRoundTrip(effort)],
  contexts: async () => {
    extras.beside = (await measureBeside(effort)).ratio;
    return measureContexts(effort, python);
  },
  progress: async () => {
    const { table, extra, wakesPerSecond } = await measureProgress(effort);
    Object.assign(extras, { progressExtra: extra, wakesPerSecond });
    return [table];
  },
  output: async () => [await measureOutput({ ...effort, rounds: Math.min(5, effort.rounds) }, peers)],
  plugins: async () => [await measurePlugins(effort)],
  editor: async () => [await measureEditor(effort)],
  saves: async () => [await measureSaves(effort, peers)],
  tree: () => measureTree(effort, peers),
  cached: async () => [await measureCached(effort, peers)],
  lag: async () => [await measureLag(effort, peers)],
  project: async () => [await measureProject({ ...effort, rounds: Math.min(7, effort.rounds) }, peers)],
  scale: async () => {
    const { tables, ...more } = await measureScale(effort);
    Object.assign(extras, more);
    return tables;
  },
  stopping: async () => {
    const { table, lateMs, left } = await measureStopping({ ...effort, rounds: Math.min(7, effort.rounds) }, peers);
    Object.assign(extras, { stopLateMs: lateMs, stopLeft: left });
    return [table];
  },
};

const out = resolve(import.meta.dirname, '../../build/bench');
const file = join(out, 'results.json');
/** What `--only` leaves out keeps its results of before. */
const before = flags.only === undefined ? { tables: [], extras: {} } : earlierResults();
const measured: Table[] = [];
const began = performance.now();
for (const [name, measure] of Object.entries(parts)) {
  if (flags.only !== undefined && !flags.only.includes(name)) continue;
  for (const table of await measure()) {
    measured.push(table);
    console.log(`\n${table.title}\n\n${markdownTable(table)}`);
  }
}
removeFolders();

const fresh = new Map(measured.map((table) => [table.id, table]));
const tables = [
  ...before.tables.map((table) => fresh.get(table.id) ?? table),
  ...measured.filter(({ id }) => !before.tables.some((table) => table.id === id)),
];
const versions = [...peers.versions, ...(python === undefined ? [] : [`Python ${python.version}`])];
const minutes = Math.max(1, Math.round((performance.now() - began) / 60_000));
const header = `${machine()}. ${new Date().toISOString().slice(0, 10)}${flags.only === undefined ? `, ${minutes} min` : ''}${flags.quick ? ', --quick' : ''}. Against ${versions.join(', ')}.`;
const allExtras = { ...before.extras, ...extras };
const targets = targetsOf(tables, allExtras);
console.log(`\nTargets\n\n${markdownTargets(targets)}\n\n${header}`);
mkdirSync(out, { recursive: true });
writeFileSync(
  file,
  `${JSON.stringify({ machine: machine(), versions, quick: flags.quick, tables, targets, extras: allExtras }, null, 2)}\n`,
);
const text = tables.map((table) => `## ${table.title}\n\n${markdownTable(table)}\n`).join('\n');
writeFileSync(join(out, 'results.md'), `${header}\n\n${markdownTargets(targets)}\n\n${text}`);
console.log('\nWritten to build/bench/results.json and build/bench/results.md.');
if (flags.docs) writeDocs();
// A watcher that does not end must not keep this process.
process.exit();

function earlierResults(): { readonly tables: readonly Table[]; readonly extras: Extras } {
  try {
    // This program's own file; what could not be measured is null in it.
    const { tables, extras } = JSON.parse(readFileSync(file, 'utf8')) as { tables: Table[]; extras: Extras };
    const whole = (row: Table['rows'][number]): Table['rows'][number] => ({ ...row, cells: row.cells.map((cell) => cell ?? undefined) });
    return { tables: tables.map((table) => ({ ...table, rows: table.rows.map(whole) })), extras };
  } catch {
    return { tables: [], extras: {} };
  }
}

function writeDocs(): void {
  const docs = resolve(import.meta.dirname, '../../docs');
  const page = join(docs, 'performance.md');
  const contents = new Map(tables.map((table) => [table.id, `${table.title}:\n\n${markdownTable(table)}`]));
  if (targets.length > 0) contents.set('targets', markdownTargets(targets));
  contents.set('machine', header);
  writeFileSync(page, fillIn(readFileSync(page, 'utf8'), contents));
  const noOps = tables.find(({ id }) => id === 'shell-1-8-1');
  if (noOps !== undefined)
    writeFileSync(join(docs, 'images/performance.svg'), chart(noOps, 'One command, then eight at once, then one: the whole process'));
}
