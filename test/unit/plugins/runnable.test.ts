import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { after, describe, it } from 'mocha';
import { encodeSegment } from '../../../core/context/segment.ts';
import type { PipelineContext } from '../../../core/contract/context.ts';
import type { StepCode } from '../../../core/contract/executor.ts';
import { compileModule } from '../../../core/plugins/compile.ts';
import { loadRunnable } from '../../../core/plugins/runnable.ts';
import { makeProject, removeProjects } from '../../support/project.ts';

// What the steps of these tests look at.
const context = { step: { id: 'here', attempt: 1 } } as PipelineContext;

async function compiled(text: string): Promise<string> {
  const root = makeProject({ 'main.ts': text });
  return (await compileModule({ root, entry: join(root, 'main.ts'), errorCode: 'E_CONFIG_LOAD' })).url;
}

const pipelineFile = `import { all, definePipeline, definePlugin, PipelineStep, sequence, step } from 'treadle';
  const local = definePlugin({
    options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: { ...value, validated: true } }) } },
    run: (context, options) => options.made(options.validated),
  });
  class Own extends PipelineStep { constructor(readonly id: string) { super(); } run() { return this.id; } }
  export default {
    ci: definePipeline([
      step('first', (context) => 'ran ' + context.step.id, { when: (context) => context.step.attempt === 1 }),
      [all([sequence([local('deep', { made: (validated) => 'made ' + validated })])]), new Own('object')],
    ]),
    other: definePipeline([step('first', () => 'of other')]),
  };`;

describe('loadRunnable', () => {
  after(removeProjects);

  const run = async (code: StepCode, stepId: string): Promise<unknown> => (await loadRunnable(code, stepId))(context);

  it('runs a plugin with options of its own for each attempt', async () => {
    const module = await compiled(`import { definePlugin } from 'treadle';
      export default definePlugin({ run: (_context, options: { list: number[] }) => { options.list.push(0); return options.list; } });`);
    const runnable = await loadRunnable({ kind: 'plugin', module, options: encodeSegment({ list: [7] }, 'options') }, 'x');
    assert.deepEqual(runnable(context), [7, 0]);
    assert.deepEqual(runnable(context), [7, 0]);
  });

  it('runs the export that a fragment names', async () => {
    const module = await compiled(`import { definePlugin } from 'treadle'; export const waitFor = definePlugin({ run: () => 'waited' });`);
    assert.equal(await run({ kind: 'plugin', module: `${module}#waitFor`, options: encodeSegment({}, 'options') }, 'x'), 'waited');
  });

  it('finds functions, plugins, objects and when functions of a pipeline file, however deep', async () => {
    const module = await compiled(pipelineFile);
    const inPipeline = { kind: 'pipeline-step', module, pipeline: 'ci' } as const;
    assert.equal(await run(inPipeline, 'first'), 'ran here');
    assert.equal(await run(inPipeline, 'deep'), 'made true');
    assert.equal(await run(inPipeline, 'object'), 'object');
    assert.equal(await run({ ...inPipeline, pipeline: 'other' }, 'first'), 'of other');
    assert.equal(await run({ kind: 'pipeline-when', module, pipeline: 'ci' }, 'first'), true);
  });

  it('finds the plugin that a step names, where its options cannot travel', async () => {
    const plugin = await compiled(
      `import { definePlugin } from 'treadle'; export default definePlugin({ run: (_context, options: { make(): string }) => options.make() });`,
    );
    const module = await compiled(`import { definePipeline, step } from 'treadle';
      export default definePipeline([step('named', { uses: 'by-name', with: { make: () => 'made' } })]);`);
    assert.equal(await run({ kind: 'pipeline-step', module, pipeline: 'default', plugin }, 'named'), 'made');
  });

  it('runs live steps', async () => {
    assert.equal(await run({ kind: 'live', step: { run: ({ step }) => step.id } }, 'x'), 'here');
  });

  it('says what it cannot find', async () => {
    const module = await compiled(pipelineFile);
    const lost = { code: 'E_INTERNAL', message: /step "gone" of pipeline "ci"/ };
    await assert.rejects(run({ kind: 'pipeline-step', module, pipeline: 'ci' }, 'gone'), lost);
    await assert.rejects(run({ kind: 'pipeline-step', module, pipeline: 'none' }, 'first'), { code: 'E_INTERNAL' });
    await assert.rejects(run({ kind: 'pipeline-when', module, pipeline: 'ci' }, 'deep'), { code: 'E_INTERNAL' });
    await assert.rejects(run({ kind: 'plugin', module, options: encodeSegment({}, 'options') }, 'x'), { code: 'E_INTERNAL' });
  });

  it('works on a thread, where stacks show the source', async () => {
    const module = await compiled(`import { definePipeline, step } from 'treadle';
enum Word { oops = 'oops' }
export default definePipeline([
  step('fail', () => {
    throw new Error(Word.oops);
  }),
]);
`);
    const runnable = new URL('../../../core/plugins/runnable.ts', import.meta.url).href;
    const script = `const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.runnable)
        .then(({ loadRunnable }) => loadRunnable(workerData.code, 'fail'))
        .then((run) => run({}))
        .catch((error) => parentPort.postMessage(error.stack));`;
    const worker = new Worker(script, {
      eval: true,
      workerData: { runnable, code: { kind: 'pipeline-step', module, pipeline: 'default' } satisfies StepCode },
    });
    const stack = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    assert.match(String(stack), /Error: oops\n +at .*\/main\.ts:5:11\)/);
  });
});
