import { relative, resolve, sep } from 'node:path';
import type { ReporterOptions } from './reporter.ts';

/** A file as CI systems name it: relative to the repository, with `/`. One outside of it stays absolute. */
export function repositoryPath(file: string, { cwd, repository = cwd }: ReporterOptions): string {
  const path = relative(repository, resolve(cwd, file));
  const shown = path.startsWith('..') ? resolve(cwd, file) : path;
  return sep === '/' ? shown : shown.split(sep).join('/');
}
