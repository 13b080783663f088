import * as v from 'valibot';
import { TreadleError } from '../contract/errors.ts';
import type { RpcRequests, SavedFiles } from '../contract/rpc.ts';
import { longestDurationMs } from '../model/duration.ts';

const texts = v.array(v.string());
/** As long as a timer can wait. */
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(longestDurationMs));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** What each request may say. Fields of a newer editor are let through unread. */
const schemas = {
  initialize: v.object({
    protocols: v.array(v.number()),
    client: v.object({ name: v.string(), version: v.string() }),
    cwd: v.string(),
    configFile: v.optional(v.string()),
  }),
  list: v.object({ reload: v.optional(v.boolean()) }),
  run: v.object({
    pipeline: v.optional(v.string()),
    only: v.optional(texts),
    from: v.optional(v.string()),
    params: v.optional(v.record(v.string(), v.unknown())),
    env: v.optional(v.record(v.string(), v.string())),
    concurrency: v.optional(count),
    timeoutMs: v.optional(milliseconds),
    failFast: v.optional(v.boolean()),
    executor: v.optional(v.picklist(['inline', 'threads'])),
    debug: v.optional(v.boolean()),
    force: v.optional(v.boolean()),
  }),
  runFailed: v.object({ pipeline: v.optional(v.string()), debug: v.optional(v.boolean()) }),
  history: v.object({ pipeline: v.optional(v.string()), limit: v.optional(count) }),
  cancel: v.object({ runId: v.optional(v.string()), nodeId: v.optional(v.string()), force: v.optional(v.boolean()) }),
  setWatch: v.object({
    pipeline: v.optional(v.string()),
    enabled: v.boolean(),
    whenBusy: v.optional(v.picklist(['restart', 'latest', 'ignore'])),
    debounceMs: v.optional(milliseconds),
    idleMs: v.optional(milliseconds),
  }),
};

type Checked = keyof typeof schemas;
type Params<Method extends Checked> = RpcRequests[Method]['params'];

/**
 * What an editor sent, checked.
 *
 * @throws `E_USAGE` naming the method and the field.
 */
export function readParams<Method extends Checked>(method: Method, params: unknown): Params<Method> {
  const result = v.safeParse(schemas[method], params ?? {});
  if (!result.success) {
    const [issue] = result.issues;
    const path = v.getDotPath(issue);
    throw new TreadleError('E_USAGE', `${method}${path === null ? '' : `, ${path}`}: ${issue.message}`, {
      hint: 'The editor sent something that this version of Treadle does not understand. Update the older of them.',
    });
  }
  return result.output;
}

const savedFiles = v.object({ files: texts });

/** What the editor tells of files that were saved: of a notification that says something else, nobody can be told. */
export function readSavedFiles(params: unknown): SavedFiles['files'] {
  return v.is(savedFiles, params) ? params.files : [];
}
