import { definePlugin, type PipelineContext, type TestResult } from '../../core/index.ts';
import { describe } from '../checks/mismatch.ts';
import { parsePath, valueAt } from '../checks/path.ts';
import { type Found, nameOf, unmet } from './check.ts';
import { assertOptions, type Check, checksOf } from './options.ts';

/**
 * Checks what earlier steps left. Each check is a test case of the step.
 *
 * @throws `E_TESTS_FAILED` when a check does not hold.
 * @example
 * assert('small', [{ path: 'results.build.size', atMost: 50_000 }])
 */
export const assert = definePlugin({
  name: 'assert',
  description: 'Check results of earlier steps',
  executor: 'inline',
  options: assertOptions,
  run: (context, options) => {
    for (const check of checksOf(options)) context.test(toTestResult(check, lookUp(context, check)));
  },
});

function lookUp(context: PipelineContext, check: Check): Found {
  const [root, ...keys] = parsePath(check.path) ?? [];
  switch (root) {
    case 'results':
      return valueAt(context.results, keys);
    case 'config':
      return valueAt(context.config, keys);
    case 'errors':
      return valueAt(context.errors, keys);
    case 'env':
      return valueAt(context.env, keys);
    default:
      return undefined;
  }
}

function toTestResult(check: Check, found: Found): TestResult {
  const mismatches = unmet(check, found);
  const [first] = mismatches;
  const base = { name: nameOf(check), path: [], durationMs: 0 };
  if (first === undefined) return { ...base, status: 'passed' };
  const error = { message: mismatches.map(describe).join('\n'), expected: first.expected, actual: first.actual };
  return { ...base, status: 'failed', error };
}
