import * as v from 'valibot';
import { durationForms, durationMs, durationPattern, longestDurationMs } from './duration.ts';

// What may be set where: the one list of settings. Plans and the JSON form are checked with it, and the JSON Schema that
// editors use is made from it. Each message completes "… must be".

/** Made when a setting is first looked at: many pipelines have none, and making all takes longer than planning ten steps. */
const lazily = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

const whole = (least: number) => {
  const message = `a whole number, ${least} or more`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message));
};

const duration = v.union(
  [
    v.pipe(v.number(durationForms), v.minValue(0, durationForms), v.maxValue(longestDurationMs, durationForms)),
    v.pipe(v.string(durationForms), v.regex(durationPattern, durationForms)),
  ],
  durationForms,
);

// No limit is said by leaving it out; elsewhere 0 means that too, so refuse what could be misread.
const timeLimit = v.pipe(
  duration,
  v.check((value) => durationMs(value) !== 0, 'more than 0'),
);

const flag = v.boolean('true or false');
const text = v.string('text');
const texts = v.array(text, 'a list of texts');
const fileForms = "a pattern of the project's own files, such as 'src/**', relative to its folder and with forward slashes";
// Neither absolute, nor on another drive, nor through `..`.
const filePattern = /^(?!!?(?:[/\\]|[A-Za-z]:))(?!!?(?:.*[/\\])?\.\.(?:[/\\]|$)).+$/;
const filePatterns = v.array(v.pipe(text, v.regex(filePattern, fileForms)), 'a list of texts');
const executors = v.picklist(['inline', 'threads'], "'inline' or 'threads'");
const finite = v.pipe(v.number('a number'), v.finite('a finite number'));

/** The longest id. */
const longestId = 200;
const idForms = `printable text of 1 to ${longestId} characters that neither begins nor ends with a space`;
// Anything that can be shown on one line. `__proto__` would be lost wherever results are kept by id.
const idPattern = /^(?!__proto__$)(?!\s)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+(?<!\s)$/u;
// Most ids: classes of Unicode take a third of a millisecond to compile.
const plainId = /^[A-Za-z0-9][\w.:/-]*$/;

/** Whether a value can be an id, as `idSchema` says it, but fast: it is asked of every step. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestId && (plainId.test(value) || idPattern.test(value));
}

export const idSchema = v.pipe(v.string(idForms), v.maxLength(longestId, idForms), v.regex(idPattern, idForms));

const described = {
  description: v.pipe(text, v.description('What it is for; shown in lists and in the editor.')),
  weight: v.pipe(
    finite,
    v.description('Share of the whole run in percent, 0 to 100. Default: an equal share of what the parent has.'),
    v.examples([50]),
  ),
};

const backoff = v.union(
  [
    duration,
    v.strictObject(
      {
        delay: v.pipe(duration, v.description('Before the second attempt.')),
        factor: v.optional(
          v.pipe(
            v.number('a number, 1 or more'),
            v.minValue(1, 'a number, 1 or more'),
            v.description('Growth from attempt to attempt. Default: 2.'),
          ),
        ),
        max: v.optional(v.pipe(duration, v.description('The longest wait. Default: 30s.'))),
      },
      'a duration, or { delay, factor, max }',
    ),
  ],
  'a duration, or { delay, factor, max }',
);

const stepTimeout = v.pipe(
  timeLimit,
  v.description('For each attempt; the step is stopped when it takes longer. Default: none.'),
  v.examples(['30s', '2m']),
);

/** What the JSON form can say of `when`; in code it may be a function too. */
const whenForms = "true, false, 'on-success', 'on-failure', 'always' or 'never'";
const when = v.union([v.boolean(whenForms), v.picklist(['on-success', 'on-failure', 'always', 'never'], whenForms)], whenForms);

/** Settings of a step. */
export const stepEntries = lazily(() => ({
  description: described.description,
  timeout: stepTimeout,
  retries: v.pipe(whole(0), v.description('Further attempts after a failure, a timeout or a crash. Default: 0.'), v.examples([1])),
  backoff: v.pipe(
    backoff,
    v.description('Wait before the next attempt: a fixed time, or one that grows. Default: none.'),
    v.examples(['1s', { delay: '250ms', factor: 2, max: '30s' }]),
  ),
  critical: v.pipe(flag, v.description('Whether the run fails with the step. Default: true.')),
  when: v.pipe(when, v.description("When the step runs. Default: 'on-success'."), v.examples(['always'])),
  env: v.pipe(
    v.record(v.string(), text, 'an object of texts'),
    v.description('Environment variables of the step.'),
    v.examples([{ CI: '1' }]),
  ),
  inputs: v.pipe(
    filePatterns,
    v.description('Files that the step reads, as globs. As long as none of them changes, its last results are used again.'),
    v.examples([['src/**']]),
  ),
  outputs: v.pipe(
    filePatterns,
    v.description('Files that the step writes, as globs. They are kept and restored with its results.'),
    v.examples([['dist/**']]),
  ),
  executor: v.pipe(executors, v.description("Where the step runs. Default: 'threads', or 'inline' for plugins that only wait.")),
  weight: described.weight,
  memoryLimitMb: v.pipe(whole(1), v.description("Heap limit of the step's thread in MiB. Default: Node's own."), v.examples([512])),
}));

/** Settings of a group. */
export const groupEntries = lazily(() => ({
  id: v.pipe(idSchema, v.description('Unique in the pipeline. Default: made from the ids of what is in it.')),
  description: described.description,
  operator: v.pipe(
    v.picklist(['all', 'any', 'atLeast'], "'all', 'any' or 'atLeast'"),
    v.description('What decides whether the group passes.'),
  ),
  timeout: v.pipe(timeLimit, v.description('For the whole group. Default: none.'), v.examples(['5m'])),
  maxWorkers: v.pipe(whole(1), v.description('How many of its steps run at once. Default: all.'), v.examples([4])),
  count: v.pipe(whole(1), v.description('How many must pass, for atLeast.'), v.examples([2])),
  settle: v.pipe(
    v.picklist(['all', 'first'], "'all' or 'first'"),
    v.description("Wait for all, or stop the rest as soon as the outcome is decided. Default: 'all'."),
  ),
  onConflict: v.pipe(
    v.picklist(['last', 'error'], "'last' or 'error'"),
    v.description(
      "When two leave different values at one place in the results: the later declared wins, or the group fails. Default: 'last'.",
    ),
  ),
  weight: described.weight,
}));

/** Settings of a sequence. */
export const sequenceEntries = lazily(() => ({
  id: groupEntries().id,
  description: described.description,
  timeout: v.pipe(timeLimit, v.description('For the whole sequence. Default: none.'), v.examples(['5m'])),
  weight: described.weight,
}));

/** Settings of a pipeline. */
export const pipelineEntries = lazily(() => ({
  name: v.pipe(idSchema, v.description('Name of the pipeline.'), v.examples(['ci'])),
  description: described.description,
  config: v.pipe(
    v.record(v.string(), v.unknown(), 'an object'),
    v.description('Read-only values for the steps: context.config.'),
    v.examples([{ baseUrl: 'http://127.0.0.1:4173' }]),
  ),
  failFast: v.pipe(flag, v.description('Stop at the first failure of a critical step. Default: true, or false with maxFailures.')),
  maxFailures: v.pipe(
    whole(1),
    v.description('Begin nothing else after so many failures of critical steps. Default: no limit.'),
    v.examples([5]),
  ),
  failOnFlaky: v.pipe(flag, v.description('Whether a step that passed only after a retry fails the run. Default: false.')),
  timeout: v.pipe(timeLimit, v.description('For the whole run. Default: none.'), v.examples(['10m'])),
  concurrency: v.pipe(whole(1), v.description('How many steps run at once. Default: no limit beyond the thread pool.'), v.examples([4])),
  plugins: v.pipe(texts, v.description("Folders of plugins, or names of packages. Default: ['plugins'].")),
  executor: v.pipe(executors, v.description('Where steps run that do not say it themselves.')),
  secrets: v.pipe(
    texts,
    v.description(
      "Environment variables whose values are hidden in everything that is shown or written, besides those whose names look secret. '!NAME' shows one that only looks so.",
    ),
    v.examples([['DATABASE_URL', '!PUBLIC_TOKEN']]),
  ),
}));

/** Settings by the kind of what they belong to. */
export const settingEntries = { step: stepEntries, group: groupEntries, sequence: sequenceEntries, pipeline: pipelineEntries };
