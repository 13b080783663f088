import { expectTypeOf } from 'expect-type';
import { defineReporter, type Reporter, type ReporterFactory, type ReporterOutput, type RunEvent } from 'treadle';

// What a reporter is given is known without being written down.
const reporter = defineReporter((output, options) => {
  expectTypeOf(output).toEqualTypeOf<ReporterOutput>();
  expectTypeOf(options.cwd).toEqualTypeOf<string>();
  expectTypeOf(options.log).toEqualTypeOf<'github' | 'gitlab' | 'azure' | 'teamcity' | undefined>();
  return {
    onEvent(event) {
      expectTypeOf(event).toEqualTypeOf<RunEvent>();
      if (event.type === 'step:end')
        expectTypeOf(event.status).toEqualTypeOf<'passed' | 'failed' | 'timed-out' | 'cancelled' | 'skipped'>();
    },
    async close() {},
  };
});
expectTypeOf(reporter).toEqualTypeOf<ReporterFactory>();
expectTypeOf<ReturnType<typeof reporter>>().toEqualTypeOf<Reporter>();

// @ts-expect-error: onEvent is missing
defineReporter(() => ({ close() {} }));
// @ts-expect-error: a reporter is made by a function
defineReporter({ onEvent() {} });
