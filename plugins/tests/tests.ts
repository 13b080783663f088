import { definePlugin } from '../../core/index.ts';
import { testsOptions } from './options.ts';

/**
 * Runs a command that runs tests, and reports each test case as soon as it has run. mocha, node:test, vitest, jest and
 * playwright are made to report by themselves; any other runner must write TAP, JUnit or NDJSON.
 *
 * @throws `E_TESTS_FAILED` when tests fail, when there are none, or when the report is incomplete; `E_COMMAND_FAILED` when the command fails though no test did.
 * @example
 * tests('unit', 'npx mocha')
 * tests('java', { command: 'mvn -q test', file: 'target/surefire-reports/TEST-*.xml' })
 */
export const tests = definePlugin({
  name: 'tests',
  description: 'Run tests and report each test case',
  executor: 'inline',
  options: testsOptions,
  // Loaded when first used: a pipeline without tests need not load the readers of reports.
  run: async (context, options) => (await import('./run-tests.ts')).runTests(context, options),
});
