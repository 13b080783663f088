import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Mocha from 'mocha';
import { vsixVariable } from '../drive/workbench/open.ts';
import { install } from './install.ts';
import { packExtension } from './pack-extension.ts';
import { recordResults } from './record-results.ts';
import type { TestResult } from './results.ts';

/** What to run. */
export interface DriveOptions {
  readonly extension: string;
  /** Its files `*.drive.ts` are the tests. */
  readonly tests: string;
  readonly grep?: string;
  readonly timeoutMs: number;
  readonly onResult: (result: TestResult) => void;
}

/**
 * Runs tests that use the workbench as a person does, with the packed extension installed.
 *
 * @returns what went wrong beside failed tests
 */
export async function runDrive({ extension, tests, grep, timeoutMs, onResult }: DriveOptions): Promise<readonly string[]> {
  await install();
  const folder = await mkdtemp(join(tmpdir(), 'treadle-drive-'));
  let timer: NodeJS.Timeout | undefined;
  try {
    process.env[vsixVariable] = await packExtension(extension, folder);
    let told = 0;
    const mocha = new Mocha({
      ui: 'bdd',
      // A workbench that starts on a busy machine takes most of it.
      timeout: 120_000,
      reporter: recordResults((result) => {
        if (result.status !== 'skipped') told++;
        onResult(result);
      }),
      ...(grep === undefined ? {} : { grep }),
    });
    for (const file of (await readdir(tests)).filter((name) => name.endsWith('.drive.ts')).sort()) mocha.addFile(join(tests, file));
    await mocha.loadFilesAsync();
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`The tests have not ended after ${timeoutMs} ms.`), timeoutMs);
    });
    const ended = new Promise<string | undefined>((resolve) => mocha.run(() => resolve(told === 0 ? 'No test ran.' : undefined)));
    const problem = await Promise.race([late, ended]);
    return problem === undefined ? [] : [problem];
  } finally {
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  }
}
