import type { ReporterFactory } from './reporter.ts';

/** Reporters by name, loaded when asked for: the one list to add a reporter to. */
const reporters: { readonly [name: string]: () => Promise<{ readonly createReporter: ReporterFactory }> } = {
  tree: () => import('./tree.ts'),
  line: () => import('./line.ts'),
  ndjson: () => import('./ndjson.ts'),
  json: () => import('./json.ts'),
  github: () => import('./github/github.ts'),
  junit: () => import('./junit.ts'),
  'junit-strict': () => import('./junit-strict.ts'),
  html: () => import('./html/html.ts'),
  tap: () => import('./tap.ts'),
  ctrf: () => import('./ctrf.ts'),
  codequality: () => import('./codequality.ts'),
};

/** Names that `--reporter` takes. */
export const reporterNames: readonly string[] = Object.keys(reporters);

/** Loads the reporter of a name; `undefined` when there is none. */
export async function loadReporter(name: string): Promise<ReporterFactory | undefined> {
  const load = Object.hasOwn(reporters, name) ? reporters[name] : undefined;
  return load === undefined ? undefined : (await load()).createReporter;
}
