import * as v from 'valibot';
import { command, commandOptions } from '../command-options.ts';
import { shorthand } from '../forms.ts';
import { runnerNames } from './runners.ts';

const reportFile = v.pipe(v.string(), v.nonEmpty());

const fullOptions = v.strictObject({
  ...commandOptions,
  runner: v.optional(
    v.pipe(
      v.picklist(['auto', 'none', ...runnerNames]),
      v.description(
        "The runner that the command starts: it is given what it needs to report. Default: 'auto', which looks at the command.",
      ),
    ),
    'auto',
  ),
  format: v.optional(
    v.pipe(v.picklist(['auto', 'tap', 'junit', 'ndjson']), v.description("What the command reports. Default: 'auto'.")),
    'auto',
  ),
  file: v.optional(
    v.pipe(
      v.union([reportFile, v.pipe(v.array(reportFile), v.minLength(1))]),
      v.description('Report files that the command writes, relative to its folder; * and ** are wildcards. Default: its output.'),
    ),
  ),
  allowEmpty: v.optional(v.pipe(v.boolean(), v.description('Whether no tests at all is a success. Default: false.')), false),
});

/** Options of the tests plugin in their full form. */
export type TestsOptions = v.InferOutput<typeof fullOptions>;

/** Options of the tests plugin: an object, or only the command. */
export const testsOptions = shorthand(
  v.pipe(
    command,
    v.transform((value) => v.parse(fullOptions, { command: value })),
  ),
  fullOptions,
);
