import * as v from 'valibot';
import { groupEntries, idSchema, pipelineEntries, sequenceEntries, stepEntries } from '../model/settings-schema.ts';

// The JSON form as a whole, for the JSON Schema that editors use. At run time core/model/json-form.ts reads it, which
// can say better what is wrong and where; both take the settings from one list.

const settings = <Entries extends v.ObjectEntries>(entries: Entries) => v.partial(v.strictObject(entries)).entries;

/** An entry of a list of steps. */
const entry = v.lazy(() => anyEntry);
const entries = v.array(entry);

const stepId = v.pipe(idSchema, v.description('Unique in the pipeline.'), v.examples(['types']));

const stepForm = v.pipe(
  v.strictObject({
    id: stepId,
    uses: v.pipe(
      v.string(),
      v.minLength(1),
      v.description('Name of the plugin: a built-in one such as shell, http, wait-for, service, tests or assert, or one of your own.'),
      v.examples(['shell', 'http', 'wait-for', 'service', 'tests', 'assert']),
    ),
    with: v.optional(v.pipe(v.unknown(), v.description('Options of the plugin.'), v.examples([{ command: 'npm test' }]))),
    ...settings(stepEntries()),
  }),
  v.title('Step'),
  v.description('One unit of work: a plugin and its options.'),
);

const { count, operator: _operator, ...groupSettings } = groupEntries();

const allForm = v.pipe(
  v.strictObject({ all: v.pipe(entries, v.description('Steps that run at the same time and must all pass.')), ...settings(groupSettings) }),
  v.title('Parallel group'),
  v.description('Passes when all of its steps pass; the same as a nested list, with settings.'),
);

const anyForm = v.pipe(
  v.strictObject({
    any: v.pipe(entries, v.description('Steps that run at the same time, of which one must pass.')),
    ...settings(groupSettings),
  }),
  v.title('OR group'),
  v.description('Passes when one of its steps passes.'),
);

const atLeastForm = v.pipe(
  v.strictObject({
    atLeast: v.pipe(entries, v.description('Steps that run at the same time, of which "count" must pass.')),
    count,
    ...settings(groupSettings),
  }),
  v.title('Quorum'),
  v.description('Passes when at least "count" of its steps pass.'),
);

const sequenceForm = v.pipe(
  v.strictObject({ sequence: v.pipe(entries, v.description('Steps that run one after the other.')), ...settings(sequenceEntries()) }),
  v.title('Sequence'),
  v.description('Steps in order, for use inside a group.'),
);

const listForm = v.pipe(
  v.array(entry),
  v.title('Parallel group'),
  v.description('A nested list: steps that run at the same time and must all pass.'),
);

const anyEntry: v.GenericSchema<unknown> = v.union([stepForm, allForm, anyForm, atLeastForm, sequenceForm, listForm]);

const $schema = v.optional(v.pipe(v.string(), v.description('Where the JSON Schema of this file lies.')));

const pipelineForm = v.pipe(
  v.strictObject({
    $schema,
    ...settings(pipelineEntries()),
    steps: v.pipe(
      entries,
      v.description('Steps in order; a nested list runs at the same time.'),
      v.examples([[{ id: 'types', uses: 'shell', with: { command: 'tsc --noEmit' } }]]),
    ),
  }),
  v.title('Pipeline'),
);

/** A pipeline file: one pipeline, or several by name. */
export const pipelineFile = v.pipe(
  v.union([
    pipelineForm,
    v.strictObject({
      $schema,
      pipelines: v.pipe(v.record(v.string(), pipelineForm), v.minEntries(1), v.description('Pipelines by name.')),
    }),
    v.objectWithRest({ $schema }, pipelineForm),
  ]),
  v.title('Treadle pipeline file'),
  v.description('One pipeline, or several by name.'),
);

/** Parts of the schema that get a name of their own in `$defs`. */
export const pipelineFileDefinitions = {
  pipeline: pipelineForm,
  entry: anyEntry,
  step: stepForm,
  all: allForm,
  any: anyForm,
  atLeast: atLeastForm,
  sequence: sequenceForm,
  list: listForm,
};
