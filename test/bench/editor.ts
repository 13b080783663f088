import { spawn } from 'node:child_process';
import { editorSide } from '../support/editor.ts';
import { makeFolder, node, treadle } from './folder.ts';
import { type Effort, interleave, memoryOf, stat, type Table, time } from './measure.ts';

/** The engine of an editor with a plan of ten thousand steps: from its start to the plan, and how soon it answers during a run. */
export async function measureEditor(effort: Effort): Promise<Table> {
  const count = effort.quick ? 2000 : 10_000;
  const cwd = makeFolder({
    'treadle.config.mjs': `import { definePipeline, step } from 'treadle';
export default definePipeline(Array.from({ length: ${count / 100} }, (_, group) =>
  Array.from({ length: 100 }, (_, index) => step('s' + group + '_' + index, (context) => context.log('x')))));`,
  });
  const slowest: number[] = [];
  const memory: number[] = [];
  const runs: number[] = [];
  const stats = await interleave({ ...effort, rounds: Math.min(effort.rounds, 5) }, [
    {
      name: 'start to plan',
      run: async () => {
        const started = performance.now();
        const child = spawn(node, [treadle, 'serve', '--stdio'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
        const editor = editorSide(child.stdout, child.stdin);
        await editor.request('initialize', { protocols: [1], cwd, client: { name: 'bench', version: '1' } });
        await editor.request('list', {});
        const took = performance.now() - started;
        const begun = performance.now();
        const { runId } = await editor.request('run', {});
        const state = { ended: false };
        const end = editor.told('run/end', (params) => params.runId === runId).then(() => (state.ended = true));
        let worst = 0;
        while (!state.ended) worst = Math.max(worst, await time(() => Promise.race([editor.request('ping', null), end])));
        runs.push(performance.now() - begun);
        slowest.push(worst);
        memory.push(memoryOf(child.pid, 'VmHWM'));
        await editor.request('shutdown', null);
        return took;
      },
    },
  ]);
  return {
    id: 'editor',
    title: `The editor's engine with ${count.toLocaleString('en-US')} steps`,
    unit: 'ms',
    columns: [''],
    base: '',
    rows: [
      { name: 'from its start until the editor has the plan', cells: [stats.get('start to plan')] },
      { name: 'a run of all steps on threads, events in batches', cells: [stat(runs)] },
      { name: 'the slowest answer to a ping during the run', cells: [stat(slowest)] },
      { name: 'peak memory, MB', cells: [stat(memory)] },
    ],
  };
}
