import { glob, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TreadleError } from '../../core/index.ts';
import { insideProject, projectFile } from '../project-path.ts';
import { fileState, type FileState } from '../readiness/file.ts';

/** Report files as they were before the command ran, so that old ones are not taken for its own. */
export type ReportsBefore = ReadonlyMap<string, FileState>;

/** Where report files are named. */
export interface ReportPlace {
  readonly root: string;
  readonly cwd: string;
  readonly patterns: readonly string[];
}

export async function reportsBefore(place: ReportPlace): Promise<ReportsBefore> {
  const before = new Map<string, FileState>();
  for (const file of await findReports(place)) before.set(file, await fileState(file));
  return before;
}

/**
 * The texts of the report files that a command has written.
 *
 * @throws `E_TESTS_FAILED` when it has not written any.
 */
export async function writtenReports(place: ReportPlace, before: ReportsBefore): Promise<readonly string[]> {
  const texts: string[] = [];
  let stale: string | undefined;
  for (const file of await findReports(place)) {
    const state = await fileState(file);
    if (state === 'missing') continue;
    if (state === before.get(file)) stale ??= file;
    else texts.push(await readFile(file, 'utf8'));
  }
  if (texts.length > 0) return texts;
  const patterns = place.patterns.join(', ');
  throw stale === undefined
    ? new TreadleError('E_TESTS_FAILED', `The command wrote no report ${patterns}.`, {
        hint: "Make the runner write its report there, or correct the option 'file'.",
      })
    : new TreadleError(
        'E_TESTS_FAILED',
        `The report ${projectFile(place.root, stale)} is from an earlier run: the command did not write it.`,
      );
}

async function findReports({ root, cwd, patterns }: ReportPlace): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const pattern of patterns) {
    if (!/[*?[{]/.test(pattern)) files.add(insideProject(root, resolve(cwd, pattern), 'file'));
    else for await (const found of glob(pattern, { cwd })) files.add(insideProject(root, resolve(cwd, found), 'file'));
  }
  return [...files].sort();
}
