import * as v from 'valibot';

/** A regular expression: its source as a string (as JSON files must write it), or a RegExp. */
export const pattern = v.union([
  v.pipe(
    v.string(),
    v.nonEmpty(),
    v.check(isSource, (issue) => sourceProblem(issue.input)),
  ),
  v.instance(RegExp),
]);

export type Pattern = v.InferOutput<typeof pattern>;

/** Compiles a {@link Pattern}; without the flags that make a RegExp remember where it stopped. */
export function toRegExp(source: Pattern): RegExp {
  if (typeof source === 'string') return new RegExp(source);
  return new RegExp(source.source, source.flags.replace(/[gy]/g, ''));
}

/** Whether a text is the source of a regular expression. */
export function isSource(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

/** Says why a text is no regular expression. */
export function sourceProblem(source: string): string {
  try {
    new RegExp(source);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
