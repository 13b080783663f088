// Runs one of the suites of the VS Code extension: node test/extension/run.ts suite|drive [--help]
import { resolve, join } from 'node:path';
import { parseArgs } from 'node:util';
import { picturesVariable } from './drive/workbench/look.ts';
import { createPrinter } from './host/print-results.ts';
import { appendResult, type TestResult } from './host/results.ts';
import { runDrive } from './host/run-drive.ts';
import { runSuite } from './host/run-suite.ts';
import { repository } from './repository.ts';
import { makeSuiteWorkspace, removeWorkspaces } from './workspaces.ts';

const help = `node test/extension/run.ts suite|drive [options]

  suite   tests inside of the extension host
  drive   a person in front of the workbench, with screenshots

  --extension FOLDER   the extension under test (default: extension)
  --tests FOLDER       where the tests are (default: test/extension/suite or test/extension/drive)
  --grep TEXT          run tests whose titles have this text
  --timeout MS         for all tests together (default: 300000)
  --results FILE       append each result as a line of JSON
  --pictures           draw the pictures of the documents anew
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    extension: { type: 'string', default: join(repository, 'extension') },
    tests: { type: 'string' },
    grep: { type: 'string' },
    timeout: { type: 'string', default: '300000' },
    results: { type: 'string' },
    pictures: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [kind] = positionals;
if (values.help || positionals.length !== 1 || (kind !== 'suite' && kind !== 'drive') || !(Number(values.timeout) > 0)) {
  console.log(help);
  process.exit(values.help ? 0 : 2);
}

if (values.pictures) process.env[picturesVariable] = '1';
const printer = createPrinter(console.log);
let failed = 0;
const onResult = (result: TestResult): void => {
  if (result.status === 'failed') failed++;
  printer.add(result);
  if (values.results !== undefined) appendResult(values.results, result);
};
const common = {
  extension: resolve(values.extension),
  timeoutMs: Number(values.timeout),
  onResult,
  ...(values.grep === undefined ? {} : { grep: values.grep }),
};
const tests = resolve(values.tests ?? join(import.meta.dirname, kind));
try {
  const problems =
    kind === 'suite'
      ? await runSuite({ ...common, suite: tests, workspace: await makeSuiteWorkspace() })
      : await runDrive({ ...common, tests });
  printer.end();
  for (const problem of problems) console.log(`\n  ${problem}`);
  // Tests that have not ended would keep this process; what they started ends with it.
  process.exitCode = failed > 0 || problems.length > 0 ? 1 : 0;
} finally {
  await removeWorkspaces();
  process.exit();
}
