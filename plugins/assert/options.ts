import * as v from 'valibot';
import { parsePath } from '../checks/path.ts';
import { forms } from '../forms.ts';
import { pattern } from '../pattern.ts';

const roots = ['results', 'config', 'errors', 'env'];
const tests = ['equals', 'matches', 'atLeast', 'atMost', 'exists', 'contains', 'type'] as const;

const check = v.pipe(
  v.strictObject({
    path: v.pipe(
      v.string(),
      v.check(
        isContextPath,
        (issue) => `${JSON.stringify(issue.input)} is no path: write results.build.size, config.items[0] or results["a b"]`,
      ),
      v.description('A place in the context, such as results.build.size or errors.length.'),
    ),
    name: v.optional(v.pipe(v.string(), v.description('Name of the test case. Default: what is checked.'))),
    equals: v.optional(v.pipe(v.unknown(), v.description('Deeply equal.'))),
    matches: v.optional(v.pipe(pattern, v.description('A text that matches this regular expression.'))),
    atLeast: v.optional(v.pipe(v.number(), v.description('A number that is no smaller.'))),
    atMost: v.optional(v.pipe(v.number(), v.description('A number that is no larger.'))),
    exists: v.optional(v.pipe(v.boolean(), v.description('Whether there is anything at the path.'))),
    contains: v.optional(v.pipe(v.unknown(), v.description('Part of the text, an item of the list, or part of the object.'))),
    type: v.optional(v.picklist(['string', 'number', 'boolean', 'bigint', 'object', 'array', 'map', 'set', 'date', 'null'])),
  }),
  v.check((one) => tests.some((test) => one[test] !== undefined), `a check needs one of ${tests.join(', ')}`),
);

const checks = v.pipe(v.array(check), v.minLength(1, 'there is nothing to check'));
const listed = v.strictObject({ checks: v.pipe(checks, v.description('Each is reported as a test case; all must hold.')) });

export type Check = v.InferOutput<typeof check>;

/** Options of the assert plugin: a list of checks, one check, or `{ checks }`. */
export const assertOptions = forms([checks, check, listed], (input) => {
  if (Array.isArray(input)) return checks;
  return typeof input === 'object' && input !== null && 'path' in input ? check : listed;
});

/** The checks in any of the forms. */
export function checksOf(options: v.InferOutput<typeof assertOptions>): readonly Check[] {
  if (Array.isArray(options)) return options;
  return 'checks' in options ? options.checks : [options];
}

function isContextPath(path: string): boolean {
  const [root] = parsePath(path) ?? [];
  return root !== undefined && roots.includes(root);
}
