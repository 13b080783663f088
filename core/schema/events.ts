import * as v from 'valibot';
import { errorCodes, type ErrorCode, type SerializedError } from '../contract/errors.ts';
import type { JsonValue } from '../contract/json.ts';
import type { ChildNode } from '../contract/plan.ts';

// The event stream, for the JSON Schema that goes with the package. The engine does not load it; that it says the same as
// core/contract/events.ts and watch-events.ts is proven by test/types/events.ts.

// A list that nobody changes: the cast only adds the readonly that the contract has.
const list = <Item extends v.GenericSchema>(item: Item) => v.array(item) as v.GenericSchema<readonly v.InferOutput<Item>[]>;

const text = v.string();
const id = v.pipe(text, v.description('Id of the step, group or sequence.'));
const status = v.picklist(['passed', 'failed', 'timed-out', 'cancelled', 'skipped']);
const operator = v.picklist(['all', 'any', 'atLeast']);
const milliseconds = v.pipe(v.number(), v.minValue(0), v.description('Milliseconds.'));
const durationMs = milliseconds;
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
const overall = v.pipe(percent, v.description('Progress of the whole run in percent; it never falls.'));
const countFromOne = v.pipe(v.number(), v.integer(), v.minValue(1));

const anyJson = v.lazy(() => jsonValue);
const jsonValue: v.GenericSchema<JsonValue> = v.union([text, v.number(), v.boolean(), v.null(), list(anyJson), v.record(text, anyJson)]);

const locationEntries = {
  file: v.pipe(text, v.description('Relative to the project where the file lies inside it, else absolute.')),
  line: v.pipe(countFromOne, v.description('From 1.')),
  column: v.pipe(countFromOne, v.description('From 1.')),
};
export const sourceLocation = v.object(locationEntries);

// The keys of an object lose their literal types; the table itself still has them.
const codes = Object.keys(errorCodes) as ErrorCode[];

const serializedErrorEntries = {
  code: v.pipe(v.picklist(codes), v.description("Treadle's own code; the error's own is in props.")),
  message: text,
  stepId: v.optional(v.pipe(text, v.description('The step or group that it belongs to.'))),
  hint: v.optional(v.pipe(text, v.description('What to do about it.'))),
  name: v.pipe(text, v.description('Class of the original error.'), v.examples(['TypeError'])),
  stack: v.optional(v.pipe(text, v.description('With source-mapped positions.'))),
  location: v.optional(sourceLocation),
  props: v.optional(v.record(text, jsonValue)),
};

/** An error as it travels. */
const anyError = v.lazy((): v.GenericSchema<SerializedError> => serializedError);
export const serializedError = v.object({ ...serializedErrorEntries, cause: v.optional(anyError), errors: v.optional(list(anyError)) });

const nodeEntries = {
  id,
  description: v.optional(text),
  weight: v.pipe(percent, v.description('Share of the whole run in percent.')),
  timeoutMs: v.optional(milliseconds),
  location: v.optional(sourceLocation),
};

export const stepNode = v.object({
  ...nodeEntries,
  kind: v.literal('step'),
  uses: v.optional(v.pipe(text, v.description("The plugin's name; absent for a function."))),
  with: v.optional(jsonValue),
  executor: v.picklist(['inline', 'threads']),
  retries: whole,
  backoff: v.object({ delayMs: milliseconds, factor: v.number(), maxMs: milliseconds }),
  critical: v.boolean(),
  when: v.picklist(['on-success', 'on-failure', 'always', 'never', 'function']),
  env: v.optional(v.record(text, text)),
  inputs: v.optional(list(text)),
  outputs: v.optional(list(text)),
  memoryLimitMb: v.optional(v.number()),
});

const children = list(v.lazy((): v.GenericSchema<ChildNode> => childNode));

export const groupNode = v.object({
  ...nodeEntries,
  kind: v.literal('group'),
  operator,
  required: v.pipe(whole, v.description('How many children must pass.')),
  settle: v.picklist(['all', 'first']),
  onConflict: v.picklist(['last', 'error']),
  maxWorkers: v.optional(countFromOne),
  children,
});

export const sequenceNode = v.object({ ...nodeEntries, kind: v.literal('sequence'), children });

export const pipelineNode = v.object({
  ...nodeEntries,
  kind: v.literal('pipeline'),
  failFast: v.boolean(),
  maxFailures: v.optional(countFromOne),
  failOnFlaky: v.optional(v.boolean()),
  concurrency: v.optional(countFromOne),
  secrets: v.optional(list(text)),
  children,
});

export const childNode = v.variant('kind', [stepNode, groupNode, sequenceNode]);

export const conflict = v.object({
  path: v.pipe(text, v.examples(['results.report.total'])),
  stepIds: list(text),
  kept: v.pipe(text, v.description('Id of the step whose value was kept.')),
});

const testEntries = {
  name: text,
  path: v.pipe(list(text), v.description('Names of the enclosing suites, outermost first.')),
  status: v.picklist(['passed', 'failed', 'skipped', 'todo']),
  durationMs,
  error: v.optional(
    v.object({
      name: v.optional(v.pipe(text, v.description('The class of the error.'), v.examples(['TypeError']))),
      message: text,
      stack: v.optional(text),
      expected: v.optional(text),
      actual: v.optional(text),
    }),
  ),
  location: v.optional(sourceLocation),
};

const diagnosticEntries = {
  ...locationEntries,
  endLine: v.optional(countFromOne),
  endColumn: v.optional(countFromOne),
  severity: v.picklist(['error', 'warning', 'info']),
  message: text,
  source: v.pipe(text, v.description('The tool that said so.'), v.examples(['tsc'])),
  code: v.optional(v.pipe(text, v.description("The tool's rule or code."), v.examples(['TS2322']))),
};

export const runCounts = v.object({
  steps: whole,
  passed: whole,
  failed: whole,
  timedOut: whole,
  cancelled: whole,
  skipped: whole,
  flaky: whole,
  cached: whole,
});

const stamp = {
  v: v.pipe(v.literal(1), v.description('Version of the event format.')),
  seq: v.pipe(whole, v.description('Counts from 0 without gaps; in a stored run, what was not kept leaves gaps.')),
  ts: v.pipe(v.number(), v.description('Unix time in milliseconds.')),
  runId: text,
};

export const runShard = v.object({
  index: v.pipe(countFromOne, v.description('Of this part, from 1.')),
  count: v.pipe(countFromOne, v.description('Of all parts.')),
  division: v.pipe(text, v.description('The same for all parts that fit together.')),
  plan: pipelineNode,
});

const runTrigger = v.variant('kind', [
  v.object({ kind: v.picklist(['command', 'ci', 'editor', 'debug']) }),
  v.object({
    kind: v.literal('save'),
    files: v.pipe(list(text), v.description('The first of those that changed.')),
    more: v.optional(v.pipe(countFromOne, v.description('How many others changed.'))),
  }),
]);

/** The events by type. */
export const eventsByType = {
  'run:start': v.object({
    ...stamp,
    type: v.literal('run:start'),
    pipeline: text,
    plan: pipelineNode,
    cwd: text,
    trigger: v.optional(v.pipe(runTrigger, v.description('Why the run began.'))),
    shard: v.optional(runShard),
    expected: v.optional(v.pipe(v.record(text, milliseconds), v.description('How long steps usually take, by id.'))),
  }),
  'group:start': v.object({ ...stamp, type: v.literal('group:start'), id }),
  'step:start': v.object({ ...stamp, type: v.literal('step:start'), id, attempt: countFromOne, executor: text, why: v.optional(text) }),
  'step:progress': v.object({ ...stamp, type: v.literal('step:progress'), id, percent, message: v.optional(text), overall }),
  'step:output': v.object({ ...stamp, type: v.literal('step:output'), id, stream: v.picklist(['stdout', 'stderr']), text }),
  'step:test': v.object({ ...stamp, ...testEntries, type: v.literal('step:test'), id }),
  'step:diagnostic': v.object({ ...stamp, ...diagnosticEntries, type: v.literal('step:diagnostic'), id }),
  'step:attachment': v.object({ ...stamp, type: v.literal('step:attachment'), id, name: text, file: text, bytes: whole }),
  'step:warning': v.object({ ...stamp, type: v.literal('step:warning'), id, message: text }),
  'step:retry': v.object({
    ...stamp,
    type: v.literal('step:retry'),
    id,
    attempt: countFromOne,
    delayMs: milliseconds,
    error: serializedError,
    thread: v.optional(whole),
  }),
  'step:end': v.object({
    ...stamp,
    type: v.literal('step:end'),
    id,
    status,
    durationMs,
    attempts: whole,
    flaky: v.boolean(),
    cached: v.boolean(),
    overall,
    error: v.optional(serializedError),
    reason: v.optional(v.pipe(text, v.description('Why a skipped step did not run.'))),
    thread: v.optional(v.pipe(v.number(), v.description('The thread that ran it; absent when it ran inline.'))),
  }),
  'group:end': v.object({
    ...stamp,
    type: v.literal('group:end'),
    id,
    operator,
    status,
    durationMs,
    conflicts: list(conflict),
    error: v.optional(serializedError),
  }),
  'run:end': v.object({
    ...stamp,
    type: v.literal('run:end'),
    status,
    durationMs,
    counts: runCounts,
    results: v.record(text, v.unknown()),
    resultBytes: v.optional(v.pipe(whole, v.description('Size of the results as they are encoded.'))),
    errors: list(serializedError),
  }),
};

/** An event of a run. */
export const runEvent = v.variant('type', [
  eventsByType['run:start'],
  eventsByType['group:start'],
  eventsByType['step:start'],
  eventsByType['step:progress'],
  eventsByType['step:output'],
  eventsByType['step:test'],
  eventsByType['step:diagnostic'],
  eventsByType['step:attachment'],
  eventsByType['step:warning'],
  eventsByType['step:retry'],
  eventsByType['step:end'],
  eventsByType['group:end'],
  eventsByType['run:end'],
]);

const watchStamp = { v: stamp.v, ts: stamp.ts };
const changedFile = v.pipe(text, v.description('Relative to the project.'));

/** What `treadle watch` tells between the events of its runs, by type. */
export const watchEventsByType = {
  'watch:change': v.object({
    ...watchStamp,
    type: v.literal('watch:change'),
    files: list(changedFile),
    affected: v.optional(
      v.pipe(list(text), v.description('Ids of the steps that depend on them; absent when the project is loaded anew because of them.')),
    ),
  }),
  'watch:loop': v.object({
    ...watchStamp,
    type: v.literal('watch:loop'),
    file: changedFile,
    stepIds: list(text),
    by: v.optional(
      v.pipe(
        v.literal('other'),
        v.description('No step seems to write it, and it starts run after run all the same. The steps are those whose services are up.'),
      ),
    ),
  }),
  'watch:warning': v.object({ ...watchStamp, type: v.literal('watch:warning'), id: v.optional(id), message: text }),
  'watch:idle': v.object({ ...watchStamp, type: v.literal('watch:idle'), verdict: v.picklist(['passed', 'failed', 'broken']) }),
};

/** An event of a watch. */
export const watchEvent = v.variant('type', [
  watchEventsByType['watch:change'],
  watchEventsByType['watch:loop'],
  watchEventsByType['watch:warning'],
  watchEventsByType['watch:idle'],
]);

/** One line of an event stream. */
export const streamEvent = v.pipe(
  v.variant('type', [runEvent, watchEvent]),
  v.title('Treadle event'),
  v.description('One line of the event stream. Readers pass over types and fields that they do not know.'),
);

/** Parts of the schema that get a name of their own in `$defs`. */
export const eventDefinitions = {
  ...eventsByType,
  ...watchEventsByType,
  jsonValue,
  sourceLocation,
  error: serializedError,
  node: childNode,
  step: stepNode,
  group: groupNode,
  sequence: sequenceNode,
};
