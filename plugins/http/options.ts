import * as v from 'valibot';
import { duration } from '../duration.ts';
import { pattern } from '../pattern.ts';
import { shorthand } from '../forms.ts';

const statusCode = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599));
const oneStatus = v.union([
  statusCode,
  v.pipe(v.string(), v.regex(/^[1-5]xx$/, 'a class of statuses is written 2xx'), v.description('A class of statuses, such as 2xx.')),
]);
const headerName = v.pipe(v.string(), v.nonEmpty());
const url = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.description("An http or https URL, or a path such as /health below the pipeline's config.baseUrl."),
);

const expectations = v.strictObject({
  status: v.optional(
    v.pipe(v.union([oneStatus, v.array(oneStatus)]), v.description("A status, '2xx', or a list of these. Default: '2xx'.")),
    '2xx',
  ),
  headers: v.optional(
    v.pipe(
      v.record(headerName, v.union([v.string(), v.boolean(), v.strictObject({ matches: pattern })])),
      v.description('The exact value, { matches: regex }, or true or false for present or not.'),
    ),
  ),
  json: v.optional(v.pipe(v.unknown(), v.description('Must be part of the JSON body: objects may hold more, lists not.'))),
  body: v.optional(
    v.pipe(
      v.union([v.string(), v.strictObject({ contains: v.optional(v.string()), matches: v.optional(pattern) })]),
      v.description('A text that the body contains, or { contains, matches }.'),
    ),
  ),
  latencyMs: v.optional(v.pipe(v.number(), v.minValue(0), v.description('Longest time that the answer may take, in milliseconds.'))),
});

const fullOptions = v.pipe(
  v.strictObject({
    url,
    method: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z]+$/), v.description("Default: 'GET', or 'POST' with a body."))),
    headers: v.optional(v.record(headerName, v.string())),
    body: v.optional(v.pipe(v.string(), v.description('Sent as it is.'))),
    json: v.optional(v.pipe(v.unknown(), v.description('Sent as JSON.'))),
    expect: v.optional(v.pipe(expectations, v.description('All must hold.')), {}),
    timeout: v.optional(v.pipe(duration, v.description("For the whole exchange. Default: '30s'.")), '30s'),
    redirect: v.optional(v.pipe(v.picklist(['follow', 'manual', 'error']), v.description("Default: 'follow'.")), 'follow'),
    saveAs: v.optional(v.pipe(v.string(), v.description('Key of results for { status, headers, body, json, latencyMs }.'))),
  }),
  v.check(({ body, json }) => body === undefined || json === undefined, 'give a body or json, not both'),
);

export type Expectations = v.InferOutput<typeof expectations>;
export type HttpOptions = v.InferOutput<typeof fullOptions>;

/** Options of the http plugin: an object, or only the URL. */
export const httpOptions = shorthand(
  v.pipe(
    url,
    v.transform((text) => v.parse(fullOptions, { url: text })),
  ),
  fullOptions,
);
