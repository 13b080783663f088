import { expectTypeOf } from 'expect-type';
import type { PipelineContext } from '../../core/contract/context.ts';
import { all, any, atLeast, definePipeline, parallel, sequence, step } from '../../core/model/builders.ts';
import { LogicOperator, ParallelConfig, PipelineStep } from '../../core/model/classic.ts';
import type { GroupDefinition, PipelineDefinition, SequenceDefinition, StepDefinition } from '../../core/model/definition.ts';

// What the builders take and give. Compiled, never run.

const work = step('work', (context) => {
  expectTypeOf(context).toEqualTypeOf<PipelineContext>();
  context.results['done'] = true;
});
expectTypeOf(work).toEqualTypeOf<StepDefinition>();
expectTypeOf(
  step('async', async () => 1, { timeout: '30s', retries: 2, when: async ({ results }) => results['ok'] === true }),
).toEqualTypeOf<StepDefinition>();
expectTypeOf(
  step('use', { uses: 'shell', with: { command: 'ls' }, backoff: { delay: '1s', max: 5000 }, env: { CI: '1' } }),
).toEqualTypeOf<StepDefinition>();

class Load extends PipelineStep {
  readonly id = 'load';
  override readonly timeout = '1m';
  override get retries(): number {
    return 2;
  }
  async run(context: PipelineContext): Promise<void> {
    context.updateStepProgress(50);
  }
}

expectTypeOf(
  all([work, [work, [work]], new Load()], { id: 'g', settle: 'first', onConflict: 'error', maxWorkers: 2 }),
).toEqualTypeOf<GroupDefinition>();
expectTypeOf(any([work])).toEqualTypeOf<GroupDefinition>();
expectTypeOf(atLeast(2, [work, work, work])).toEqualTypeOf<GroupDefinition>();
expectTypeOf(sequence([work, all([])], { timeout: 500 })).toEqualTypeOf<SequenceDefinition>();
expectTypeOf(definePipeline([work, [work]], { config: { a: 1 }, concurrency: 2 })).toEqualTypeOf<PipelineDefinition>();
expectTypeOf(parallel([work], { operator: LogicOperator.OR, timeout: '5s' })).toEqualTypeOf<GroupDefinition>();
expectTypeOf(parallel([work], new ParallelConfig(LogicOperator.AND, 30_000))).toEqualTypeOf<GroupDefinition>();
expectTypeOf(LogicOperator.AND).toEqualTypeOf<'and'>();
definePipeline([work] as const);

// @ts-expect-error a duration has a unit of its own
step('a', () => 1, { timeout: '5 minutes' });
// @ts-expect-error an unknown setting
step('a', () => 1, { retry: 1 });
// @ts-expect-error nothing to run
step('a');
// @ts-expect-error no plugin named
step('a', { with: {} });
// @ts-expect-error unknown executor
step('a', { uses: 'x', executor: 'bullmq' });
// @ts-expect-error undefined is no step
all([undefined]);
// @ts-expect-error brackets are missing
all(work, work);
// @ts-expect-error the count comes first
atLeast([work], 1);
// @ts-expect-error a sequence has no workers
sequence([work], { maxWorkers: 1 });
// @ts-expect-error a pipeline is no step
definePipeline([definePipeline([])]);
// @ts-expect-error an operator that does not exist
parallel([work], { operator: 'xor' });
// @ts-expect-error a step has an id
class Nameless extends PipelineStep {
  run(): void {}
}
void Nameless;
