import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleSuite } from './bundle-suite.ts';
import { chooseHost } from './choose-host.ts';
import { trackProcesses } from './processes.ts';
import { parseResults, variables, type TestResult } from './results.ts';

/** What to run. */
export interface SuiteOptions {
  readonly extension: string;
  readonly workspace: string;
  /** Its files `*.suite.ts` are the tests. */
  readonly suite: string;
  /** Part of the titles of the tests that run. Default: all. */
  readonly grep?: string;
  /** For the editor and its tests together, from its start on. */
  readonly timeoutMs: number;
  readonly onResult: (result: TestResult) => void;
}

/** What an editor says whenever it starts without its compiled parts, or ends. */
const noise = /spdlog|watchdog|ServiceWorker|^Canceled|^Error: \d+ tests failed/;
/** Shows suites what other extensions tell the editor. */
const spectator = join(import.meta.dirname, '../spectator');
/** How often the file with the results is looked at. */
const lookMs = 100;

/**
 * Runs tests inside the extension host of a real VS Code.
 *
 * @returns what went wrong beside failed tests
 */
export async function runSuite(options: SuiteOptions): Promise<readonly string[]> {
  const host = await chooseHost();
  const module = await bundleSuite(options.suite);
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'treadle-code-')));
  const file = join(folder, 'results.ndjson');
  const processes = trackProcesses();
  const problems: string[] = [];
  let told = 0;
  let failed = 0;
  let said = '';
  const log = (text: string): void => {
    if (!noise.test(text)) said = `${said}${text.trim()}\n`.slice(-8000);
  };
  const tell = (): void => {
    const results = existsSync(file) ? parseResults(readFileSync(file, 'utf8')) : [];
    for (const result of results.slice(told)) {
      if (result.status === 'failed') failed++;
      options.onResult(result);
    }
    told = results.length;
  };
  const looking = setInterval(tell, lookMs);
  try {
    await cp(spectator, join(folder, 'extensions/treadle.spectator-1.0.0'), { recursive: true });
    const env = { [variables.results]: file, ...(options.grep === undefined ? {} : { [variables.grep]: options.grep }) };
    const { extension, workspace, timeoutMs } = options;
    const code = await within(timeoutMs, host.run({ extension, workspace, module, folder, env, processes, log }));
    tell();
    if (code !== 0 && failed === 0) problems.push(`The editor (${host.name}) ended with code ${code}.`);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    clearInterval(looking);
    const left = await processes.end();
    tell();
    if (told === 0) problems.push('No test ran.');
    for (const { pid, command } of left) problems.push(`Process ${pid} was left behind: ${command.slice(0, 200)}`);
    if (problems.length > 0 && said !== '') problems.push(`The editor said:\n${said}`);
    await rm(folder, { recursive: true, force: true });
    await rm(dirname(module), { recursive: true, force: true });
  }
  return problems;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The tests have not ended after ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // What the late one does then is of no interest.
    work.catch(() => {});
  }
}
