import { Worker } from 'node:worker_threads';
import { makeFolder, node, treadle } from './folder.ts';
import { compare, type Effort, interleave, runProcess, type Table, time } from './measure.ts';
import type { Peers } from './peers.ts';

/** A million progress updates: what they cost the step, and how often the main process hears of them. */
export async function measureProgress(
  effort: Effort,
): Promise<{ readonly table: Table; readonly extra: number; readonly wakesPerSecond: number }> {
  const updates = effort.quick ? 200_000 : 1_000_000;
  const work = (report: string): string => `(context) => {
    const started = performance.now();
    let sum = 0;
    for (let index = 0; index < ${updates}; index += 1) { for (let inner = 0; inner < 400; inner += 1) sum += Math.sqrt(index ^ inner); ${report} }
    context.results.tookMs = performance.now() - started;
    context.results.sum = sum;
  }`;
  const cwd = makeFolder({
    'treadle.config.mjs': `import { definePipeline, step } from 'treadle';
export default {
  reports: definePipeline([step('work', ${work(`context.updateStepProgress(index / ${updates / 100});`)})]),
  silent: definePipeline([step('work', ${work('')})]),
};`,
  });
  let events = 0;
  let seconds = 0;
  const tookOf = async (pipeline: string): Promise<number> => {
    const { events: heard, tookMs } = await runTold(cwd, pipeline);
    if (pipeline === 'reports') {
      events = heard.filter(({ type }) => type === 'step:progress').length;
      seconds = tookMs / 1000;
    }
    return tookMs;
  };
  const worker = new Worker(new URL('./messages.mjs', import.meta.url));
  const names = ['treadle, the step', 'the same step without reporting', 'a message each time: sent and heard'] as const;
  const stats = await interleave(effort, [
    { name: names[0], run: () => tookOf('reports') },
    { name: names[1], run: () => tookOf('silent') },
    {
      name: names[2],
      run: () =>
        time(
          () =>
            new Promise<void>((resolve) => {
              const hear = (message: unknown): void => {
                if (message !== 'done') return;
                worker.off('message', hear);
                resolve();
              };
              worker.on('message', hear);
              worker.postMessage({ progress: updates });
            }),
        ),
    },
  ]);
  await worker.terminate();
  const [ours, without] = [stats.get(names[0])?.median ?? Number.NaN, stats.get(names[1])?.median ?? Number.NaN];
  const extra = (ours - without) / without;
  const wakesPerSecond = events / seconds;
  return {
    extra,
    wakesPerSecond,
    table: {
      id: 'progress',
      title: `${updates.toLocaleString('en-US')} progress updates`,
      unit: 'ms',
      columns: [''],
      base: names[0],
      rows: names.map((name) => ({ name, cells: [stats.get(name)] })),
      remarks: [
        `Treadle's step also does some work, about a microsecond for each update; the messages are without any. ${events} events reached the reporter in ${seconds.toFixed(1)} s.`,
      ],
    },
  };
}

/** A hundred megabytes of output of a command, read by whoever runs it. */
export async function measureOutput(effort: Effort, peers: Peers): Promise<Table> {
  const megabytes = effort.quick ? 20 : 100;
  const command = `yes 'a line of output that is about as long as lines of output are' | head -c ${megabytes}M`;
  const cwd = makeFolder(
    {
      'treadle.config.mjs': `import { definePipeline } from 'treadle';
import { shell } from 'treadle/plugins';
export default definePipeline([shell('talk', ${JSON.stringify(command)})]);`,
      'bare.mjs': `import { spawn } from 'node:child_process';
const child = spawn(${JSON.stringify(command)}, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
child.stdout.setEncoding('utf8').on('data', (text) => process.stdout.write(text));`,
      'listr.mjs': `import { Listr } from 'listr2';
import { execa } from 'execa';
await new Listr([{ title: 'talk', task: async (_, task) => { const child = execa(${JSON.stringify(command)}, { shell: true, buffer: false }); child.stdout.pipe(task.stdout()); await child; } }], { renderer: 'verbose' }).run();`,
      'concurrently.mjs': `import concurrently from 'concurrently';
await concurrently([${JSON.stringify(command)}]).result;`,
    },
    peers.modules,
  );
  const line = (name: string, ...args: string[]): Parameters<typeof compare>[2][number] => ({
    name,
    run: async () => (await runProcess({ file: node, args, cwd })).ms,
  });
  return compare(
    effort,
    { id: 'output', title: `${megabytes} MB of output, passed on to a pipe: the whole process`, unit: 'ms', base: 'treadle, ndjson' },
    [
      line('treadle, ndjson', treadle, 'run', '--reporter', 'ndjson'),
      line('treadle, line', treadle, 'run', '--reporter', 'line'),
      line('bare Node script', 'bare.mjs'),
      line('concurrently', 'concurrently.mjs'),
      line('listr2 + execa', 'listr.mjs'),
    ],
  );
}

async function runTold(cwd: string, pipeline: string): Promise<{ events: { type: string }[]; tookMs: number }> {
  const { spawn } = await import('node:child_process');
  const child = spawn(node, [treadle, pipeline, '--reporter', 'ndjson'], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk);
  const events = text
    .split('\n')
    .filter((entry) => entry.startsWith('{'))
    .map((entry): { type: string; results?: { tookMs?: number } } => JSON.parse(entry));
  return { events, tookMs: events.find(({ type }) => type === 'run:end')?.results?.tookMs ?? Number.NaN };
}
