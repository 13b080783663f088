import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CliProject, CliResult } from './cli.ts';

/** Imports of a pipeline file. */
export const head = `import { definePipeline, step } from 'treadle';\nimport { shell } from 'treadle/plugins';\n`;
/** The text of a pipeline file. */
export const pipeline = (steps: string, settings = '{}'): string => `${head}export default definePipeline([${steps}], ${settings});`;

/** A step that makes dist/all.txt of src. */
export const build = `shell('build', 'mkdir -p dist && cat src/* > dist/all.txt && echo built', { inputs: ['src'], outputs: ['dist'] })`;

/** What became of each step, such as `build: cached`, and why. */
export function stepsOf({ events }: CliResult): Readonly<Record<string, string>> {
  const steps: Record<string, string> = {};
  for (const event of events) {
    if (event.type === 'step:start') steps[event.id] = event.why ?? 'ran';
    if (event.type === 'step:end' && event.cached) steps[event.id] = 'cached';
    if (event.type === 'step:end' && event.status !== 'passed') steps[event.id] = event.status;
  }
  return steps;
}

/** Runs, and says what became of each step. */
export async function run(project: CliProject, ...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  return stepsOf(await project.run(['run', '--reporter', 'ndjson', ...args]));
}

/** All files in the cache that belong to its records, or contents. */
export function cachedFiles(project: CliProject, kind: 'records' | 'blobs'): readonly string[] {
  const folder = project.path('.treadle/cache/v2', kind);
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
}
