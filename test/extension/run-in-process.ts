import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node } from './host/node.ts';
import { parseResults, type TestResult } from './host/results.ts';

/** How `run.ts` ended. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly results: readonly TestResult[];
  /** What it printed. */
  readonly text: string;
}

/** Starts `run.ts` as people do, and waits for its end. It is stopped, with all that it started, when this process ends first. */
export async function runInProcess(kind: 'suite' | 'drive', args: readonly string[] = []): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'treadle-results-'));
  const file = join(folder, 'results.ndjson');
  const child = spawn(node(), [join(import.meta.dirname, 'run.ts'), kind, '--results', file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  process.once('exit', stop);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  process.off('exit', stop);
  const results = existsSync(file) ? parseResults(readFileSync(file, 'utf8')) : [];
  rmSync(folder, { recursive: true, force: true });
  return { exitCode, results, text };
}
