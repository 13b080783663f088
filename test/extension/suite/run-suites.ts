import Mocha from 'mocha';
import { recordResults } from '../host/record-results.ts';
import { appendResult, variables } from '../host/results.ts';

/**
 * Runs suites inside of an extension host, which calls this and takes a rejection for a failure.
 * Results go to the file that the environment names.
 */
export async function runSuites(loaders: readonly (() => Promise<unknown>)[]): Promise<void> {
  const file = process.env[variables.results];
  if (file === undefined) throw new Error(`${variables.results} names no file for the results.`);
  const grep = process.env[variables.grep];
  let tests = 0;
  const mocha = new Mocha({
    ui: 'bdd',
    // Of what a test waits for, see treadle-api.ts; this one stops what waits for something else.
    timeout: 90_000,
    reporter: recordResults((result) => {
      if (result.status !== 'skipped') tests++;
      appendResult(file, result);
    }),
    ...(grep === undefined ? {} : { grep }),
  });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  for (const load of loaders) await load();
  const failures = await new Promise<number>((resolve) => void mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
  if (tests === 0) throw new Error('No test ran.');
}
